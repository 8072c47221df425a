"""Offset in dB between the preview's levels and an endpoint's that explains its answers.

An endpoint that is not ours may measure volume in another way. It does not report its levels, but
each period that it calls silence, or not, bounds them: with levels ``offset`` dB over the
preview's, a period is silence when ``loudest · 10^(offset / 20) < threshold``, so when ``offset``
is less than the period's margin, the decibels from its loudest step up to the threshold. The offset
that agrees with most answers is found exactly, by counting margins in their order: between two of
them nothing changes.
"""

import math
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Final

import numpy as np

from deeptone_tui.dsp import Flags, Levels
from deeptone_tui.protocol.units import from_dbfs

LEAST_DB: Final = 0.5
"""Least offset in dB that is worth a shift: the step of the mark."""
ENOUGH: Final = 5
"""Least number of periods that an offset has to explain to be reported."""
EXPLAINED: Final = 0.5
"""Least share of the disagreements that an offset has to explain."""
WIDEST_DB: Final = 3.0
"""Largest distance in dB between the lowest and the highest of equally good offsets."""

_CLEAR_DB = 1e-6
"""Tolerance in dB: more than rounding and less than anything audible."""


class OffsetFinding(StrEnum):
    """Result of the comparison; the value states it in words."""

    FOUND = "the endpoint hears another level"
    AGREES = "preview and endpoint agree"
    TOO_LITTLE = "too little to tell an offset"
    UNEXPLAINED = "no offset explains how they differ"


@dataclass(frozen=True, slots=True)
class Offset:
    """Offset of an endpoint's levels from the preview's."""

    finding: OffsetFinding
    decibels: float = 0.0
    """Offset that explains most: the endpoint's level is the preview's plus these decibels. Of
    equally good offsets, 0 if it is one of them, and else the middle of those nearest to it."""
    low: float = -math.inf
    """Lowest offset that explains as much, in dB."""
    high: float = math.inf
    """Upper bound, exclusive, of the offsets that explain as much, in dB."""
    compared: int = 0
    """Number of periods compared."""
    agreed_before: int = 0
    """Number of periods that agree without an offset."""
    agreed_after: int = 0
    """Number of periods that agree with this offset."""

    @property
    def spread(self) -> float:
        """Largest distance in dB to an equally good offset, rounded up to tenths; or infinite."""
        furthest = max(self.high - self.decibels, self.decibels - self.low) - _CLEAR_DB
        return furthest if math.isinf(furthest) else math.ceil(furthest * 10) / 10


def best_offset(loudest: Levels, silent: Flags, thresholds: Levels) -> Offset:
    """Find the offset that explains most answers.

    Args:
        loudest: level of the loudest step of each period, from 0 to 1, shape (n,).
        silent: True for each period that the endpoint called silence, shape (n,).
        thresholds: ``volume_threshold`` requested for each period, shape (n,).

    Raises:
        ValueError: if the shapes are not the same.
    """
    if not loudest.shape == silent.shape == thresholds.shape:
        raise ValueError(f"{loudest.size} levels, {silent.size} answers, {thresholds.size} marks")
    before = agreeing(loudest, silent, thresholds, 0.0)
    # At threshold 0 nothing is silence, and digital zero always is: they carry no information.
    telling = (loudest > 0) & (thresholds > 0)
    margins = 20.0 * np.log10(thresholds[telling] / loudest[telling])
    best = _best_stretches(margins, silent[telling])
    decibels = min((_middle(*stretch) for stretch in best), key=abs)
    after = agreeing(loudest, silent, thresholds, decibels)
    low, high = best[0][0], best[-1][1]
    finding = _finding(loudest.size - before, after - before, decibels, (low, high))
    return Offset(finding, decibels, low, high, loudest.size, before, after)


def agreeing(loudest: Levels, silent: Flags, thresholds: Levels, decibels: float) -> int:
    """Count the periods on which preview and endpoint agree.

    Args:
        loudest: as in `best_offset`.
        silent: as in `best_offset`.
        thresholds: as in `best_offset`.
        decibels: shift of the preview's levels, in dB.
    """
    return int(np.count_nonzero((loudest * from_dbfs(decibels) < thresholds) == silent))


def _best_stretches(margins: Levels, silent: Flags) -> list[tuple[float, float]]:
    """Return the stretches of offsets that agree with most answers, in ascending order.

    Each includes its lower end and excludes its upper one: at its own margin a period is not
    silence.
    """
    places, group = np.unique(margins, return_inverse=True)
    quiet = np.bincount(group[silent], minlength=places.size)
    loud = np.bincount(group[~silent], minlength=places.size)
    # Above the first k margins, the loud periods among them agree, and the silent ones beyond.
    agreed = np.concatenate(([0], np.cumsum(loud - quiet)))
    borders = [-math.inf, *places.tolist(), math.inf]
    most = agreed.max()
    return [
        stretch
        for stretch, count in zip(pairwise(borders), agreed.tolist(), strict=True)
        if count == most
    ]


def _middle(low: float, high: float) -> float:
    """Return the offset least far from any other in a stretch, to a tenth of a dB.

    It is 0 if the stretch holds 0, and close to the finite end if the other is infinite. It stays
    clear of the ends, where the last bit of a logarithm would decide.
    """
    if low <= 0 < high:
        return 0.0
    if math.isinf(high):
        return _inside(low + 0.05, low, high)
    if math.isinf(low):
        return _inside(high - 0.05, low, high)
    return _inside((low + high) / 2, low, high)


def _inside(place: float, low: float, high: float) -> float:
    """Return the tenth of a dB nearest to a place if it lies between the ends, else the place."""
    tenth = round(place, 1)
    return tenth if low + _CLEAR_DB < tenth < high - _CLEAR_DB else place


def _finding(
    missed: int, gained: int, decibels: float, between: tuple[float, float]
) -> OffsetFinding:
    """Return the finding for an offset that recovers ``gained`` of ``missed`` periods."""
    if not missed:
        return OffsetFinding.AGREES
    if gained < EXPLAINED * missed:
        return OffsetFinding.UNEXPLAINED if missed >= ENOUGH else OffsetFinding.TOO_LITTLE
    low, high = between
    if gained < ENOUGH or high - low > WIDEST_DB:
        return OffsetFinding.TOO_LITTLE
    return OffsetFinding.FOUND if abs(decibels) >= LEAST_DB else OffsetFinding.AGREES
