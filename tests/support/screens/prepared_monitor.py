"""A monitor without audio and without a network: it shows prepared states, or plays a scene.

It stands behind the screen wherever the screen is what is tested. It holds to the same
interface, counts what it is asked for, and knows no clock: a scene moves when it is told to.
"""

import functools
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Unpack

import numpy as np
import numpy.typing as npt

from deeptone_tui.audio import SourceInfo, SourceKind, SourceOptions, SourceSpec
from deeptone_tui.dsp import period_is_silent
from deeptone_tui.monitor import Monitor
from deeptone_tui.monitor.evaluation import shifted
from deeptone_tui.monitor.state import (
    LevelHistory,
    Meter,
    MonitorState,
    PlacedResult,
    SessionPhase,
    SessionStatus,
    SourcePhase,
    SourceStatus,
)
from deeptone_tui.protocol import (
    SAMPLE_RATE_HZ,
    STEP_SAMPLES,
    Answer,
    Changes,
    Step,
    StreamParameters,
)
from deeptone_tui.protocol.units import from_dbfs
from deeptone_tui.recording import RecordingStatus
from deeptone_tui.session import TargetProvider

MICROPHONE = SourceInfo(SourceKind.MICROPHONE, "USB Audio CODEC", "ALSA", 16_000, live=True)
FILE = SourceInfo(SourceKind.FILE, "call.flac", "FLAC", 44_100, live=False, duration=63.0)
STREAMING = SessionStatus(
    SessionPhase.STREAMING, "local endpoint", "ws://127.0.0.1:40001/stream", latency=0.21
)


class PreparedMonitor(Monitor):
    """What the screen asks of a monitor, answered from prepared values."""

    def __init__(self, state: MonitorState | None = None) -> None:  # it has no core
        self._state = state if state is not None else MonitorState()
        self._prepared: list[PlacedResult] = []
        self.calls: list[tuple[object, ...]] = []
        """What was asked for, in order: the name of the command and its arguments."""

    @property
    def state(self) -> MonitorState:
        """The state that was prepared last."""
        return self._state

    def show(self, state: MonitorState, *entries: PlacedResult) -> None:
        """Prepare the next state, and results that come with it."""
        self._state = replace(state, revision=self._state.revision + 1)
        self._prepared += entries

    def change(self, *entries: PlacedResult, **changes: object) -> None:
        """Prepare a state that differs from the last one."""
        self.show(replace(self._state, **changes), *entries)  # type: ignore[arg-type]  # fields by name

    def take_entries(self) -> list[PlacedResult]:
        """The results since the last call."""
        taken, self._prepared = self._prepared, []
        return taken

    def start(self) -> None:
        """Begin."""
        self.calls.append(("start",))

    def stop(self, timeout: float = 0.4) -> bool:
        """End."""
        self.calls.append(("stop", timeout))
        return True

    def apply(self, **changes: Unpack[Changes]) -> None:
        """Take other parameters, as a monitor does: pending until the endpoint has them."""
        parameters = replace(self._state.session.wanted, **changes)
        self.calls.append(("apply", parameters))
        self.change(session=replace(self._state.session, pending=parameters))

    def switch_source(self, spec: SourceSpec, options: SourceOptions | None = None) -> None:
        """Listen to something else."""
        self.calls.append(("switch_source", spec, options))

    def switch_provider(self, provider: TargetProvider) -> None:
        """Talk to another endpoint."""
        self.calls.append(("switch_provider", provider))

    def shift(self, decibels: float) -> None:
        """Shift the preview."""
        self.calls.append(("shift", decibels))
        self.show(shifted(self._state, decibels))

    def pause(self) -> None:
        """Hold a file."""
        self.calls.append(("pause",))
        self.change(source=replace(self._state.source, phase=SourcePhase.PAUSED))

    def resume(self) -> None:
        """Go on."""
        self.calls.append(("resume",))
        self.change(source=replace(self._state.source, phase=SourcePhase.RUNNING))

    def seek(self, seconds: float) -> None:
        """Go somewhere else."""
        self.calls.append(("seek", seconds))

    def record(self, parent: Path) -> None:
        """Begin a recording."""
        self.calls.append(("record", parent))
        self.change(recording=RecordingStatus(parent / "2026-11-22T10-49-03", 3_072_000))

    def stop_recording(self) -> None:
        """Finish it."""
        self.calls.append(("stop_recording",))
        self.change(recording=None)

    def set_speed(self, speed: float) -> None:
        """Show a recording faster or slower."""
        self.calls.append(("set_speed", speed))
        self.change(speed=speed)

    def reset_peaks(self) -> None:
        """Reset the lamp."""
        self.calls.append(("reset_peaks",))


_SEED = 7


