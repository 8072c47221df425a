"""Sample types and units: full scale, levels, decibels."""

import math
import re

import numpy as np
import numpy.typing as npt

from deeptone_tui.protocol.constants import format_threshold, round_threshold

FULL_SCALE = 32_768
"""Sample value that stands for 1.0. Only -32768 reaches it; 32767 is just under."""

NEAR_ZERO = 2 / FULL_SCALE
"""Level of samples that are all ±2, −84.3 dBFS: dither, a resampler or a codec turns digital zero
into as much. A level that is no louder is neither room noise nor an open microphone."""

RATE_HZ = 16_000
"""Samples per second. The ballistics of the meters are exact at this rate."""

Samples = npt.NDArray[np.int16]
"""Mono samples at 16 kHz, shape (n,)."""

Magnitudes = npt.NDArray[np.uint16]
"""Absolute values of samples, 0 to 32768, shape (n,)."""

Levels = npt.NDArray[np.float64]
"""Levels of steps from 0 to 1, shape (n,)."""

_INT16 = np.dtype(np.int16)

MINUS = "\N{MINUS SIGN}"

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?|-∞|-inf")
_UNIT = re.compile(r"\s*db(?:fs)?$")
_ALLOWED = "an amplitude from 0 to 1 (0.005), or decibels from 0 down (-46 dB)"
_SHOWN = 40  # characters of an invalid entry quoted in the error


def checked(samples: Samples) -> Samples:
    """Return the samples, if the meters can work with them.

    A float array would be measured 32768 times too quiet without anybody noticing, and a second
    dimension would be metered as if its channels followed one another.

    Raises:
        ValueError: if it is not one dimension of native 16-bit integers.
    """
    if samples.dtype != _INT16 or samples.ndim != 1:
        raise ValueError(
            f"int16 samples in one dimension are needed, not {samples.dtype} "
            f"with shape {samples.shape}"
        )
    return samples


def magnitudes(samples: Samples) -> Magnitudes:
    """Return the absolute values, exact for -32768 too.

    The absolute value of -32768 does not fit 16 bits with a sign: it stays -32768, whose bits
    read without a sign are 32768.
    """
    return np.abs(samples).view(np.uint16)


def is_digital_zero(samples: Samples) -> bool:
    """Return True if there is audio and every sample of it is zero, as from a muted input.

    Args:
        samples: Any length. No samples allow no statement, so the result is False.
    """
    return len(samples) > 0 and not checked(samples).any()


def is_near_zero(level: float) -> bool:
    """Return True if a level is equivalent to digital zero: not above `NEAR_ZERO`."""
    return bool(level <= NEAR_ZERO)  # a numpy level would give a numpy bool


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
