"use strict"

const STEP = 100 // rows of a large table that stand in the page at a time
const MOST_PRINTED = 1000 // rows of a table on paper
const all = (selector, root = document) => [...root.querySelectorAll(selector)]
const counted = number => number.toLocaleString("en")

function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) if (value || value === 0) node.setAttribute(name, value)
  node.append(...children)
  return node
}

const element = (name, attributes, ...children) => filled(document.createElement(name), attributes, children)
const shape = (name, attributes, ...children) =>
  filled(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children)

function button(words, action) {
  const made = element("button", { type: "button", class: "button" }, words)
  made.addEventListener("click", () => action(made))
  return made
}

// Graphics in tables, drawn from the numbers in their cells.

const drawing = (width, height, ...shapes) =>
  shape("svg", { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true", fill: "none", stroke: "currentColor" }, ...shapes)

/* An interval and its mean on the table's scale: an open dot where one run leaves no interval, an arrow for a mean off the scale. */
function spanDrawing(text) {
  const numbers = text.split(" ").map(Number)
  const [low, mean, high] = numbers.length === 3 ? numbers : [NaN, numbers[0], NaN]
  const x = share => 4 + 112 * Math.min(1, Math.max(0, share))
  const colour = { stroke: "var(--accent)", fill: "var(--accent)" }
  const open = { stroke: "var(--accent)", fill: "var(--paper)", "stroke-width": 1.6 }
  const known = low <= high
  const line = known ? [shape("path", { ...colour, d: `M${x(low)} 8H${x(high)}`, "stroke-width": 3, opacity: 0.5 })] : []
  const dot = shape("circle", { ...(known ? colour : open), cx: x(mean), cy: 8, r: 3.5 })
  const arrow = shape("path", { ...colour, d: mean < 0 ? "M1 8l6-4v8z" : "M119 8l-6-4v8z" })
  const track = shape("path", { d: "M4 8H116", opacity: 0.16 })
  return drawing(120, 16, track, ...line, mean < 0 || mean > 1 ? arrow : dot)
}

function curveDrawing(text) {
  const heights = text.split(" ").map(Number)
  const x = i => 3 + (74 * i) / Math.max(1, heights.length - 1)
  const points = heights.map((height, i) => `${x(i).toFixed(1)},${(19 - 16 * height).toFixed(1)}`)
  return drawing(80, 22, shape("polyline", { points: points.join(" "), "stroke-width": 1.5, opacity: 0.75 }))
}

function drawGraphics(root) {
  for (const cell of all("td.graphic:empty", root)) {
    const { span, curve } = cell.dataset
    if (span) cell.append(spanDrawing(span))
    if (curve) cell.append(curveDrawing(curve))
  }
}

// What rows are sorted by.

const SECONDS = { h: 3600, min: 60, s: 1 }
const TIME = /^([\d.]+ (h|min|s)( |$))+$/
const DATE = /^\d{1,2} [A-Z][a-z]+ \d{4}, \d\d:\d\d UTC$/
const NUMBER = /[-+−]?(\d{1,3}(,\d{3})+(?!\d)|\d+|(?=\.\d))(\.\d+)?(e[-+]?\d+)?/i
const natural = new Intl.Collator("en", { numeric: true }).compare

/* The number that a text begins with or shows, a time in seconds; NaN where it shows none. */
function number(text) {
  if (DATE.test(text)) return Date.parse(text)
  if (TIME.test(text)) return [...text.matchAll(/([\d.]+) (\w+)/g)].reduce((sum, [, n, unit]) => sum + n * SECONDS[unit], 0)
  return Number(text.match(NUMBER)?.[0].replaceAll(",", "").replace("−", "-") ?? NaN)
}

/* Orders rows by a column. Those with nothing to compare come last in both directions. */
function byColumn(column, isNumber, direction) {
  const key = ({ keys, texts }) => keys[column] ??= isNumber || DATE.test(texts[column]) ? number(texts[column]) : texts[column]
  const missing = value => value === "–" || value === "" || Number.isNaN(value)
  return (a, b) => {
    const [x, y] = [key(a), key(b)]
    if (missing(x) || missing(y)) return missing(x) - missing(y)
    return direction * (typeof x === "number" && typeof y === "number" ? x - y : natural(x, y))
  }
}

// Tables. A row is {texts, id, keys} and its tr, or the data to make it from where it was never shown.

class SortedTable {
  constructor(block) {
    this.block = block
    this.table = block.querySelector("table")
    this.body = this.table.tBodies[0]
    this.heads = [...this.table.tHead.rows[0].cells]
    this.columns = this.heads.filter(head => !head.matches(".graphic"))
    this.count = Number(this.table.dataset.count)
    this.words = [] // that a row must hold to be found
    this.sorted = { column: 0, direction: 0 }
    this.start = 0
    this.end = STEP
    this.folded = new Set() // places of columns that are not shown
    if (this.count > 1) this.columns.forEach((head, column) => this.addSorting(head, column))
    if (this.count > 8) this.addTools()
    if (this.count > STEP) this.addMore()
    this.addFolding()
  }

  /* All rows in the page's order. The data beside the table are read when they are first needed. */
  get rows() {
    const shown = [...this.body.rows].map(tr => ({ tr, id: tr.id, keys: [], texts: this.texts(tr) }))
    const data = JSON.parse(this.block.querySelector("script")?.textContent ?? "[]")
    const value = [...shown, ...data.map(line => ({ line, id: line[1], keys: [], texts: line[0] }))]
    Object.defineProperty(this, "rows", { value })
    this.found = value
    return value
  }

  texts(tr) {
    return [...tr.cells].filter(cell => !cell.matches(".graphic")).map(cell => cell.textContent)
  }

  build([texts, id, links, best, span, curve]) {
    const left = texts.map((text, i) => [text, links.find(([place]) => place === i)])
    const cells = this.heads.map((head, i) => {
      const place = i ? {} : { scope: "row" }
      const cell = element(i ? "td" : "th", { ...place, class: head.className })
      if (head.matches(".span")) cell.dataset.span = span
      else if (head.matches(".curve")) cell.dataset.curve = curve
      else {
        const [text, link] = left.shift()
        cell.append(link ? element("a", { href: `#${link[1]}` }, text) : text)
      }
      return cell
    })
    return element("tr", { id, class: best && "best" }, ...cells)
  }

  /* Puts the rows from start to end into the page, and tells how many there are. */
  show() {
    const last = Math.min(this.end, this.found.length)
    const part = this.start || last < this.found.length ? `, ${counted(this.start + 1)} to ${counted(last)} shown` : ""
    this.body.replaceChildren(...this.found.slice(this.start, last).map(row => row.tr ??= this.build(row.line)))
    drawGraphics(this.body)
    this.hideFolded()
    const match = `${counted(this.found.length)} of ${counted(this.count)} rows match`
    if (this.status) this.status.textContent = (this.words.length ? match : `${counted(this.count)} rows`) + part
    if (!this.after) return
    this.before.hidden = this.start === 0
    this.after.hidden = last === this.found.length
  }

  /* Filters and sorts anew, and shows what comes first. */
  arrange() {
    const { column, direction } = this.sorted
    const text = row => row.text ??= row.texts.join("\n").toLowerCase()
    this.found = this.rows.filter(row => this.words.every(word => text(row).includes(word)))
    if (direction) this.found.sort(byColumn(column, !this.columns[column].matches(".words"), direction))
    this.move(0, STEP)
  }

  move(start, end) {
    this.rows
    this.start = start
    this.end = end
    this.show()
  }

  /* The first click sorts upwards, the second downwards, the third brings the page's order back. */
  addSorting(head, column) {
    const sort = element("button", { type: "button", class: "sort" }, ...head.childNodes)
    head.append(sort)
    sort.addEventListener("click", () => {
      const before = this.sorted.column === column ? this.sorted.direction : 0
      this.sorted = { column, direction: before === 0 ? 1 : before === 1 ? -1 : 0 }
      this.heads.forEach(other => other.removeAttribute("aria-sort"))
      if (this.sorted.direction) head.setAttribute("aria-sort", before ? "descending" : "ascending")
      this.arrange()
    })
  }

  addTools() {
    this.field = element("input", { type: "search", autocomplete: "off", spellcheck: "false" })
    this.field.addEventListener("input", () => {
      this.words = this.field.value.toLowerCase().split(/\s+/).filter(Boolean)
      this.arrange()
    })
    this.status = this.block.querySelector("[role=status]") ?? element("span", { role: "status" })
    const copy = button("Copy table", made => copyText(this.tsv(), made))
    this.block.prepend(element("div", { class: "tools" }, element("label", {}, "Filter", this.field), copy, this.status))
    this.status.textContent = `${counted(this.count)} rows`
  }

  addMore() {
    this.before = button(`Show ${STEP} before`, () => this.move(this.start - STEP, this.end))
    this.after = button(`Show ${STEP} more`, () => this.move(this.start, this.end + STEP))
    this.before.hidden = true
    this.block.querySelector(".more").append(this.before, this.after)
    this.status.textContent += `, 1 to ${STEP} shown`
  }

  /* Folds columns where the page has no room for all: those first that say so first, of these the last one, until the rest fits. */
  addFolding() {
    const region = this.block.querySelector(".wide")
    const foldable = this.heads.map((head, place) => ({ place, folds: Number(head.dataset.folds ?? 0) })).filter(each => each.folds)
    foldable.sort((a, b) => b.folds - a.folds || b.place - a.place)
    if (!foldable.length) return
    let unfolded = false // by the reader
    let width = 0
    const more = button("", () => {
      unfolded = !unfolded
      fit()
    })
    const fit = () => {
      this.folded.clear()
      this.hideFolded()
      const hidden = []
      for (const { place } of foldable) {
        if (this.table.offsetWidth <= region.clientWidth) break
        hidden.push(place)
        if (!unfolded) {
          this.folded.add(place)
          this.hideFolded()
        } else break
      }
      more.hidden = !hidden.length
      more.textContent = unfolded ? "Fewer columns" : `${hidden.length} more column${hidden.length > 1 ? "s" : ""}`
    }
    const tools = this.block.querySelector(".tools") ?? element("div", { class: "tools" })
    tools.append(more)
    this.block.prepend(tools)
    new ResizeObserver(() => {
      if (region.clientWidth === width) return
      width = region.clientWidth
      if (width) fit()
    }).observe(region)
  }

  hideFolded() {
    for (const row of [this.table.tHead.rows[0], ...this.body.rows]) {
      for (const cell of row.cells) cell.hidden = this.folded.has(cell.cellIndex)
    }
  }

  /* Every row that is found, with tabs between the cells. */
  tsv() {
    const rows = this.rows && this.found
    const lines = [this.columns.map(head => head.textContent), ...rows.map(row => row.texts)]
    return lines.map(cells => cells.map(cell => cell.trim().replace(/\s+/g, " ")).join("\t") + "\n").join("")
  }

  /* Brings the row with this id into the page, and ends the filter if that hides it; whether there is one. */
  bring(id) {
    const row = this.rows.find(row => row.id === id)
    if (!row) return false
    if (!this.found.includes(row)) {
      this.field.value = ""
      this.words = []
      this.arrange()
    }
    const start = STEP * Math.floor(this.found.indexOf(row) / STEP)
    this.move(start, start + STEP)
    return true
  }
}

/* Shows what the page's address names: a row that is not in the page yet, or what is folded away. */
function reveal(tables) {
  const id = location.hash.slice(1)
  const missing = id !== "" && !document.getElementById(id)
  const brought = missing && tables.some(table => table.bring(id))
  const target = document.getElementById(id)
  all(".asked").forEach(row => row.classList.remove("asked"))
  const folded = target?.closest("main details:not([open])")
  if (folded) folded.open = true
  if (brought) target.classList.add("asked")
  if (brought || folded) target.scrollIntoView({ block: "center" })
}

// Contents: the link of the section that is being read is marked; on a narrow screen they are folded.

function followReading() {
  const sections = all("main > section")
  const inBand = new Set() // the sections in a band near the top of the screen
  const name = section => section.getAttribute("aria-labelledby")
  const isSeen = section => section.getBoundingClientRect().top < innerHeight && section.getBoundingClientRect().bottom > 0
  const current = () => {
    if (scrollY === 0 || innerHeight + scrollY < document.documentElement.scrollHeight - 2) return sections.find(s => inBand.has(s))
    return sections.find(section => "#" + name(section) === location.hash && isSeen(section)) ?? sections.at(-1)
  }
  const mark = () => {
    const section = current()
    if (!section) return
    all("nav a").forEach(link => link.removeAttribute("aria-current"))
    all("nav a").find(link => link.getAttribute("href") === "#" + name(section))?.setAttribute("aria-current", "true")
  }
  const observer = new IntersectionObserver(entries => {
    for (const { target, isIntersecting } of entries) isIntersecting ? inBand.add(target) : inBand.delete(target)
    mark()
  }, { rootMargin: "-70px 0px -80% 0px" })
  sections.forEach(section => observer.observe(section))
  const end = document.querySelector("main").appendChild(element("div", {}))
  new IntersectionObserver(mark, { rootMargin: "0px 0px 2px 0px" }).observe(end)
  addEventListener("hashchange", mark)
}

function foldContents() {
  const menu = document.querySelector("nav details")
  const narrow = matchMedia("(max-width: 64rem)")
  const fold = () => { menu.open = !narrow.matches }
  narrow.addEventListener("change", fold)
  menu.addEventListener("click", event => { if (narrow.matches && event.target.closest("a")) menu.open = false })
  fold()
}

// Copying, also where a page from a file may not use the clipboard.

function copyText(text, made) {
  const words = made.textContent
  const done = said => {
    made.textContent = said
    setTimeout(() => { made.textContent = words }, 1600)
  }
  const byHand = () => {
    const area = element("textarea", { class: "unseen" }, text)
    document.body.append(area)
    area.select()
    done(document.execCommand("copy") ? "Copied" : "Not copied")
    area.remove()
    made.focus()
  }
  if (navigator.clipboard) navigator.clipboard.writeText(text).then(() => done("Copied"), byHand)
  else byHand()
}

function addCopying() {
  for (const recipe of all(".recipe")) recipe.append(button("Copy", made => copyText(recipe.querySelector("code").textContent, made)))
}

/* Light and dark. A page from a file may have no storage; the choice then lasts as long as the page. */
function addThemes() {
  const themes = ["auto", "light", "dark"]
  const stored = use => { try { return use(localStorage) } catch { return null } }
  const choose = theme => {
    document.documentElement.dataset.theme = theme
    made.textContent = `Colours: ${theme}`
  }
  const made = button("", () => {
    const next = themes[(themes.indexOf(document.documentElement.dataset.theme) + 1) % themes.length]
    choose(next)
    stored(storage => storage.setItem("sweepbook-colours", next))
  })
  const before = stored(storage => storage.getItem("sweepbook-colours"))
  choose(themes.includes(before) ? before : "auto")
  document.querySelector("nav ul").append(element("li", { class: "theme" }, made))
}

/* Only what scrolls is a stop for the keyboard. */
function keepStops() {
  const observer = new ResizeObserver(entries => entries.forEach(({ target }) => {
    if (target.scrollWidth > target.clientWidth) target.tabIndex = 0
    else target.removeAttribute("tabindex")
  }))
  all("main [tabindex='0']").forEach(region => observer.observe(region))
}

/* On paper nothing is folded, and a table has all of its rows, up to a number that someone may still leaf through. */
function unfoldForPaper(tables) {
  let opened = []
  const long = tables.filter(table => table.after && table.count <= MOST_PRINTED)
  addEventListener("beforeprint", () => {
    opened = all("main details:not([open])")
    opened.forEach(details => { details.open = true })
    long.forEach(table => table.move(0, table.rows.length))
  })
  addEventListener("afterprint", () => {
    opened.forEach(details => { details.open = false })
    long.forEach(table => table.move(0, STEP))
  })
}

// The words of the glossary: each explains itself on hover, focus and tap, and Escape ends that. Without a script they are links.

function addMeanings() {
  const words = all("a.term")
  const box = element("div", { class: "meaning", id: "meaning", role: "tooltip", hidden: true })
  let shown = null
  let leaving = 0
  const hide = () => {
    box.hidden = true
    shown?.removeAttribute("aria-describedby")
    shown = null
  }
  const show = word => {
    clearTimeout(leaving)
    if (word === shown) return
    hide()
    box.textContent = document.getElementById(word.hash.slice(1)).nextElementSibling.textContent
    box.hidden = false
    word.setAttribute("aria-describedby", "meaning")
    shown = word
    const [line, { width, height }, room] = [word.getClientRects()[0], box.getBoundingClientRect(), document.documentElement.clientWidth]
    const above = line.bottom + height + 12 > innerHeight && line.top > height + 12
    box.style.left = `${scrollX + Math.max(8, Math.min(line.left, room - width - 8))}px`
    box.style.top = `${scrollY + (above ? line.top - height - 6 : line.bottom + 6)}px`
  }
  const leave = () => { leaving = setTimeout(hide, 200) }
  for (const word of words) {
    word.addEventListener("pointerenter", event => { if (event.pointerType !== "touch") show(word) })
    word.addEventListener("pointerleave", leave)
    word.addEventListener("focus", () => show(word))
    word.addEventListener("blur", hide)
    word.addEventListener("click", event => {
      if (event.pointerType !== "touch") return
      event.preventDefault()
      show(word)
    })
  }
  box.addEventListener("pointerenter", () => clearTimeout(leaving))
  box.addEventListener("pointerleave", leave)
  addEventListener("keydown", event => { if (event.key === "Escape") hide() })
  if (words.length) document.querySelector("main").append(box)
}

drawGraphics(document)
const tables = all(".table").map(block => new SortedTable(block))
foldContents()
addThemes()
addCopying()
keepStops()
addMeanings()
unfoldForPaper(tables)
followReading()
addEventListener("hashchange", () => reveal(tables))
document.addEventListener("click", event => { if (event.target.closest("a")?.hash === location.hash) reveal(tables) })
reveal(tables)

// On a phone the five answers come first; why they are so opens on a tap.

if (matchMedia("(max-width: 40rem)").matches) for (const reason of all(".because")) reason.open = false
