"""Constants of the protocol.

Those marked "ours" were chosen by this project, because the documentation specifies none.
"""

from decimal import Decimal

SAMPLE_RATE_HZ = 16_000
"""Sample rate of the models, in hertz; the endpoint resamples other rates."""

STEP_MS = 64
"""Milliseconds of the shortest period; every ``output_period`` is a multiple (documented)."""

SAMPLES_PER_MS = SAMPLE_RATE_HZ // 1000
"""Samples at 16 kHz per millisecond of a timestamp."""

DEFAULT_MODELS = ("speech-rt",)
"""Models that run if none is requested (ours)."""

DEFAULT_OUTPUT_PERIOD_MS = 1024
"""Milliseconds (ours; it fits the documentation's listings and the one captured message)."""

MAX_OUTPUT_PERIOD_MS = 3_600_000
"""Milliseconds: one hour, which is a multiple of 64 (ours)."""

DEFAULT_VOLUME_THRESHOLD = 0.005
"""Amplitude from 0 to 1, -46 dBFS (ours; the documentation specifies none)."""

MIN_SAMPLE_RATE = 4_000
"""Hertz (ours)."""

MAX_SAMPLE_RATE = 384_000
"""Hertz (ours)."""

END_OF_AUDIO = b""
"""The binary message that ends the audio, if the greeting announced ``end_of_audio``.

The documented protocol has no end-of-audio message; this one is ours.
"""


def round_threshold(threshold: float) -> float:
    """Round a threshold to the short decimal that is shown, applied, saved and exported.

    At most four significant digits, so that the number on the screen can be typed into another
    program unchanged; that is within 0.005 dB of any number from 0 to 1.
    """
    return float(f"{threshold:.4g}")


def format_threshold(threshold: float) -> str:
    """Format a threshold: ``0.0050``, ``0.004217``, and never in scientific notation.

    The text has all digits of `round_threshold`, and at least four decimals.
    """
    short = f"{Decimal(f'{threshold:.4g}'):f}"
    return max(f"{float(short):.4f}", short, key=len)
