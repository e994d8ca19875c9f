"""The exit codes of the commands."""

DONE, BAD_NEWS, WRONG_INPUT, NO_ANSWER, UNEXPECTED = 0, 1, 2, 3, 70


class Interrupted(BaseException):
    """SIGINT or SIGTERM came."""
