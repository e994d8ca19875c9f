"""One module a command: each has `command(asked)`, which takes the parsed arguments and returns the exit code."""

DONE, BAD_NEWS, WRONG_INPUT, NO_ANSWER, UNEXPECTED = 0, 1, 2, 3, 70
