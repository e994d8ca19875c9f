"""Tables that hold runs: a file in, its columns as values, what each column is, and the runs out; docs/tables.md has the rules."""
