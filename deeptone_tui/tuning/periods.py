"""Periods of audio, and what each threshold does to them.

A period is silence when all its steps are less than the threshold, so it is silence when its
loudest step is. That one number of each period is enough for every threshold there is.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from deeptone_tui.level import Levels
from deeptone_tui.tuning.evidence import SPEECH, UNKNOWN, Heard, check

Floats = npt.NDArray[np.float64]
Lengths = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Cost:
    """What a threshold does. Shares are from 0 to 1, and None where they are shares of nothing."""

    threshold: float
    """The ``volume_threshold``, from 0 to 1."""
    speech_lost: float | None
    """Share of the periods of speech that become silence."""
    other_passed: float | None
    """Share of the periods of other sound that do not."""
    silence: float
    """Share of all periods that are silence, whatever was heard in them; 0 of none."""


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """What each of many thresholds does: arrays of shape (k,), as in `Cost`."""

    thresholds: Floats
    speech_lost: Floats | None
    other_passed: Floats | None
    silence: Floats


class _Pile:
    """Levels in order, with the lengths that lie before each: sorted once, asked often."""

    def __init__(self, levels: Levels, lengths: Lengths) -> None:
        order = np.argsort(levels, kind="stable")
        self._levels = levels[order]
        self._sums = np.concatenate((np.zeros(1, np.int64), np.cumsum(lengths[order])))

    @property
    def length(self) -> int:
        """All of it."""
        return int(self._sums[-1])

    def under(self, thresholds: Floats) -> Lengths:
        """Length of what is strictly under each threshold."""
        return np.asarray(self._sums[np.searchsorted(self._levels, thresholds, side="left")])


@dataclass(frozen=True, eq=False)
class Periods:
    """Periods, oldest first, of any lengths.

    Shares are of time: each period counts by its length, so that those cut short by the end of a
    recording, or asked for with another ``output_period``, count for what they are.

    Raises:
        ValueError: when levels, answers and lengths do not fit.
    """

    levels: Levels
    """Of the loudest step of each period, shape (n,)."""
    heard: Heard
    """What the endpoint says of each at threshold 0, shape (n,)."""
    lengths: Lengths
    """In any unit, the same for all, shape (n,)."""

    def __post_init__(self) -> None:
        check(self.levels, self.heard)
        if self.lengths.shape != self.levels.shape:
            raise ValueError(f"{self.lengths.size} lengths do not fit {self.levels.size} periods")

    @property
    def length(self) -> int:
        """Of all periods."""
        return self._all.length

    @property
    def speech_length(self) -> int:
        """Of what was heard as speech."""
        return self._speech.length

    @property
    def other_length(self) -> int:
        """Of what was heard as something else."""
        return self._other.length

    def cost(self, threshold: float) -> Cost:
        """What one threshold, from 0 to 1, would do."""
        one = self.curve(np.array([threshold]))
        lost, passed = one.speech_lost, one.other_passed
        return Cost(
            threshold,
            None if lost is None else float(lost[0]),
            None if passed is None else float(passed[0]),
            float(one.silence[0]),
        )

    def curve(self, thresholds: Floats) -> Curve:
        """What each of many thresholds, shape (k,), would do."""
        whole, speech, other = self._all, self._speech, self._other
        return Curve(
            thresholds,
            speech.under(thresholds) / speech.length if speech.length else None,
            (other.length - other.under(thresholds)) / other.length if other.length else None,
            whole.under(thresholds) / max(whole.length, 1),
        )

    @cached_property
    def _all(self) -> _Pile:
        return _Pile(self.levels, self.lengths)

    @cached_property
    def _speech(self) -> _Pile:
        spoken = self.heard == SPEECH
        return _Pile(self.levels[spoken], self.lengths[spoken])

    @cached_property
    def _other(self) -> _Pile:
        other = (self.heard != SPEECH) & (self.heard != UNKNOWN)
        return _Pile(self.levels[other], self.lengths[other])
