"""Playback of a recording: the endpoint's results are reported when their audio has passed."""

import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

from deeptone_tui.audio import Source, SourceKind, SourceOptions, SourceSpec
from deeptone_tui.dsp import STEP_SAMPLES
from deeptone_tui.monitor import Monitor
from deeptone_tui.monitor.state import Change, ChangeKind, PlacedResult, SessionPhase, SessionStatus
from deeptone_tui.protocol import StreamParameters
from deeptone_tui.recording.reading import Event, Recording
from deeptone_tui.replay.audio import RecordedAudio
from deeptone_tui.session import TargetError

if TYPE_CHECKING:
    from deeptone_tui.recording.results import RecordedResult


class RecordingPlayback:
    """Playback of a recording; see ``monitor.handover.Playback``.

    The monitor counts the audio it was played, so after a seek the same audio has another place:
    what belongs to it is placed again, where its audio is, and keeps its time in the recording.

    Args:
        recording: the recording to play.
        clock: monotonic time in seconds.
    """

    def __init__(
        self, recording: Recording, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._recording = recording
        self._audio = RecordedAudio(recording, clock=clock)
        self._times = [event.sample for event in recording.events]
        changes = [(event, kind) for event in recording.events if (kind := _kind(event))]
        self._endpoints = _Names(recording.endpoint, changes, {ChangeKind.ENDPOINT})
        self._sources = _Names(recording.source, changes, {ChangeKind.DEVICE, ChangeKind.SOURCE})
        self._result = 0  # number of the next result
        self._event = 0
        self._upcoming: RecordedResult | None = None
        self._expected: int | None = None
        self._asked = recording.parameters
        self._find(recording.pieces[0].start)

    @property
    def speed(self) -> float:
        """Seconds of the recording per second."""
        return self._audio.speed

    @property
    def session(self) -> SessionStatus:
        """Connection status at the current position of the recording."""
        return SessionStatus(
            SessionPhase.REPLAYING,
            self._recording.endpoint or "no endpoint",
            self._recording.url,
            applied=self._asked,
        )

    @property
    def parameters(self) -> StreamParameters:
        """Parameters in force at the current position of the recording."""
        return self._asked

    def open_source(self, spec: SourceSpec, options: SourceOptions) -> Source:
        """Return the recording's audio, whatever is requested: there is no other source."""
        del spec, options
        return self._audio

    def set_speed(self, speed: float) -> None:
        """Set the replay speed."""
        self._audio.set_speed(speed)

    def due(self, captured: int) -> Iterator[PlacedResult | Change | str]:
        """Yield what belongs to the audio played since the last call."""
        start, end = self._audio.newest
        if start != self._expected:
            self._find(start // STEP_SAMPLES * STEP_SAMPLES)  # after the end, within a step
        self._expected = end
        shift = captured - end
        while self._event < len(self._times) and self._times[self._event] <= end:
            yield self._told(self._recording.events[self._event], shift)
            self._event += 1
        while (result := self._upcoming) is not None and result.end <= end:
            self._asked = result.parameters
            yield PlacedResult(
                result.step,
                result.sample + shift,
                result.samples,
                result.parameters,
                self._audio.time_of(result.sample),
                self._sources.at(result.sample),
                self._endpoints.at(result.sample),
            )
            self._advance()

    def _told(self, event: Event, shift: int) -> Change | str:
        """Return an event as the monitor would report it, placed in the played audio."""
        kind = _kind(event)
        if kind is None:
            return event.words
        place, time = event.sample + shift, self._audio.time_of(event.sample)
        return Change(kind, event.before, event.after, place, time)

    def _find(self, sample: int) -> None:
        """Continue with the results and events that begin at ``sample`` or later."""
        self._event = bisect_left(self._times, sample)
        self._result = self._recording.results.first_from(sample) - 1
        self._advance()
        if self._upcoming is not None:
            self._asked = self._upcoming.parameters

    def _advance(self) -> None:
        """Read the next readable result."""
        self._upcoming = None
        results = self._recording.results
        while self._upcoming is None and self._result + 1 < len(results):
            self._result += 1
            with suppress(OSError):
                self._upcoming = results.read(self._result)


class _Names:
    """Names of a source or an endpoint over time, derived from its changes.

    Args:
        name: the name where nothing has changed.
        changes: all changes, in order.
        kinds: kinds of change that count.
    """

    def __init__(
        self, name: str, changes: Sequence[tuple[Event, ChangeKind]], kinds: Collection[ChangeKind]
    ) -> None:
        mine = [event for event, kind in changes if kind in kinds]
        self._samples = [event.sample for event in mine]
        self._names = [mine[0].before if mine else name, *(event.after for event in mine)]

    def at(self, sample: int) -> str:
        """Return the name at an absolute sample of the recording."""
        return self._names[bisect_right(self._samples, sample)]


def _kind(event: Event) -> ChangeKind | None:
    """Return the kind of change of an event; None if it is no change or an unknown one."""
    try:
        kind = ChangeKind(event.what)
        if kind is ChangeKind.THRESHOLD:
            float(event.before), float(event.after)
    except ValueError:
        return None
    return kind


class NoEndpoint:
    """Substitute for an endpoint: the results are in the recording."""

    label = "recording"
    ours = True

    async def target(self) -> NoReturn:
        """Fail: there is no endpoint.

        Raises:
            TargetError: always.
        """
        raise TargetError("a replay uses no endpoint")

    async def close(self) -> None:
        """Do nothing: there is nothing to release."""


def replay_monitor(recording: Recording) -> Monitor:
    """Return a monitor, not yet started, that plays a recording from its beginning."""
    return Monitor(
        SourceSpec(SourceKind.FILE, recording.source),
        SourceOptions(),
        NoEndpoint(),
        recording.parameters,
        stream=False,
        playback=RecordingPlayback(recording),
    )
