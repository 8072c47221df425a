"""Suggestion of a threshold and the reasons for it, and calibration in two steps.

A pure state machine: `Calibration.fed` takes levels and returns the next state. Time is counted in
steps of 64 ms, so a source that stalls stalls the calibration. If it was not quiet, because
somebody spoke or knocked, the request for quiet is repeated.
"""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from deeptone_tui.dsp import Levels
from deeptone_tui.protocol import STEP_MS
from deeptone_tui.protocol.units import format_dbfs, from_dbfs
from deeptone_tui.tuning.periods import OTHER, UNKNOWN, Cost, Evidence
from deeptone_tui.tuning.speech_posterior import ZERO_DBFS

if TYPE_CHECKING:
    from deeptone_tui.tuning.features import LevelStatistics
    from deeptone_tui.tuning.search import ThresholdChoice


SETTLING_STEPS: Final = 4
"""Steps skipped at the beginning, in which the key press is audible."""
QUIET_STEPS: Final = 32
"""Steps of quiet: 2 s."""
SENTENCE_STEPS: Final = 94
"""Steps for the sentence: 6 s."""
UNREST_DB: Final = 6.0
"""Distance of the 95th percentile above the median, from which on it was not quiet."""
QUIETEST: Final = from_dbfs(-75.0)
"""Under this only the last bits of the samples are heard: it is quiet, however uneven."""
MOST_RESTARTS: Final = 3
"""Restarts after which the room is accepted as it is."""

_OVERLAP = 0.2
"""Expected cost above which the levels are said to overlap."""


def _no_levels() -> Levels:
    return np.empty(0, dtype=np.float64)


class Phase(StrEnum):
    """Phase of a calibration; the value is the request to the person at the microphone."""

    QUIET = "Be quiet for two seconds."
    SENTENCE = "Now say one sentence, as you will speak later."
    DONE = "Done."


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """State of a calibration; ``Calibration()`` is the initial one."""

    period_steps: int = 16
    """Steps in the period of the endpoint for which the threshold is sought."""
    phase: Phase = Phase.QUIET
    levels: Levels = field(default_factory=_no_levels)
    """Levels of all steps since the start or the last restart, shape (n,)."""
    restarts: int = 0
    """Number of restarts because it was not quiet."""

    @property
    def progress(self) -> float:
        """Progress of the current phase, from 0 to 1."""
        quiet = SETTLING_STEPS + QUIET_STEPS
        if self.phase is Phase.QUIET:
            return self.levels.size / quiet
        if self.phase is Phase.SENTENCE:
            return (self.levels.size - quiet) / SENTENCE_STEPS
        return 1.0

    @property
    def evidence(self) -> Evidence:
        """Evidence so far: the quiet is not speech, and the rest is judged by its level."""
        heard = np.full(self.levels.shape, UNKNOWN, dtype=np.int8)
        heard[: SETTLING_STEPS + QUIET_STEPS] = OTHER
        return Evidence.cut(self.levels[SETTLING_STEPS:], heard[SETTLING_STEPS:], self.period_steps)

    def fed(self, levels: Levels) -> "Calibration":
        """Return the calibration after more steps, levels of shape (k,); k may be 0."""
        state, rest = self, levels
        while rest.size and state.phase is not Phase.DONE:
            room = state._ends_at - state.levels.size
            state, rest = state._after(rest[:room]), rest[room:]
        return state

    @property
    def _ends_at(self) -> int:
        """Number of steps at the end of the current phase."""
        quiet = SETTLING_STEPS + QUIET_STEPS
        return quiet if self.phase is Phase.QUIET else quiet + SENTENCE_STEPS

    def _after(self, levels: Levels) -> "Calibration":
        """Return the state after steps that reach at most the end of the phase."""
        heard = np.concatenate([self.levels, levels])
        if heard.size < self._ends_at:
            return replace(self, levels=heard)
        if self.phase is Phase.SENTENCE:
            return replace(self, phase=Phase.DONE, levels=heard)
        if self.restarts < MOST_RESTARTS and not _quiet(heard[SETTLING_STEPS:]):
            return Calibration(self.period_steps, restarts=self.restarts + 1)
        return replace(self, phase=Phase.SENTENCE, levels=heard)


