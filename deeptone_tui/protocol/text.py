"""Strings from the other side, made fit for a terminal."""

import re

LONGEST = 1000
"""Characters of a text for people that are kept."""

MOST_DIGITS = 18
"""Of a whole number; no limit of ours has as many."""

# C0, DEL and C1 control characters, which could steer a terminal; lone surrogates, which cannot
# be written as UTF-8; separators that some programs take for the end of a line; and the marks
# that turn the direction of writing and so make a line read as another one.
_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def whole_number(text: str) -> int | None:
    """Return the number that some ASCII digits are; None for anything else, and for too many.

    Python itself takes digits of every script, and refuses to count with thousands of them.
    """
    few = text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS
    return int(text) if few else None


def is_key(text: str) -> bool:
    """Return whether a text can be an API key: one word of printable ASCII."""
    return text != "" and text.isascii() and text.isprintable() and " " not in text


def clean_name(text: str) -> str:
    """Return a model's, class's or channel's name with what is unfit replaced."""
    return _UNFIT.sub(_REPLACEMENT, text)


def clean_line(text: str) -> str:
    """Return a text for people as one line of bounded length, with what is unfit replaced."""
    # Cut first, so that megabytes are not worked on; a generous cut, as spaces will go.
    line = clean_name(" ".join(text[: 4 * LONGEST].split()))
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"
