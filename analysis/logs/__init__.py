"""Whatever was logged, by any tool, as one frame of runs and one of epochs."""