def _quiet(levels: Levels) -> bool:
    """Return True if nothing stood out from the room."""
    middle, loud = np.percentile(levels, (50, 95))
    return bool(loud <= middle * from_dbfs(UNREST_DB) or loud <= QUIETEST)


class Verdict(StrEnum):
    """Outcome of the search."""

    OK = "threshold found"
    NO_SPEECH = "no speech heard"
    ONLY_SPEECH = "only speech heard"
    TOO_LITTLE = "too little audio"


class Margin(NamedTuple):
    """Distance that a threshold can move before it costs more, in dB, both 0 or more."""

    down: float
    """Distance down to the sound of the room."""
    up: float
    """Distance up to the quietest speech."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A threshold, or the reason why there is none. Levels are amplitudes from 0 to 1."""

    verdict: Verdict
    threshold: float | None
    """The ``volume_threshold``; None unless the verdict is `Verdict.OK`."""
    noise_floor: float | None
    """Level of what is not speech, without digital zero; None if there was none."""
    speech_level: float | None
    """Level of the speech; None if there was none."""
    cost: Cost | None
    """Effect of the threshold on the periods that were heard; None without a threshold."""
    margin: Margin | None
    """Distance that it can move; None without a threshold."""
    confidence: float
    """Probability that it costs close to the least of any threshold, from 0 to 1."""
    unjudged: float
    """Share of the presumed speech that nobody has judged because it was silence, from 0 to 1."""
    reason: str
    """Explanation for the user, in a sentence or two."""


def why(
    signs: "LevelStatistics", choice: "ThresholdChoice", counted_steps: int, period_steps: int
) -> str:
    """Return sentences that say what the threshold lies between, and how far it could be moved.

    Args:
        signs: statistics of the levels.
        choice: chosen threshold.
        counted_steps: steps of the periods for which it was found.
        period_steps: steps of the periods for which it was requested.
    """
    down, up = choice.dbfs - choice.lowest, choice.highest - choice.dbfs
    rest = f"at {_shown(signs.floor)}" if signs.floor > ZERO_DBFS else "is digital zero"
    levels = (
        f"Speech is at {_shown(signs.voice)}, noise {rest}; {_shown(choice.dbfs)} "
        f"could be {down:.1f} dB lower or {up:.1f} dB higher."
    )
    sentences = [levels]
    if choice.cost > _OVERLAP:
        sentences.append("Their levels overlap: no threshold keeps them apart.")
    if counted_steps < period_steps:
        sentences.append(
            f"No pause and no speech as long as {period_steps * STEP_MS} ms was heard, so this is "
            f"for {counted_steps * STEP_MS} ms."
        )
    return " ".join(sentences)


def refusal(verdict: Verdict, signs: "LevelStatistics") -> Suggestion:
    """Return a suggestion without a threshold, which says what to do about it."""
    measured = signs.voice < 0.0 and signs.floor > ZERO_DBFS
    floor = from_dbfs(signs.floor) if measured and verdict is Verdict.NO_SPEECH else None
    voice = from_dbfs(signs.voice) if measured and verdict is Verdict.ONLY_SPEECH else None
    reason = _reason(verdict, signs, floor)
    return Suggestion(verdict, None, floor, voice, None, None, 0.0, 0.0, reason)


def _reason(verdict: Verdict, signs: "LevelStatistics", floor: float | None) -> str:
    if verdict is Verdict.TOO_LITTLE:
        return f"{signs.seconds:.1f} s are too little audio: 3 s with sound are needed."
    if verdict is Verdict.ONLY_SPEECH:
        return "No pause stands out from the speech: be quiet for a moment and try again."
    if floor is None:
        return "Hardly anything but digital zero was heard: is the input muted?"
    return f"No speech stands out from the sound at {format_dbfs(floor)}: talk, and try again."


def _shown(dbfs: float) -> str:
    return format_dbfs(from_dbfs(dbfs))
