"""Text as the terminal gets it."""


def octets(text: str) -> bytes:
    """A text in UTF-8.

    Names of files need not be UTF-8; Python keeps their other bytes as surrogates, which are
    counted as one cell, and cannot be written: a question mark is shown for each.
    """
    return text.encode("utf-8", "replace")
