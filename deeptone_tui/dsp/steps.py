"""The level of each 64 ms step: what the threshold is compared with."""

import numpy as np
import numpy.typing as npt

from deeptone_tui.dsp.samples import FULL_SCALE, Levels, Samples, checked

STEP_SAMPLES = 1024
"""Samples in a step of 64 ms at 16 kHz."""

_NONE = np.empty(0, dtype=np.float64)
_NONE.flags.writeable = False


def format_share(share: float) -> str:
    """Write a share in whole percent: ``12 %``.

    Only what is nothing or everything is said to be so: what is little is ``under 1 %``.
    """
    if 0 < share < 0.01:  # noqa: PLR2004  one percent
        return "under 1 %"
    return f"{100 if share == 1 else min(round(share * 100), 99)} %"


def step_levels(samples: Samples) -> Levels:
    """Measure whole steps: the root mean square of ``sample / 32768``.

    Args:
        samples: int16, shape (n * 1024,).

    Returns:
        float64, shape (n,), each from 0 to 1.

    Raises:
        ValueError: when the samples are not int16, or not a whole number of steps.
    """
    if len(checked(samples)) % STEP_SAMPLES:
        raise ValueError(f"{len(samples)} samples are not a whole number of {STEP_SAMPLES}")
    steps = samples.astype(np.float64).reshape(-1, STEP_SAMPLES)
    return _rms(np.einsum("ij,ij->i", steps, steps))


class StepMeter:
    """Measures the steps of a stream that arrives in blocks of any size.

    Only the sum of squares of the step begun is carried. Squares of 16-bit samples are integers
    and the sum of 1024 of them stays under 2**53, so float64 adds them without rounding: the
    levels are those of `step_levels` to the last bit, however the stream was cut.
    """

    __slots__ = ("_squares", "pending")

    pending: int
    """Samples of the step begun, 0 to 1023."""

    def __init__(self) -> None:
        self.pending = 0
        self._squares = 0.0

    def feed(self, samples: Samples) -> Levels:
        """Take a block of any length and return the levels of the steps it completed.

        Returns:
            float64, shape (k,), oldest first; often empty.

        Raises:
            ValueError: when the samples are not int16 in one dimension.
        """
        values = checked(samples).astype(np.float64)
        room = STEP_SAMPLES - self.pending
        if len(values) < room:
            self._squares += float(values @ values)
            self.pending += len(values)
            return _NONE
        head, rest = values[:room], values[room:]
        whole = len(rest) - len(rest) % STEP_SAMPLES
        body, tail = rest[:whole].reshape(-1, STEP_SAMPLES), rest[whole:]
        sums = np.empty(1 + len(body))
        sums[0] = self._squares + float(head @ head)
        np.einsum("ij,ij->i", body, body, out=sums[1:])
        self._squares = float(tail @ tail)
        self.pending = len(tail)
        return _rms(sums)


def _rms(sums: Levels) -> Levels:
    """Turn sums of squares of whole steps into levels."""
    return np.sqrt(sums / STEP_SAMPLES) / FULL_SCALE


def silent(levels: npt.ArrayLike, threshold: float) -> npt.NDArray[np.bool_]:
    """Tell for each step whether it is silent: its level strictly less than the threshold.

    Args:
        levels: Levels from 0 to 1, any shape, as `step_levels` gives them.
        threshold: ``volume_threshold``, from 0 (nothing is silent) to 1.

    Returns:
        Booleans in the shape of ``levels``.
    """
    # As float64, because numpy would round the threshold to the type of a float32 array, and a
    # level just under it would become one that is not.
    return np.asarray(np.asarray(levels, dtype=np.float64) < threshold)


def period_is_silent(levels: npt.ArrayLike, threshold: float) -> bool:
    """Tell whether a period is silence: it has steps, and all of them are silent."""
    steps = silent(levels, threshold)
    return steps.size > 0 and bool(steps.all())
