"""Values in a message of the other side, taken one by one, each allowed to be anything."""

import math
from collections.abc import Mapping

from deeptone_tui.core.text import clean_line, clean_name
from deeptone_tui.protocol.constants import SAMPLES_PER_MS

LATEST_TIMESTAMP = 1e12
"""Milliseconds, some 31 years: later ones are nonsense, and would not fit a sample index."""
LATEST_SAMPLE = round(LATEST_TIMESTAMP) * SAMPLES_PER_MS
"""Absolute sample at 16 kHz at that time; fits 64 bits with room for sums."""

_TOLERANCE = 1e-3  # by which a confidence may leave 0 to 1: rounding in single precision
_DEPTH = 8  # levels of nesting kept of what is passed on unread


def as_object(value: object) -> Mapping[str, object]:
    """Return a JSON object, or an empty one in place of anything else."""
    return value if isinstance(value, dict) else {}


def as_number(value: object) -> float | None:
    """Return a finite number, or None."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    number = float(value)
    return number if math.isfinite(number) else None


def as_timestamp(value: object) -> float | None:
    """Return milliseconds since the first sample, or None."""
    number = as_number(value)
    return number if number is not None and 0 <= number <= LATEST_TIMESTAMP else None


def as_sample(value: object) -> int | None:
    """Return an absolute sample at 16 kHz, or None."""
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value <= LATEST_SAMPLE else None


def as_confidence(value: object) -> float | None:
    """Return a number from 0 to 1, or None."""
    number = as_number(value)
    if number is None or not -_TOLERANCE <= number <= 1 + _TOLERANCE:
        return None
    return min(max(number, 0.0), 1.0)


def as_line(value: object) -> str | None:
    """Return a text for people, or None when it is no string or there is nothing in it."""
    return (clean_line(value) or None) if isinstance(value, str) else None


def as_plain(value: object, depth: int = _DEPTH) -> object:
    """Return a JSON value that can be written and shown again whatever it was.

    Strings are cleaned; numbers that JSON cannot say, and what is nested deeper than ``depth``,
    become None.
    """
    if isinstance(value, str):
        return clean_name(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if depth == 0:
        return None if isinstance(value, (dict, list)) else value
    if isinstance(value, dict):
        return {clean_name(key): as_plain(item, depth - 1) for key, item in value.items()}
    if isinstance(value, list):
        return [as_plain(item, depth - 1) for item in value]
    return value
