"""Planned runs in, their logs and events out: the processes that train, on this machine or elsewhere."""
