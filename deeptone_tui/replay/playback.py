"""A recording in the place of source and endpoint: its audio, its results, its clock."""

import asyncio
import time
from bisect import bisect_left, bisect_right
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Sequence
from contextlib import suppress
from itertools import accumulate
from typing import TYPE_CHECKING, Final, NoReturn

from deeptone_tui.audio import (
    Block,
    Source,
    SourceError,
    SourceInfo,
    SourceKind,
    SourceOptions,
    SourceSpec,
)
from deeptone_tui.audio.source import Pacer
from deeptone_tui.core.blocking import call_in_thread
from deeptone_tui.core.files import open_plain
from deeptone_tui.core.text import reason_of
from deeptone_tui.dsp import NO_SAMPLES, SAMPLE_BYTES, Samples, from_bytes
from deeptone_tui.dsp.wav import HEADER_BYTES
from deeptone_tui.monitor import Monitor
from deeptone_tui.monitor.state import Change, ChangeKind, PlacedResult, SessionPhase, SessionStatus
from deeptone_tui.protocol import SAMPLE_RATE_HZ, STEP_SAMPLES
from deeptone_tui.recording.reading import AudioPiece, Event, Recording
from deeptone_tui.session import TargetError

if TYPE_CHECKING:
    from deeptone_tui.recording.results import RecordedResult


_BLOCK_SAMPLES: Final = 256
"""Samples per block at normal speed, a part of a step: 16 ms."""
_READ_AHEAD_SAMPLES: Final = 2 * SAMPLE_RATE_HZ
"""Samples read at a time."""
_DISK_TIMEOUT_S: Final = 10.0
"""Timeout in seconds for a disk, which may be on the network."""


