"""Plans in, run logs out: reads a study plan, trains what is missing, writes one log per run."""
