"""Two reports in, what changed between their sweeps out: as a value, as words, in the terminal, as JSON, Markdown and a page."""
