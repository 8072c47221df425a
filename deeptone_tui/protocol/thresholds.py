"""The one spelling of a threshold: a decimal of at most four significant digits."""

from decimal import Decimal


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
