"""All of it together: ranking, the recommended one, diagnoses, checks and verdicts."""
