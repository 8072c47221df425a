"""Units of levels and thresholds: amplitude from 0 to 1, decibels, and their texts. Pure."""

import math
import re

from deeptone_tui.protocol.parameters import format_threshold, round_threshold

MINUS = "\N{MINUS SIGN}"

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?|-∞|-inf")
_UNIT = re.compile(r"\s*db(?:fs)?$")
_ALLOWED = "an amplitude from 0 to 1 (0.005), or decibels from 0 down (-46 dB)"
_SHOWN = 40  # characters of an invalid entry quoted in the error


def to_dbfs(level: float) -> float:
    """Convert an amplitude to dBFS, 20 * log10(level); minus infinity for 0 and less."""
    return 20.0 * math.log10(level) if level > 0 else -math.inf


def from_dbfs(dbfs: float) -> float:
    """Convert dBFS to an amplitude, 10 ** (dbfs / 20); 0 for minus infinity.

    Raises:
        OverflowError: above some 6000 dBFS, where no float is large enough.
    """
    return float(10.0 ** (dbfs / 20.0))


def format_level(level: float) -> str:
    """Write an amplitude with four decimals: ``0.0050``."""
    return f"{level:.4f}"


def format_dbfs(level: float) -> str:
    """Write an amplitude in decibels, with a real minus sign: ``−46.0 dBFS``, ``−∞ dBFS``."""
    dbfs = to_dbfs(level)
    if dbfs == -math.inf:
        return f"{MINUS}∞ dBFS"
    # Rounded first, so that -0.04 does not become a minus zero.
    number = f"{round(dbfs, 1) + 0.0:.1f}"
    return f"{number.replace('-', MINUS)} dBFS"


def format_both(threshold: float) -> str:
    """Write a threshold in both units: ``0.004217  −47.5 dBFS``."""
    return f"{format_threshold(threshold)}  {format_dbfs(threshold)}"


def format_share(share: float) -> str:
    """Write a share in whole percent: ``12 %``.

    Only what is nothing or everything is said to be so: what is little is ``under 1 %``.
    """
    if 0 < share < 0.01:  # noqa: PLR2004  one percent
        return "under 1 %"
    return f"{100 if share == 1 else min(round(share * 100), 99)} %"


def parse_threshold(text: str) -> float:
    """Parse a threshold that somebody typed, in either unit.

    A number from 0 to 1 is an amplitude; a negative number, or any with ``dB`` or ``dBFS`` after
    it, is decibels relative to full scale. The minus sign may be the typed or the typographic one,
    so that output of `format_dbfs` can be pasted back. Case and surrounding spaces do not matter.
    Only ASCII digits count as digits.

    Returns:
        The amplitude, from 0 to 1, rounded by `round_threshold`.

    Raises:
        ValueError: for anything else, with a message of one line that says what is allowed.
    """
    folded = text.strip().lower().replace(MINUS, "-").replace("\N{EN DASH}", "-")
    unit = _UNIT.search(folded)
    number = folded[: unit.start()] if unit else folded
    if _NUMBER.fullmatch(number):
        value = float(number.replace("∞", "inf"))
        if value < 0 or unit:
            if value <= 0 and (math.isfinite(value) or number in {"-∞", "-inf"}):
                return round_threshold(from_dbfs(value))
        elif value <= 1:
            return round_threshold(abs(value))  # abs: "-0" is an amplitude of 0, without its sign
    raise ValueError(f"threshold {_shown(text)} is not allowed: {_ALLOWED}")


def _shown(text: str) -> str:
    """Quote an entry for an error, on one line and of bounded length."""
    return ascii(text if len(text) <= _SHOWN else text[:_SHOWN] + "...")
