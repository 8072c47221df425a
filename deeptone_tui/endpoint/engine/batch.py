"""Batches: a chunk of each of several streams, through all the networks together."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from deeptone_tui.dsp import STEP_SAMPLES
from deeptone_tui.endpoint.engine.networks import Networks
from deeptone_tui.endpoint.engine.track import Track
from deeptone_tui.endpoint.virtual_clock import VirtualClock
from deeptone_tui.protocol import SAMPLE_RATE_HZ, Step

Floats = npt.NDArray[np.float32]

ROUND_STEPS = 32
"""Steps that a round takes in all: 64 windows keep the costs of a call small, and fit the cache."""

MAX_SLICE_STEPS = 16
"""Steps of one stream in a round, so that no stream holds up the others."""


@dataclass(frozen=True, slots=True)
class Slice:
    """Some audio of a stream, within one period."""

    track: Track
    samples: npt.NDArray[np.int16]
    """Whole steps; none where a period is cut short at the end of the audio."""
    ends_period: bool


def due(track: Track, waiting: int) -> int:
    """How many of the steps that wait are worth a round now: whole slices and ends of periods.

    The results of a period are not wanted before it ends, and its steps cost less together than
    one by one. So a stream that comes in real time is heard once a period, or once a second.

    Args:
        track: the stream.
        waiting: whole steps that it has not heard.
    """
    steps, room = 0, track.room
    while waiting - steps >= min(room, MAX_SLICE_STEPS):
        steps += min(room, MAX_SLICE_STEPS)
        room = room - MAX_SLICE_STEPS if room > MAX_SLICE_STEPS else track.period_steps
    return steps


def cut(track: Track, samples: npt.NDArray[np.int16], streams: int, *, last: bool) -> Slice:
    """Cut the next slice of a stream off the front of its samples.

    Args:
        track: the stream.
        samples: whole steps that it has not heard.
        streams: how many share the round.
        last: whether the audio ends after these samples, and with it the period.
    """
    fair = max(1, min(MAX_SLICE_STEPS, ROUND_STEPS // streams))
    waiting = len(samples) // STEP_SAMPLES
    steps = min(track.room, fair, waiting)
    ends = steps == track.room or (last and steps == waiting)
    return Slice(track, samples[: steps * STEP_SAMPLES], ends)


def judge(slices: Sequence[Slice], networks: Networks) -> list[Step | None]:
    """Take the slices, of different streams, and return the results of the periods they end."""
    _hear_speech([own for own in slices if len(own.samples)], networks)
    _tell_sounds(slices, networks)
    ending = [own.track for own in slices if own.ends_period]
    _tell_voices([track for track in ending if track.wants_gender], networks)
    return [own.track.conclude() if own.ends_period else None for own in slices]


def _hear_speech(slices: Sequence[Slice], networks: Networks) -> None:
    if not slices:
        return
    windows = [own.track.hear(own.samples) for own in slices]
    states = [own.track.voice_state for own in slices]
    heard = networks.voice_activity.listen(windows, states)
    for own, probabilities in zip(slices, heard, strict=True):
        own.track.note_speech(probabilities)


def _tell_sounds(slices: Sequence[Slice], networks: Networks) -> None:
    wanted = [own.track.sound_patches(period_ends=own.ends_period) for own in slices]
    seen = _together(wanted, networks.sound_class.classify)
    for own, classes in zip(slices, seen, strict=True):
        own.track.note_sounds(classes)


def _tell_voices(tracks: Sequence[Track], networks: Networks) -> None:
    wanted = [track.voice_windows() for track in tracks]
    heard = _together(wanted, networks.voice_embedding.embed)
    for track, embeddings in zip(tracks, heard, strict=True):
        if len(embeddings):
            track.note_gender(networks.gender.female(track.note_voice(embeddings)))


def _together(wanted: Sequence[Floats], network: Callable[[Floats], Floats]) -> list[Floats]:
    """Run a network once for what several streams want, and give each its own part back."""
    some = [inputs for inputs in wanted if len(inputs)]
    if not some:
        return [np.empty((0, 0), np.float32)] * len(wanted)
    places = np.cumsum([len(inputs) for inputs in wanted])[:-1]
    return np.split(network(np.concatenate(some)), places)


class EngineClosed(RuntimeError):  # noqa: N818  named for what happened
    """The engine is not running, or the analysis was closed, so that the audio is not judged."""


class Job:
    """Samples of a stream that a caller waits for.

    Made and awaited on an event loop, worked on by one thread at a time, slice by slice.
    """

    def __init__(
        self,
        track: Track,
        samples: npt.NDArray[np.int16],
        *,
        lead: VirtualClock,
        presses: Callable[[], bool],
        last: bool,
    ) -> None:
        self.abandoned = False
        """Set by the loop when nobody waits any more; read by the workers."""
        self._track = track
        self._samples = samples
        self._lead = lead
        self._presses = presses
        self._last = last
        self._place = 0
        self._done = False
        self._steps: list[Step] = []
        self._loop = asyncio.get_running_loop()
        self._future: asyncio.Future[list[Step]] = self._loop.create_future()

    @property
    def done(self) -> bool:
        """Whether all of it has been judged."""
        return self._done

    @property
    def in_time(self) -> bool:
        """Whether the stream wants no more than real time needs."""
        return self._lead.in_time and not self._presses()

    @property
    def makes_others_wait(self) -> bool:
        """Whether streams that are ahead of real time leave room for this one."""
        return self._lead.steady and not self._presses()

    async def judged(self) -> list[Step]:
        """Wait for the results; when the wait is cancelled, the rest is not judged."""
        try:
            return await self._future
        finally:
            self.abandoned = True

    def abandon(self) -> None:
        """Judge no more of it; who waits gets `EngineClosed`. To be called on the loop."""
        self.abandoned = True
        self._wake(EngineClosed("the analysis has been closed"))

    def next_slice(self, streams: int) -> Slice:
        """Cut the next slice for a round of ``streams``."""
        return cut(self._track, self._samples[self._place :], streams, last=self._last)

    def note(self, own: Slice, step: Step | None) -> None:
        """Take the result of that slice."""
        self._place += len(own.samples)
        self._lead.book(len(own.samples) / SAMPLE_RATE_HZ)
        if step is not None:
            self._steps.append(step)
        self._done = len(self._samples) - self._place < STEP_SAMPLES

    def settle(self, error: BaseException | None = None) -> None:
        """Wake the caller with the results, or the error; callable from any thread."""
        with contextlib.suppress(RuntimeError):  # the loop has been closed: nobody waits
            self._loop.call_soon_threadsafe(self._wake, error)

    def _wake(self, error: BaseException | None) -> None:
        if self._future.done():
            return
        if error is None:
            self._future.set_result(self._steps)
        else:
            self._future.set_exception(error)
