"""Batched inference: slices of several streams pass through all networks together."""

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
"""Steps of a batch over all streams: 64 windows keep the cost of a call low and fit the cache."""

MAX_SLICE_STEPS = 16
"""Maximum number of steps of one stream in a batch, so that no stream delays the others."""


@dataclass(frozen=True, slots=True)
class Slice:
    """Contiguous audio of a stream within one period."""

    track: Track
    samples: npt.NDArray[np.int16]
    """Whole steps; empty if the end of the audio only cuts a period short."""
    ends_period: bool


def due(track: Track, waiting: int) -> int:
    """Return the number of waiting steps to judge now: whole slices and ends of periods.

    The result of a period is not needed before it ends, and its steps cost less together than one
    by one. So a real-time stream is judged once per period, or once a second.

    Args:
        track: track of the stream.
        waiting: number of whole steps not processed yet.
    """
    steps, room = 0, track.room
    while waiting - steps >= min(room, MAX_SLICE_STEPS):
        steps += min(room, MAX_SLICE_STEPS)
        room = room - MAX_SLICE_STEPS if room > MAX_SLICE_STEPS else track.period_steps
    return steps


def cut(track: Track, samples: npt.NDArray[np.int16], streams: int, *, last: bool) -> Slice:
    """Cut the next slice of a stream off the front of its samples.

    Args:
        track: track of the stream.
        samples: samples not processed yet, whole steps.
        streams: number of streams that share the batch.
        last: True if the audio, and with it the period, ends after these samples.
    """
    fair = max(1, min(MAX_SLICE_STEPS, ROUND_STEPS // streams))
    waiting = len(samples) // STEP_SAMPLES
    steps = min(track.room, fair, waiting)
    ends = steps == track.room or (last and steps == waiting)
    return Slice(track, samples[: steps * STEP_SAMPLES], ends)


def judge(slices: Sequence[Slice], networks: Networks) -> list[Step | None]:
    """Judge slices of different streams; return a result for each that ends a period, else None."""
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
    """Run a network once on the inputs of several streams, and split its outputs by stream."""
    some = [inputs for inputs in wanted if len(inputs)]
    if not some:
        return [np.empty((0, 0), np.float32)] * len(wanted)
    places = np.cumsum([len(inputs) for inputs in wanted])[:-1]
    return np.split(network(np.concatenate(some)), places)


class EngineClosed(RuntimeError):  # noqa: N818  named for the state
    """Audio was not judged because the engine is not running or the analysis was closed."""


class Job:
    """Samples of a stream whose results a caller awaits.

    Created and awaited on an event loop, processed by one worker thread at a time, slice by slice.
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
        """True once the caller no longer waits; set on the loop, read by the workers."""
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
        """True if all samples have been judged."""
        return self._done

    @property
    def in_time(self) -> bool:
        """True if the stream demands no more than real time."""
        return self._lead.in_time and not self._presses()

    @property
    def makes_others_wait(self) -> bool:
        """True if streams ahead of real time leave room for this one."""
        return self._lead.steady and not self._presses()

    async def judged(self) -> list[Step]:
        """Wait for the results; if the wait is cancelled, the rest is not judged."""
        try:
            return await self._future
        finally:
            self.abandoned = True

    def abandon(self) -> None:
        """Cancel the job; its caller gets `EngineClosed`. To be called on the loop."""
        self.abandoned = True
        self._wake(EngineClosed("the analysis has been closed"))

    def next_slice(self, streams: int) -> Slice:
        """Cut the next slice for a batch of ``streams`` streams."""
        return cut(self._track, self._samples[self._place :], streams, last=self._last)

    def note(self, own: Slice, step: Step | None) -> None:
        """Record the result of a slice; None if it ends no period."""
        self._place += len(own.samples)
        self._lead.book(len(own.samples) / SAMPLE_RATE_HZ)
        if step is not None:
            self._steps.append(step)
        self._done = len(self._samples) - self._place < STEP_SAMPLES

    def settle(self, error: BaseException | None = None) -> None:
        """Wake the caller with the results or the error; callable from any thread."""
        with contextlib.suppress(RuntimeError):  # the loop is closed: no caller waits
            self._loop.call_soon_threadsafe(self._wake, error)

    def _wake(self, error: BaseException | None) -> None:
        if self._future.done():
            return
        if error is None:
            self._future.set_result(self._steps)
        else:
            self._future.set_exception(error)
