"""Any text of a log, or name of a file, in; text that every page, table and file can hold out."""


def readable(text: str) -> str:
    """`text` with what is no character, as bytes of a name that are no UTF-8 or half of a pair in JSON, written as an escape.

    >>> readable("café"), readable("caf\\udce9")
    ('café', 'caf\\\\udce9')
    """
    return text if text.isascii() else text.encode(errors="backslashreplace").decode()
