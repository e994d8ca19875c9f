"""A ranking, a group, a configuration or a run, as `show` prints it."""
