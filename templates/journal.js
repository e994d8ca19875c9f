"use strict"

// Small things that everything else uses.

const STEP = 100 // rows of a large table that stand in the page at a time
const SVG = "http://www.w3.org/2000/svg"
const all = (selector, root = document) => [...root.querySelectorAll(selector)]
const counted = number => number.toLocaleString("en")

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  made.append(...children)
  return made
}

function button(words, action) {
  const made = element("button", { type: "button", class: "button" }, words)
  made.addEventListener("click", () => action(made))
  return made
}

// Graphics in tables, drawn from the numbers in their cells' attributes.

function drawing(width, height, ...shapes) {
  const svg = document.createElementNS(SVG, "svg")
  const attributes = { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true", fill: "none", stroke: "currentColor" }
  for (const [name, values] of [[svg, attributes], ...shapes]) {
    const shape = name === svg ? svg : svg.appendChild(document.createElementNS(SVG, name))
    for (const [key, value] of Object.entries(values)) shape.setAttribute(key, value)
  }
  return svg
}

/* An interval and its mean on the table's scale; a row of one run has an open dot, and a mean off the scale an arrow. */
function spanDrawing(text) {
  const x = share => 4 + 112 * Math.min(1, Math.max(0, share))
  const numbers = text.split(" ").map(Number)
  const [low, mean, high] = numbers.length === 3 ? numbers : [null, numbers[0], null]
  const accent = { stroke: "var(--accent)", fill: "var(--accent)" }
  const shapes = [["path", { d: "M4 8H116", opacity: 0.16 }]]
  if (low !== null) shapes.push(["path", { ...accent, d: `M${x(low)} 8H${x(high)}`, "stroke-width": 3, opacity: 0.5 }])
  if (mean < 0) shapes.push(["path", { ...accent, d: "M1 8l6-4v8z" }])
  else if (mean > 1) shapes.push(["path", { ...accent, d: "M119 8l-6-4v8z" }])
  else if (low !== null) shapes.push(["circle", { ...accent, cx: x(mean), cy: 8, r: 3.6 }])
  else shapes.push(["circle", { ...accent, cx: x(mean), cy: 8, r: 3.4, fill: "var(--paper)", "stroke-width": 1.6 }])
  return drawing(120, 16, ...shapes)
}

function curveDrawing(text) {
  const heights = text.split(" ").map(Number)
  const points = heights.map((height, i) => `${(3 + (74 * i) / Math.max(1, heights.length - 1)).toFixed(1)},${(19 - 16 * height).toFixed(1)}`)
  return drawing(80, 22, ["polyline", { points: points.join(" "), "stroke-width": 1.5, opacity: 0.75 }])
}

function drawGraphics(root) {
  for (const cell of all("td.span", root)) if (cell.dataset.span && !cell.firstChild) cell.append(spanDrawing(cell.dataset.span))
  for (const cell of all("td.curve", root)) if (cell.dataset.curve && !cell.firstChild) cell.append(curveDrawing(cell.dataset.curve))
}

// Values to sort by.

const UNITS = { h: 3600, min: 60, s: 1 }
const TIME = /^(\d+ h )?(\d+ min|[\d.]+ s)( \d+ s)?$/
const DATE = /^\d{1,2} [A-Z][a-z]+ \d{4}, \d\d:\d\d UTC$/
const NUMBER = /[-+−]?(\d{1,3}(,\d{3})+(?!\d)|\d+)?(\.\d+|\d)(e[-+]?\d+)?/i
const natural = new Intl.Collator("en", { numeric: true }).compare

/* The number that a text shows, in seconds if it is a time; NaN if it shows none. */
function number(text) {
  if (TIME.test(text)) return [...text.matchAll(/([\d.]+) (h|min|s)/g)].reduce((sum, [, n, unit]) => sum + n * UNITS[unit], 0)
  if (DATE.test(text)) return Date.parse(text)
  const found = text.match(NUMBER)
  return found ? Number(found[0].replaceAll(",", "").replace("−", "-")) : NaN
}

/* Orders rows by a column; those with nothing to compare come last, whichever the direction. */
function byColumn(column, isNumber, direction) {
  const key = row => row.keys[column] ??= isNumber || DATE.test(row.texts[column]) ? number(row.texts[column]) : row.texts[column]
  const missing = value => value === "–" || value === "" || Number.isNaN(value)
  return (a, b) => {
    const [x, y] = [key(a), key(b)]
    if (missing(x) || missing(y)) return missing(x) - missing(y)
    return direction * (typeof x === "number" && typeof y === "number" ? x - y : natural(String(x), String(y)))
  }
}

// Tables: rows are {texts, keys, tr}; a row that was never shown has its data instead of its tr.

class SortedTable {
  constructor(block) {
    this.block = block
    this.table = block.querySelector("table")
    this.body = this.table.tBodies[0]
    this.heads = [...this.table.tHead.rows[0].cells]
    this.columns = this.heads.filter(head => !head.matches(".graphic"))
    this.count = Number(this.table.dataset.count)
    this.status = block.querySelector("[role=status]")
    this.sorted = { column: -1, direction: 0 }
    this.words = []
    this.window = [0, Math.min(STEP, this.count)]
    this.columns.forEach((head, column) => this.addSorting(head, column))
    if (this.count > 8) this.addTools()
    if (this.count > STEP) this.addMore()
  }

  /* All rows in the order of the file; the data beside the table is read when it is first needed. */
  get rows() {
    const cells = tr => [...tr.cells].filter(cell => !cell.matches(".graphic"))
    const shown = [...this.body.rows].map(tr => ({ tr, id: tr.id, keys: [], texts: cells(tr).map(cell => cell.textContent) }))
    const data = JSON.parse(this.block.querySelector("script")?.textContent ?? "[]")
    const rest = data.map(line => ({ texts: line[0], id: line[1], keys: [], line }))
    Object.defineProperty(this, "rows", { value: [...shown, ...rest] })
    this.found = this.rows
    return this.rows
  }

  build([texts, id, links, best, span, curve]) {
    const tr = element("tr", { ...(id && { id }), ...(best && { class: "best" }) })
    const left = texts.map((text, i) => [text, links.find(([place]) => place === i)])
    for (const head of this.heads) {
      const [isSpan, isCurve] = ["span", "curve"].map(name => head.matches("." + name))
      const attributes = { ...(head.className && { class: head.className }), ...(isSpan && { "data-span": span }), ...(isCurve && { "data-curve": curve }) }
      const cell = element(head === this.heads[0] ? "th" : "td", attributes)
      if (head === this.heads[0]) cell.scope = "row"
      if (!isSpan && !isCurve) {
        const [text, link] = left.shift()
        cell.append(link ? element("a", { href: "#" + link[1] }, text) : text)
      }
      tr.append(cell)
    }
    return tr
  }

  show() {
    const [start, end] = this.window
    const shown = this.found.slice(start, end)
    this.body.replaceChildren(...shown.map(row => row.tr ??= this.build(row.line)))
    drawGraphics(this.body)
    const last = Math.min(end, this.found.length)
    const part = start ? `Rows ${counted(start + 1)} to ${counted(last)} of` : shown.length < this.found.length ? `The first ${counted(last)} of` : ""
    const rows = `${counted(this.found.length)} ${this.words.length ? `of ${counted(this.count)} rows match` : this.found.length === 1 ? "row" : "rows"}`
    this.status.textContent = `${part} ${rows}`.trim()
    if (this.after) {
      this.before.hidden = start === 0
      this.after.hidden = last === this.found.length
      this.after.textContent = `Show ${Math.min(STEP, this.found.length - last)} more`
    }
  }

  /* Filters and sorts anew, and shows the first rows of what is left. */
  arrange() {
    const { column, direction } = this.sorted
    const text = row => row.text ??= row.texts.join("\n").toLowerCase()
    this.found = this.rows.filter(row => this.words.every(word => text(row).includes(word)))
    if (direction) this.found.sort(byColumn(column, !this.columns[column].matches(".words"), direction))
    this.window = [0, STEP]
    this.show()
  }

  /* A click sorts up, the next one down, and the third one back to the order of the file. */
  addSorting(head, column) {
    const sort = element("button", { type: "button", class: "sort" }, ...head.childNodes)
    head.append(sort)
    sort.addEventListener("click", () => {
      const direction = this.sorted.column === column ? { 0: 1, 1: -1, "-1": 0 }[this.sorted.direction] : 1
      this.sorted = { column, direction }
      this.heads.forEach(other => other.removeAttribute("aria-sort"))
      if (direction) head.setAttribute("aria-sort", direction > 0 ? "ascending" : "descending")
      this.arrange()
    })
  }

  addTools() {
    const field = element("input", { type: "search", autocomplete: "off", spellcheck: "false" })
    field.addEventListener("input", () => {
      this.words = field.value.toLowerCase().split(/\s+/).filter(Boolean)
      this.arrange()
    })
    this.field = field
    const copy = button("Copy table", made => copyText(this.tsv(), made))
    this.block.prepend(element("div", { class: "tools" }, element("label", {}, "Filter", field), copy, this.status ??= element("span", { role: "status" })))
  }

  tsv() {
    const lines = [this.columns.map(head => head.textContent), ...(this.rows && this.found).map(row => row.texts)]
    return lines.map(cells => cells.map(cell => cell.replace(/\s+/g, " ")).join("\t")).join("\n") + "\n"
  }

  addMore() {
    const move = (start, end) => () => {
      this.window = [this.window[0] + start, this.window[1] + end]
      this.rows && this.show()
    }
    this.before = button(`Show ${STEP} before`, move(-STEP, 0))
    this.before.hidden = true
    this.after = button(`Show ${Math.min(STEP, this.count - STEP)} more`, move(0, STEP))
    this.block.querySelector(".more").append(this.before, this.after)
    this.block.querySelector(".tools").append(this.status)
    this.status.textContent = `The first ${STEP} of ${counted(this.count)} rows`
  }

  /* Brings the row with this id into the page, out of the filter if it must be; whether there is one. */
  bring(id) {
    const row = this.rows.find(row => row.id === id)
    if (!row) return false
    if (!this.found.includes(row)) {
      this.field.value = ""
      this.words = []
      this.arrange()
    }
    const start = STEP * Math.floor(this.found.indexOf(row) / STEP)
    this.window = [start, start + STEP]
    this.show()
    return true
  }
}

/* Shows what a link of the page leads to: a row that is not in it yet, or what is folded away. */
function reveal(tables) {
  const id = decodeURIComponent(location.hash.slice(1))
  all(".asked").forEach(row => row.classList.remove("asked"))
  const hidden = id && !document.getElementById(id)
  if (hidden && !tables.some(table => table.bring(id))) return
  const target = document.getElementById(id)
  if (!target) return
  for (let folded = target.closest("details:not([open])"); folded; folded = folded.parentElement.closest("details:not([open])")) folded.open = true
  if (!hidden) return
  target.classList.add("asked")
  target.scrollIntoView({ block: "center" })
}

// Contents: the link of the section that is being read is marked; on a narrow screen they are folded.

function followReading() {
  const links = new Map(all("nav a").map(link => [link.hash.slice(1), link]))
  const sections = all("main > section")
  const name = section => section.getAttribute("aria-labelledby")
  const inBand = new Set()
  const mark = section => {
    for (const link of links.values()) link.removeAttribute("aria-current")
    links.get(name(section))?.setAttribute("aria-current", "true")
  }
  const asked = () => sections.find(section => "#" + name(section) === location.hash)
  const visible = section => section && section.getBoundingClientRect().top < innerHeight && section.getBoundingClientRect().bottom > 0
  const update = () => {
    const atEnd = innerHeight + scrollY >= document.documentElement.scrollHeight - 2
    if (atEnd && scrollY > 0) mark(visible(asked()) ? asked() : sections.at(-1))
    else if (inBand.size) mark(sections.findLast(section => inBand.has(section)))
  }
  const observer = new IntersectionObserver(entries => {
    for (const entry of entries) entry.isIntersecting ? inBand.add(entry.target) : inBand.delete(entry.target)
    update()
  }, { rootMargin: "-15% 0px -80% 0px" })
  sections.forEach(section => observer.observe(section))
  new IntersectionObserver(update, { rootMargin: "0px 0px 2px 0px" }).observe(document.querySelector("main").appendChild(element("div")))
  addEventListener("hashchange", update)
}

function foldContents() {
  const menu = document.querySelector("nav details")
  const narrow = matchMedia("(max-width: 64rem)")
  const fold = () => { menu.open = !narrow.matches }
  narrow.addEventListener("change", fold)
  menu.addEventListener("click", event => { if (narrow.matches && event.target.closest("a")) menu.open = false })
  fold()
}

// Copying

function copyText(text, made) {
  const words = made.textContent
  const done = how => {
    made.textContent = how
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
  for (const recipe of all(".recipe")) {
    const copy = button("Copy", made => copyText(recipe.querySelector("code").textContent, made))
    copy.setAttribute("aria-live", "polite")
    recipe.append(copy)
  }
}

// Light and dark; a page from a file may have no storage, and then the choice lasts as long as the page.

function addThemes() {
  const themes = ["auto", "light", "dark"]
  const stored = act => { try { return act(localStorage) } catch { return null } }
  const choose = (theme, made) => {
    document.documentElement.dataset.theme = theme
    made.textContent = `Colours: ${theme}`
    stored(storage => storage.setItem("sweepbook-theme", theme))
  }
  const made = button("", () => choose(themes[(themes.indexOf(document.documentElement.dataset.theme) + 1) % 3], made))
  const before = stored(storage => storage.getItem("sweepbook-theme"))
  choose(themes.includes(before) ? before : "auto", made)
  made.classList.add("theme")
  document.querySelector("nav details").append(made)
}

// Only what scrolls is a stop for the keyboard.

function keepStops() {
  const observer = new ResizeObserver(entries => {
    for (const { target } of entries) {
      if (target.scrollWidth > target.clientWidth) target.tabIndex = 0
      else target.removeAttribute("tabindex")
    }
  })
  all("main [tabindex='0']").forEach(region => observer.observe(region))
}

function unfoldForPaper() {
  let opened = []
  addEventListener("beforeprint", () => {
    opened = all("main details:not([open])")
    opened.forEach(details => { details.open = true })
  })
  addEventListener("afterprint", () => opened.forEach(details => { details.open = false }))
}

drawGraphics(document)
const tables = all(".table").map(block => new SortedTable(block))
foldContents()
addThemes()
addCopying()
keepStops()
followReading()
unfoldForPaper()
addEventListener("hashchange", () => reveal(tables))
document.addEventListener("click", event => { if (event.target.closest?.(`a[href="${location.hash || "#none"}"]`)) reveal(tables) })
reveal(tables)
