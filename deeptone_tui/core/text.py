"""Text: cleaned, cut, compared with known names; lengths of time; the rule for keys."""

import re
from collections.abc import Iterable

LONGEST_CHARS = 1000
"""Characters of a text for people that are kept."""

LONGEST_RAW_CHARS = 4 * LONGEST_CHARS
"""Characters of a text that are looked at: a generous cut, as spaces will go."""

MOST_DIGITS = 18
"""Of a whole number; no limit of ours has as many."""

# C1 control characters and DEL, which steer a terminal as C0 does; lone surrogates, which cannot
# be written as UTF-8; separators that some programs take for the end of a line; and the marks
# that turn the direction of writing and so make a line read as another one.
_BEYOND_C0 = "\x7f-\x9f\ud800-\udfff\u2028\u2029\u202a-\u202e\u2066-\u2069"
_UNFIT = re.compile(f"[\x00-\x1f{_BEYOND_C0}]")
_UNFIT_IN_LINES = re.compile(f"[\x00-\x08\x0b-\x1f{_BEYOND_C0}]")
_UNFIT_IN_JSON = re.compile(f"[{_BEYOND_C0}]")
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def clock(seconds: float, *, tenths: bool = False) -> str:
    """Return hours, minutes and seconds, cut off, not rounded: ``00:03:12`` or ``00:03:12.4``."""
    ticks = int(seconds * 10 + 1e-6)
    whole, tenth = divmod(ticks, 10)
    text = f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"
    return f"{text}.{tenth}" if tenths else text


def short_clock(seconds: float) -> str:
    """Return minutes and seconds, cut off: ``1:03``, ``61:26``."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def whole_number(text: str) -> int | None:
    """Return the number that some ASCII digits are; None for anything else, and for too many.

    Python itself takes digits of every script, and refuses to count with thousands of them.
    """
    few = text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS
    return int(text) if few else None


KEY_RULE = "an API key is one word of printable ASCII characters"
"""What `is_key` asks for, in words."""


def is_key(text: str) -> bool:
    """Return whether a text can be an API key: one word of printable ASCII."""
    return text != "" and text.isascii() and text.isprintable() and " " not in text


def nearest(given: str, names: Iterable[str], likeness: float = 0.5) -> str | None:
    """Return the name that was probably meant; None where none is like it.

    Args:
        given: as it was written; neither capitals matter, nor whether there is ``-`` or ``_``.
        names: those there are.
        likeness: least share of equal characters, as `difflib.SequenceMatcher.ratio` counts.
    """
    import difflib  # noqa: PLC0415  only a mistake needs it; start-up does not pay for it

    folded = {each.casefold().replace("-", "_"): each for each in names}
    wanted = given.casefold().replace("-", "_")
    near = difflib.get_close_matches(wanted, folded, n=1, cutoff=likeness)
    return folded[near[0]] if near else None


def clean_name(text: str) -> str:
    """Return a name of anything, or a line with names in it, with what is unfit replaced.

    Newlines are unfit too: each is a sign of its own, as the replacement is.
    """
    return text if text.isprintable() else _UNFIT.sub(_REPLACEMENT, text)


def clean_lines(text: str) -> str:
    """Return several lines, such as a traceback, with what is unfit replaced."""
    return _UNFIT_IN_LINES.sub(_REPLACEMENT, text)


def clean_line(text: str, longest: int = LONGEST_CHARS) -> str:
    """Return a text for people as one line of bounded length, with what is unfit replaced."""
    # Cut first, so that megabytes are not worked on.
    line = clean_name(" ".join(text[:LONGEST_RAW_CHARS].split()))
    return line if len(line) <= longest else line[: longest - 1] + "…"


def clean_json(text: str) -> str:
    """Return a document of JSON with what is unfit in its strings escaped, the same to a parser.

    Args:
        text: as `json.dumps` writes it, which escapes what is under U+0020 itself.
    """
    return _UNFIT_IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
