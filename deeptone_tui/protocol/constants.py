"""The numbers of the contract: documented ones, and ours where the documentation is silent."""

from decimal import Decimal

SAMPLE_RATE_HZ = 16_000
"""Samples a second that the models work at; other rates are resampled by the endpoint."""

STEP_MS = 64
"""Milliseconds in the shortest period; every ``output_period`` is a multiple (documented)."""

SAMPLES_PER_MS = SAMPLE_RATE_HZ // 1000
"""Samples at 16 kHz in a millisecond of a timestamp."""

DEFAULT_MODELS = ("speech-rt",)
"""What runs when nothing is asked for (ours)."""

DEFAULT_OUTPUT_PERIOD_MS = 1024
"""Milliseconds (ours; what the documentation's listings and the one captured message fit)."""

MAX_OUTPUT_PERIOD_MS = 3_600_000
"""Milliseconds: an hour, which is a multiple of 64 (ours)."""

DEFAULT_VOLUME_THRESHOLD = 0.005
"""An amplitude from 0 to 1, -46 dBFS (ours; the documentation names none)."""

MIN_SAMPLE_RATE = 4_000
"""Hertz (ours)."""

MAX_SAMPLE_RATE = 384_000
"""Hertz (ours)."""

END_OF_AUDIO = b""
"""The binary message that ends the audio, where the greeting announced ``end_of_audio``.

The documented protocol has no end of audio; this one is ours.
"""


def round_threshold(threshold: float) -> float:
    """Return a threshold as the short decimal that is shown, applied, saved and exported.

    At most four significant digits, so that what stands on the screen can be typed into another
    program and be the same number; that is within 0.005 dB of any number from 0 to 1.
    """
    return float(f"{threshold:.4g}")


def format_threshold(threshold: float) -> str:
    """Write a threshold: ``0.0050``, ``0.004217``, and never in scientific notation.

    All digits of `round_threshold` are there, and at least four decimals.
    """
    short = f"{Decimal(f'{threshold:.4g}'):f}"
    return max(f"{float(short):.4f}", short, key=len)
