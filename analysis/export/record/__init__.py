"""findings.json and runs.csv, written and read side by side."""

FINDINGS, RUNS = "findings.json", "runs.csv"
SCHEMA = 1  # of findings.json
