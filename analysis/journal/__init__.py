"""Findings and the author's notes as sections."""
