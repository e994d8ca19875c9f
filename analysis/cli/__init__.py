"""One module a command, each with `command(asked)`, which takes the parsed arguments and returns the exit code; see main.py."""