class RecordedAudio:
    """Source of all audio files of a recording, one after the other; gaps between them are skipped.

    Args:
        recording: the recording to play.
        clock: monotonic time in seconds.
    """

    def __init__(
        self, recording: Recording, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._pieces = recording.pieces
        self._offsets = [0, *accumulate(piece.samples for piece in self._pieces)]
        self._starts = [piece.start for piece in self._pieces]
        self._clock = clock
        self.speed = 1.0
        """Seconds of the recording per second."""
        self._pacer = Pacer(clock, asyncio.sleep)
        self._running = asyncio.Event()
        self._running.set()
        self._closed = False
        self._held = NO_SAMPLES
        self._at = 0  # samples of audio before the held ones
        self._given = 0
        self._wanted: int | None = None
        self.newest = (0, 0)
        """Absolute samples of the recording, start and end, in the newest block."""
        self.info = SourceInfo(
            SourceKind.FILE,
            recording.source,
            "recording",
            live=False,
            duration=self._offsets[-1] / SAMPLE_RATE_HZ,
        )

    @property
    def position(self) -> float:
        """Seconds of audio before the next block."""
        return (self._at if self._wanted is None else self._wanted) / SAMPLE_RATE_HZ

    @property
    def paused(self) -> bool:
        """True if delivery is paused."""
        return not self._running.is_set()

    def time_of(self, sample: int) -> float:
        """Return the seconds of audio before an absolute sample of the recording."""
        number = max(bisect_right(self._starts, sample) - 1, 0)
        piece = self._pieces[number]
        within = min(max(sample - piece.start, 0), piece.samples)
        return (self._offsets[number] + within) / SAMPLE_RATE_HZ

    def set_speed(self, speed: float) -> None:
        """Set the speed from the next block on."""
        self.speed = speed
        self._pacer = Pacer(self._clock, asyncio.sleep, speed=speed)

    def pause(self) -> None:
        """Pause delivery from the next block on."""
        self._running.clear()

    def resume(self) -> None:
        """Resume delivery, paced from now on."""
        self._pacer.restart()
        self._running.set()

    def seek(self, seconds: float) -> None:
        """Seek to another position, clamped to the recording's length."""
        self._wanted = round(min(max(seconds, 0.0) * SAMPLE_RATE_HZ, self._offsets[-1]))

    async def open(self) -> None:
        """Check that the first file can be read.

        Raises:
            SourceError: if it cannot be read.
        """
        held = await self._read(0)
        if not self._at:
            self._held = held

    async def blocks(self) -> AsyncIterator[Block]:
        """Yield the recording, paced.

        Raises:
            SourceError: if a file cannot be read any more.
        """
        while not self._closed:
            await self._running.wait()
            rest = -self._given % STEP_SAMPLES
            if self._wanted is not None and (not rest or self._at >= self._offsets[-1]):
                self._jump(self._wanted)
            if not len(self._held):
                if self._at >= self._offsets[-1]:
                    return
                self._held = await self._read(self._at)
            if self._wanted is not None:
                if rest:  # finish the step first, so that none holds audio of two positions
                    yield self._give(self._held[:rest])
                continue
            samples = self._held[: max(int(_BLOCK_SAMPLES * self.speed), _BLOCK_SAMPLES)]
            await self._pacer.wait(len(samples))
            if self._may_go_on():  # else the block stays held, or is skipped by a seek
                yield self._give(samples)

    async def close(self) -> None:
        """End ``blocks``, paused or not."""
        self._closed = True
        self._running.set()

    def _may_go_on(self) -> bool:
        """Return True if nothing was requested while the block waited for its time."""
        return not (self._closed or self.paused or self._wanted is not None)

    def _give(self, samples: Samples) -> Block:
        """Return the next of the held samples as a block."""
        place = self._place(self._at)
        self._held = self._held[len(samples) :]
        self._at += len(samples)
        self._given += len(samples)
        self.newest = (place, place + len(samples))
        return Block(samples)

    def _jump(self, wanted: int) -> None:
        """Seek to a step boundary, so that steps are measured as when they were recorded."""
        number = self._piece(wanted)
        piece, before = self._pieces[number], self._offsets[number]
        step = (piece.start + wanted - before) // STEP_SAMPLES * STEP_SAMPLES
        # After the end, the meters are within a step; this aligns the next steps.
        place = max(step - piece.start, 0) + self._given % STEP_SAMPLES
        self._at = min(before + place, self._offsets[-1])
        self._held = NO_SAMPLES
        self._wanted = None
        self._pacer.restart()

    def _piece(self, at: int) -> int:
        """Return the number of the file at a position, counted from the start of the audio."""
        return min(bisect_right(self._offsets, at) - 1, len(self._pieces) - 1)

    def _place(self, at: int) -> int:
        """Return the absolute sample of a position counted from the start of the audio."""
        number = self._piece(at)
        return self._pieces[number].start + at - self._offsets[number]

    async def _read(self, at: int) -> Samples:
        """Read the audio after a position, within one file.

        Raises:
            SourceError: if that fails.
        """
        number = self._piece(at)
        piece = self._pieces[number]
        first = at - self._offsets[number]
        try:
            samples = await call_in_thread(
                lambda: _samples_of(piece, first), timeout=_DISK_TIMEOUT_S
            )
        except TimeoutError:
            raise SourceError(
                f"{piece.path.name}: the disk has not answered for {_DISK_TIMEOUT_S:.0f} s"
            ) from None
        except OSError as error:
            why = reason_of(error)
            raise SourceError(f"{piece.path.name}: {why}") from None
        if not len(samples):
            raise SourceError(f"{piece.path.name} became shorter during the replay")
        return samples


def _samples_of(piece: AudioPiece, first: int) -> Samples:
    """Return samples of an audio file from sample ``first`` on.

    Raises:
        OSError: if it cannot be read.
    """
    count = min(_READ_AHEAD_SAMPLES, piece.samples - first)
    with open_plain(piece.path) as file:
        file.seek(HEADER_BYTES + first * SAMPLE_BYTES)
        data = file.read(count * SAMPLE_BYTES)
    return from_bytes(data)


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