@functools.cache
def _dbfs(step: int) -> float:
    """The level of a step, in decibels; the same for the same step, always and everywhere.

    Kept off the borders of the cells of any scale, where the last bit of a logarithm would decide
    between two pictures.
    """
    seconds = step * STEP_SAMPLES / SAMPLE_RATE_HZ
    noise = np.random.default_rng((_SEED, step)).normal()
    level = floor = -52.0 + 1.5 * noise + 1.5 * math.sin(seconds / 7)
    match _kind(seconds):
        case "speech":
            syllables = 7.0 * math.sin(2 * math.pi * 3.1 * seconds) * math.sin(seconds * 1.7)
            pause = -16.0 if math.sin(seconds * 2.2) < -0.82 else 0.0
            level = max(-25.0 + syllables + pause + 2.5 * noise, floor)
        case "music":
            level = -30.0 + 3.0 * math.sin(seconds * 9.0) + 1.5 * noise
        case "other":
            level = -38.0 - 9.0 * (seconds % 20 - 17.0) + 2.0 * noise
    return round(level, 2) + 0.003


def _kind(seconds: float) -> str:
    """What is heard: speech, a pause, music, a door."""
    phase = seconds % 20
    if phase < 7:
        return "speech"
    if 11 <= phase < 15:
        return "music" if int(seconds / 20) % 2 else "speech"
    return "other" if 17 <= phase < 18 else "silence"


def _voice(seconds: float) -> str:
    """Whose voice it is."""
    return "female" if int(seconds / 10) % 2 == 0 else "male"


class ScenePlayer(PreparedMonitor):
    """A minute of somebody talking in a room, with music and a door, as far as it is told to.

    Its endpoint is always right.
    """

    def __init__(
        self, *, parameters: StreamParameters | None = None, info: SourceInfo = MICROPHONE
    ) -> None:
        self._parameters = parameters or StreamParameters()
        self._levels: npt.NDArray[np.float32] = np.empty(0, dtype=np.float32)
        self._peak = self._vu = 0.0
        self._judged = 0
        super().__init__(
            MonitorState(
                source=SourceStatus(info, SourcePhase.RUNNING),
                session=replace(STREAMING, applied=self._parameters),
            )
        )

    def advance(self, steps: int = 1) -> None:
        """Let that many steps of 64 ms pass."""
        start = len(self._levels)
        new = [from_dbfs(_dbfs(step)) for step in range(start, start + steps)]
        self._levels = np.concatenate((self._levels, np.array(new, dtype=np.float32)))
        for level in new:
            self._peak = max(self._peak * 10 ** (-0.0377), min(level * 2.8, 1.0))
            self._vu += (level - self._vu) * 0.25
        entries = list(self._judge())
        counters = self.state.counters
        captured = len(self._levels) * STEP_SAMPLES
        self.show(
            replace(
                self.state,
                meter=replace(self.state.meter, level=new[-1], peak=self._peak, vu=self._vu),
                history=LevelHistory(0, self._levels),
                counters=replace(
                    counters,
                    captured=captured,
                    sent=captured,
                    answered=self._judged,
                    in_flight=captured - self._judged,
                    results=counters.results + len(entries),
                ),
                latest=entries[-1].step if entries else self.state.latest,
            ),
            *entries,
        )

    def apply(self, **changes: Unpack[Changes]) -> None:
        """Have the endpoint take other parameters at once."""
        parameters = replace(self.state.session.wanted, **changes)
        self.calls.append(("apply", parameters))
        self._parameters = parameters
        self.change(session=replace(self.state.session, applied=parameters))

    def _judge(self) -> Iterator[PlacedResult]:
        """The results that are due."""
        period = self._parameters.period_samples
        while self._judged + period <= len(self._levels) * STEP_SAMPLES:
            start = self._judged // STEP_SAMPLES
            levels = self._levels[start : start + period // STEP_SAMPLES]
            seconds = self._judged / SAMPLE_RATE_HZ
            answers = {
                model: self._answer(model, seconds, levels) for model in self._parameters.models
            }
            step = Step(self._judged / 16, answers)
            yield PlacedResult(step, self._judged, period, self._parameters)
            self._judged += period

    def _answer(self, model: str, seconds: float, levels: npt.NDArray[np.float32]) -> Answer:
        if period_is_silent(levels, self._parameters.volume_threshold):
            return Answer("silence", 1.0)
        kind = _kind(seconds + 0.5)
        kind = "other" if kind == "silence" else kind
        confidence = 0.75 + 0.22 * abs(math.sin(seconds * 1.3))
        if model == "gender":
            name = _voice(seconds) if kind == "speech" else "no_speech"
            return Answer(name, confidence)
        return Answer(kind, confidence)


def meter(dbfs: float) -> Meter:
    """A meter that reads a level everywhere."""
    level = from_dbfs(dbfs)
    return Meter(level, level, level)
