"""Run logs in, findings, figures and a journal out. Needs no torch."""
