"""Words for errors and values: system errors, one line of text, nearest names."""

import re
from collections.abc import Iterable

LONGEST_CHARS = 1000
"""Maximum characters of a text shown to people."""

LONGEST_RAW_CHARS = 4 * LONGEST_CHARS
"""Maximum characters of a text that are processed: more than are shown, as white space is
collapsed."""

MOST_DIGITS = 18
"""Maximum digits of a whole number; no limit of this program has as many."""

# C1 control characters and DEL, which control a terminal as C0 does; lone surrogates, which cannot
# be encoded as UTF-8; separators that some programs treat as line breaks; and bidirectional
# controls, which make a line read as another one.
_BEYOND_C0 = "\x7f-\x9f\ud800-\udfff\u2028\u2029\u202a-\u202e\u2066-\u2069"
_UNFIT = re.compile(f"[\x00-\x1f{_BEYOND_C0}]")
_UNFIT_IN_LINES = re.compile(f"[\x00-\x08\x0b-\x1f{_BEYOND_C0}]")
_UNFIT_IN_JSON = re.compile(f"[{_BEYOND_C0}]")
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def unforeseen(error: BaseException, part: str) -> str:
    """Log an unexpected error, and return a message that names its type.

    The message does not repeat the error's own text, because a library may put an address with a
    key into it.

    Args:
        error: the error; of an exception group, the first exception counts.
        part: component in which it happened, as users call it.
    """
    import logging  # noqa: PLC0415  not for --version, which loads this module too

    logging.getLogger(__name__).error("unexpected error in the %s", part, exc_info=error)
    return f"unexpected {kind_of(error)} in the {part}; see the program's log"


def kind_of(error: BaseException) -> str:
    """Return the type name of an error; of a group, that of its first exception."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return type(error).__name__


def reason_of(error: OSError) -> str:
    """Return the system's message of an error in lower case: ``permission denied``."""
    return (error.strerror or type(error).__name__).lower()


def clock(seconds: float, *, tenths: bool = False) -> str:
    """Return hours, minutes and seconds, truncated, not rounded: ``00:03:12`` or ``00:03:12.4``."""
    ticks = int(seconds * 10 + 1e-6)
    whole, tenth = divmod(ticks, 10)
    text = f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"
    return f"{text}.{tenth}" if tenths else text


def short_clock(seconds: float) -> str:
    """Return minutes and seconds, truncated: ``1:03``, ``61:26``."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def whole_number(text: str) -> int | None:
    """Return the number in a text of ASCII digits; None for any other text and for too many digits.

    Python itself accepts digits of every script, and refuses to convert thousands of them.
    """
    few = text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS
    return int(text) if few else None


KEY_RULE = "an API key is one word of printable ASCII characters"
"""The rule of `is_key` in words."""


def is_key(text: str) -> bool:
    """Return True if a text can be an API key: one word of printable ASCII."""
    return text != "" and text.isascii() and text.isprintable() and " " not in text


def nearest(given: str, names: Iterable[str], likeness: float = 0.5) -> str | None:
    """Return the most similar name; None if none is similar.

    Args:
        given: name as written; neither case nor ``-`` versus ``_`` matters.
        names: known names.
        likeness: minimum share of equal characters, as `difflib.SequenceMatcher.ratio` counts.
    """
    import difflib  # noqa: PLC0415  only a mistake needs it; start-up does not pay for it

    folded = {each.casefold().replace("-", "_"): each for each in names}
    wanted = given.casefold().replace("-", "_")
    near = difflib.get_close_matches(wanted, folded, n=1, cutoff=likeness)
    return folded[near[0]] if near else None


def clean_name(text: str) -> str:
    """Return a name, or a line containing names, with unsafe characters replaced.

    Line breaks are unsafe too: each is replaced by one character.
    """
    return text if text.isprintable() else _UNFIT.sub(_REPLACEMENT, text)


def clean_lines(text: str) -> str:
    """Return several lines, such as a traceback, with unsafe characters replaced."""
    return _UNFIT_IN_LINES.sub(_REPLACEMENT, text)


def clean_line(text: str, longest: int = LONGEST_CHARS) -> str:
    """Return a text for people as one line of bounded length, with unsafe characters replaced."""
    # Cut first, so that megabytes are not processed.
    line = clean_name(" ".join(text[:LONGEST_RAW_CHARS].split()))
    return line if len(line) <= longest else line[: longest - 1] + "…"


def clean_json(text: str) -> str:
    """Return a JSON document with unsafe characters in its strings escaped; it parses the same.

    Args:
        text: output of `json.dumps`, which itself escapes characters below U+0020.
    """
    return _UNFIT_IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
