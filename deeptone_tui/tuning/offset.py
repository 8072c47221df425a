"""The offset in dB between the preview's levels and an endpoint's that explains what it answers.

An endpoint that is not ours may measure volume in another way. What it measured is not told, but
each period that it calls silence, or not, bounds it: with levels ``offset`` dB over the
preview's, a period is silence when ``loudest · 10^(offset / 20) < threshold``, so when ``offset``
is less than the period's margin, the decibels from its loudest step up to the threshold. The
offset that agrees with most answers is found exactly, by counting margins in their order: between
two of them nothing changes.
"""

import math
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from deeptone_tui.dsp import Levels, from_dbfs

Flags = npt.NDArray[np.bool_]

LEAST_DB: Final = 0.5
"""Decibels, the step of the mark: a smaller offset is not worth a shift."""
ENOUGH: Final = 5
"""Periods that an offset has to explain before it is told."""
EXPLAINED: Final = 0.5
"""Part of the disagreements that an offset has to explain."""
WIDEST_DB: Final = 3.0
"""Decibels between the lowest and the highest of equally good offsets, at most."""

_CLEAR_DB = 1e-6
"""Decibels, more than rounding and less than anything that is heard."""


class OffsetFinding(StrEnum):
    """What the answers tell; the value says it in words."""

    FOUND = "the endpoint hears another level"
    AGREES = "preview and endpoint agree"
    TOO_LITTLE = "too little to tell an offset"
    UNEXPLAINED = "no offset explains how they differ"


@dataclass(frozen=True, slots=True)
class Offset:
    """How the levels of an endpoint lie to the preview's."""

    finding: OffsetFinding
    decibels: float = 0.0
    """What explains most: the endpoint's level is the preview's and these decibels. Of equally
    good offsets, 0 if it is one of them, and else the middle of those nearest to it."""
    low: float = -math.inf
    """The lowest offset that explains as much, in dB."""
    high: float = math.inf
    """The offset, in dB, up to which as much is explained; it itself is too high."""
    compared: int = 0
    """Periods compared."""
    agreed_before: int = 0
    """Periods that agree without an offset."""
    agreed_after: int = 0
    """Periods that agree with this one."""

    @property
    def spread(self) -> float:
        """Decibels up or down within which every offset as good lies, in tenths; or infinite."""
        furthest = max(self.high - self.decibels, self.decibels - self.low) - _CLEAR_DB
        return furthest if math.isinf(furthest) else math.ceil(furthest * 10) / 10


def best_offset(loudest: Levels, silent: Flags, thresholds: Levels) -> Offset:
    """Find the offset that explains most answers.

    Args:
        loudest: level of the loudest step of each period, from 0 to 1, shape (n,).
        silent: whether the endpoint called each period silence, shape (n,).
        thresholds: the ``volume_threshold`` that each was asked for with, shape (n,).

    Raises:
        ValueError: when the shapes are not the same.
    """
    if not loudest.shape == silent.shape == thresholds.shape:
        raise ValueError(f"{loudest.size} levels, {silent.size} answers, {thresholds.size} marks")
    before = agreeing(loudest, silent, thresholds, 0.0)
    # At threshold 0 nothing is silence, and digital zero always is: they tell nothing.
    telling = (loudest > 0) & (thresholds > 0)
    margins = 20.0 * np.log10(thresholds[telling] / loudest[telling])
    best = _best_stretches(margins, silent[telling])
    decibels = min((_middle(*stretch) for stretch in best), key=abs)
    after = agreeing(loudest, silent, thresholds, decibels)
    low, high = best[0][0], best[-1][1]
    finding = _finding(loudest.size - before, after - before, decibels, (low, high))
    return Offset(finding, decibels, low, high, loudest.size, before, after)


def agreeing(loudest: Levels, silent: Flags, thresholds: Levels, decibels: float) -> int:
    """Count the periods of which preview and endpoint say the same.

    Args:
        loudest: as in `best_offset`.
        silent: as in `best_offset`.
        thresholds: as in `best_offset`.
        decibels: by which the preview is shifted.
    """
    return int(np.count_nonzero((loudest * from_dbfs(decibels) < thresholds) == silent))


def _best_stretches(margins: Levels, silent: Flags) -> list[tuple[float, float]]:
    """The stretches of offsets that agree with most answers, from the lowest to the highest.

    Each holds its lower end and not its upper one: at its own margin a period is not silence.
    """
    places, group = np.unique(margins, return_inverse=True)
    quiet = np.bincount(group[silent], minlength=places.size)
    loud = np.bincount(group[~silent], minlength=places.size)
    # Above the first k margins, the loud ones among them agree, and the silent ones beyond.
    agreed = np.concatenate(([0], np.cumsum(loud - quiet)))
    borders = [-math.inf, *places.tolist(), math.inf]
    most = agreed.max()
    return [
        stretch
        for stretch, count in zip(pairwise(borders), agreed.tolist(), strict=True)
        if count == most
    ]


def _middle(low: float, high: float) -> float:
    """The offset of a stretch that is least far from any other in it, to a tenth of a dB.

    None at all where the stretch holds 0; the end nearest to 0 where it has only one. Kept clear
    of the ends, where the last bit of a logarithm would decide.
    """
    if low <= 0 < high:
        return 0.0
    if math.isinf(high):
        return _inside(low + 0.05, low, high)
    if math.isinf(low):
        return _inside(high - 0.05, low, high)
    return _inside((low + high) / 2, low, high)


def _inside(place: float, low: float, high: float) -> float:
    """The tenth of a dB next to a place, where it lies between the ends; else the place."""
    tenth = round(place, 1)
    return tenth if low + _CLEAR_DB < tenth < high - _CLEAR_DB else place


def _finding(
    missed: int, gained: int, decibels: float, between: tuple[float, float]
) -> OffsetFinding:
    """What an offset that wins back some of the periods that were missed amounts to."""
    if not missed:
        return OffsetFinding.AGREES
    if gained < EXPLAINED * missed:
        return OffsetFinding.UNEXPLAINED if missed >= ENOUGH else OffsetFinding.TOO_LITTLE
    low, high = between
    if gained < ENOUGH or high - low > WIDEST_DB:
        return OffsetFinding.TOO_LITTLE
    return OffsetFinding.FOUND if abs(decibels) >= LEAST_DB else OffsetFinding.AGREES
