"""Periods of steps: what was heard in them, and the cost of a threshold.

A period is silence when all its steps are less than the threshold, so when its loudest step is.
That one number per period is enough for every threshold. All that the program says about a
threshold, in preview, costs, suggestion and `tune`, is counted here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from deeptone_tui.dsp import Flags, Floats, Levels
from deeptone_tui.protocol.units import from_dbfs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from deeptone_tui.protocol import Step


SPEECH: Final = 1
"""A step that the endpoint calls speech; a period of which at least half is speech."""
OTHER: Final = 0
"""A step that the endpoint calls something else; a period without any speech, which is a pause."""
UNKNOWN: Final = -1
"""A step that nobody has judged; a period in which nothing is known of any step."""
GATED: Final = -2
"""A step that was silence at the threshold in force, so that nobody has judged it."""
MIXED: Final = 2
"""A period that holds speech, but less than half: it counts as neither speech nor pause."""

SPEECH_MODELS: Final = ("speech-rt", "speech")
"""Models that distinguish speech from everything else."""

Heard = npt.NDArray[np.int8]
"""`SPEECH`, `OTHER`, `UNKNOWN` or `GATED` for each step, shape (n,)."""
Kinds = npt.NDArray[np.int8]
"""`SPEECH`, `OTHER`, `MIXED` or `UNKNOWN` for each period, shape (m,)."""
Starts = npt.NDArray[np.int64]
"""Index of the first step of each period, rising from 0, shape (m,)."""

SPEECH_WEIGHT: Final = 4.0
"""Weight of a share of speech lost relative to that share of noise passed: gated speech cannot be
recovered."""
GRID: Final[Floats] = np.array([from_dbfs(dbfs) for dbfs in np.arange(-90.0, 0.1, 0.5)])
"""Thresholds of a curve: every half decibel from -90 to 0 dBFS, as amplitudes, shape (181,)."""
GRID.flags.writeable = False


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """Steps of 64 ms, oldest first, and the starts of the endpoint's periods among them.

    Raises:
        ValueError: if answers or periods do not fit the levels.
    """

    levels: Levels
    """Level of each step from 0 to 1, shape (n,), as `deeptone_tui.dsp.step_levels` gives it."""
    heard: Heard | None
    """Answer of the endpoint for each step at threshold 0, shape (n,); None if it was not asked."""
    starts: Starts
    """First step of each period, shape (m,), from 0; the last period ends with the steps."""

    def __post_init__(self) -> None:
        if self.levels.ndim != 1:
            raise ValueError(f"levels of steps in one dimension are needed, not {self.levels.ndim}")
        if self.heard is not None and self.heard.shape != self.levels.shape:
            raise ValueError(f"{self.heard.size} answers do not fit {self.levels.size} steps")
        inside = self.starts.size and self.starts[0] == 0 and self.starts[-1] < self.levels.size
        if not (inside if self.levels.size else not self.starts.size):
            raise ValueError(f"{self.starts.size} periods do not fit {self.levels.size} steps")

    @classmethod
    def cut(cls, levels: Levels, heard: Heard | None, period_steps: int) -> "Evidence":
        """Return evidence of a stream from its beginning; the last period may be incomplete.

        Args:
            levels: levels of its steps, shape (n,).
            heard: what was heard in each, shape (n,), or None.
            period_steps: steps in a period, 1 or more.

        Raises:
            ValueError: if they do not fit, or a period has no steps.
        """
        return cls(levels, heard, recut(np.zeros(1, np.int64), levels.size, period_steps))

    @classmethod
    def joined(cls, parts: "Sequence[Evidence]") -> "Evidence":
        """Join several stretches; answers are kept only if all stretches have them.

        Raises:
            ValueError: if there are none.
        """
        answers = [part.heard for part in parts if part.heard is not None]
        sizes = [part.levels.size for part in parts]
        offsets = np.cumsum([0, *sizes[:-1]])
        return cls(
            np.concatenate([part.levels for part in parts]),
            np.concatenate(answers) if len(answers) == len(parts) else None,
            np.concatenate([p.starts + n for p, n in zip(parts, offsets, strict=True)]),
        )


def recut(borders: Starts, steps: int, period_steps: int) -> Starts:
    """Cut stretches of steps into periods of a given length.

    Args:
        borders: first step of each stretch, from 0, rising: starts of connections.
        steps: total number of steps.
        period_steps: steps in a period, 1 or more; the last of a stretch may be shorter.

    Returns:
        First step of each period, shape (m,).

    Raises:
        ValueError: if a period has no steps.
    """
    if period_steps < 1:
        raise ValueError(f"a period of {period_steps} steps is not allowed: 1 or more")
    inside = borders[borders < steps]
    ends = np.append(inside, steps)[1:]
    parts = [
        np.arange(start, end, period_steps)
        for start, end in zip(inside.tolist(), ends.tolist(), strict=True)
    ]
    return np.concatenate(parts).astype(np.int64) if parts else np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class Part:
    """Part of a number of periods."""

    count: int
    whole: int

    @property
    def share(self) -> float | None:
        """Share from 0 to 1; None if there are no periods."""
        return self.count / self.whole if self.whole else None


@dataclass(frozen=True, slots=True)
class Cost:
    """Effect of a threshold, counted in periods."""

    threshold: float
    """The ``volume_threshold``, from 0 to 1."""
    silence: Part
    """Periods that are silence, of all periods, whatever is known of them."""
    speech_lost: Part
    """Periods of speech that are silence."""
    noise_passed: Part
    """Pauses that are not silence."""
    mixed_silenced: Part
    """Periods with a little speech that are silence; they count as neither."""

    @property
    def total(self) -> float:
        """Cost: 4 times the share of speech lost plus the share of noise passed; 0 for none."""
        lost, passed = self.speech_lost.share or 0.0, self.noise_passed.share or 0.0
        return SPEECH_WEIGHT * lost + passed


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """Effects of many thresholds: shares of shape (k,), None where there are no such periods."""

    thresholds: Floats
    silence: Floats
    speech_lost: Floats | None
    noise_passed: Floats | None


@dataclass(frozen=True, eq=False)
class Periods:
    """Periods, oldest first.

    Raises:
        ValueError: if levels and kinds do not fit.
    """

    loudest: Levels
    """Level of the loudest step of each period, from 0 to 1, shape (m,)."""
    kinds: Kinds
    """Kind of each period, shape (m,)."""

    def __post_init__(self) -> None:
        if self.loudest.shape != self.kinds.shape:
            raise ValueError(f"{self.kinds.size} kinds do not fit {self.loudest.size} periods")

    @classmethod
    def of(
        cls, levels: Levels, speech: Floats, starts: Starts, doubtful: Flags | None = None
    ) -> "Periods":
        """Gather periods from their steps.

        Args:
            levels: levels of steps, from 0 to 1, shape (n,).
            speech: probability of speech in each, shape (n,); NaN where nothing is known.
            starts: first step of each period, shape (m,), as in `Evidence`.
            doubtful: steps that make no reliable pause, shape (n,): a period without speech that
                holds any is mixed.
        """
        if not starts.size:
            return cls(np.empty(0), np.empty(0, np.int8))
        lengths = np.diff(np.append(starts, levels.size))
        spoken = np.add.reduceat((speech >= 0.5).astype(np.int64), starts)  # noqa: PLR2004  likelier than not
        known = np.logical_or.reduceat(~np.isnan(speech), starts)
        kinds = np.where(spoken == 0, OTHER, np.where(2 * spoken >= lengths, SPEECH, MIXED))
        if doubtful is not None:
            kinds[np.logical_or.reduceat(doubtful, starts) & (kinds == OTHER)] = MIXED
        loudest = np.maximum.reduceat(levels, starts)
        return cls(loudest, np.where(known, kinds, UNKNOWN).astype(np.int8))

    def count(self, kind: int) -> int:
        """Return the number of periods of a kind."""
        return self._ordered[kind].size

    def cost(self, threshold: float) -> Cost:
        """Return the effect of one threshold, from 0 to 1."""
        under = {kind: _part_under(levels, threshold) for kind, levels in self._ordered.items()}
        passed = under[OTHER]
        return Cost(
            threshold,
            _part_under(self._all, threshold),
            under[SPEECH],
            Part(passed.whole - passed.count, passed.whole),
            under[MIXED],
        )

    def curve(self, thresholds: Floats = GRID) -> Curve:
        """Return the effect of each of many thresholds, from 0 to 1, shape (k,)."""
        passed = _shares_under(self._ordered[OTHER], thresholds)
        silence = _shares_under(self._all, thresholds)
        return Curve(
            thresholds,
            np.zeros(thresholds.shape) if silence is None else silence,
            _shares_under(self._ordered[SPEECH], thresholds),
            None if passed is None else 1.0 - passed,
        )

    @cached_property
    def _all(self) -> Levels:
        """Levels of the loudest steps, ascending: sorted once, searched often."""
        return np.sort(self.loudest)

    @cached_property
    def _ordered(self) -> Mapping[int, Levels]:
        """Levels of the loudest steps of each kind, ascending."""
        kinds = (SPEECH, OTHER, MIXED, UNKNOWN)
        return {kind: np.sort(self.loudest[self.kinds == kind]) for kind in kinds}


def silence_at(evidence: Evidence, threshold: float) -> Part:
    """Count the periods that are silence at a threshold, from 0 to 1, whatever they hold."""
    unknown = np.full(evidence.levels.shape, np.nan)
    return Periods.of(evidence.levels, unknown, evidence.starts).cost(threshold).silence


def heard_in(step: "Step", threshold: float = 0.0) -> int:
    """Return what an endpoint heard, by the first of its models that distinguishes speech.

    Silence at a threshold above 0 was not judged by the model; silence at threshold 0 was.

    Args:
        step: the endpoint's answers.
        threshold: the threshold applied to them.

    Returns:
        `SPEECH`, `OTHER`, `UNKNOWN` or `GATED`.
    """
    model = next((name for name in SPEECH_MODELS if name in step.answers), None)
    result = step.answers[model].result if model else None
    if result is None or result == "unknown":
        return UNKNOWN
    if result == "silence" and threshold > 0:
        return GATED
    return SPEECH if result == "speech" else OTHER


def known_speech(heard: Heard) -> Floats:
    """Return the probability of speech, for `Periods.of`, where it is known what each step is."""
    return np.where(heard < OTHER, np.nan, (heard == SPEECH).astype(np.float64))


def _part_under(ordered: Levels, threshold: float) -> Part:
    return Part(int(np.searchsorted(ordered, threshold, side="left")), ordered.size)


def _shares_under(ordered: Levels, thresholds: Floats) -> Floats | None:
    if not ordered.size:
        return None
    return np.asarray(np.searchsorted(ordered, thresholds, side="left") / ordered.size)
