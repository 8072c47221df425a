"""Batched inference: slices of several streams pass through all networks together."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from concurrent.futures import Future, InvalidStateError
from dataclasses import dataclass

import numpy as np

from deeptone_tui.dsp import Samples
from deeptone_tui.endpoint.engine.features import Floats
from deeptone_tui.endpoint.engine.networks import Networks
from deeptone_tui.endpoint.engine.track import Track
from deeptone_tui.endpoint.virtual_clock import VirtualClock
from deeptone_tui.protocol import SAMPLE_RATE_HZ, STEP_SAMPLES, Step

BATCH_STEPS = 32
"""Steps of a batch over all streams: 64 windows keep the cost of a call low and fit the cache."""

MAX_SLICE_STEPS = 16
"""Maximum number of steps of one stream in a batch, so that no stream delays the others."""


@dataclass(frozen=True, slots=True)
class Slice:
    """Contiguous audio of a stream within one period."""

    track: Track
    samples: Samples
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


def cut(track: Track, samples: Samples, streams: int, *, last: bool) -> Slice:
    """Cut the next slice of a stream off the front of its samples.

    Args:
        track: track of the stream.
        samples: samples not processed yet, whole steps.
        streams: number of streams that share the batch.
        last: True if the audio, and with it the period, ends after these samples.
    """
    fair = max(1, min(MAX_SLICE_STEPS, BATCH_STEPS // streams))
    waiting = len(samples) // STEP_SAMPLES
    steps = min(track.room, fair, waiting)
    ends = steps == track.room or (last and steps == waiting)
    return Slice(track, samples[: steps * STEP_SAMPLES], ends)


def judge(slices: Sequence[Slice], networks: Networks) -> list[Step | None]:
    """Judge slices of different streams; return a result for each that ends a period, else None."""
    _detect_speech([each for each in slices if len(each.samples)], networks)
    _classify_sounds(slices, networks)
    ending = [each.track for each in slices if each.ends_period]
    _estimate_genders([track for track in ending if track.wants_gender], networks)
    return [each.track.conclude() if each.ends_period else None for each in slices]


def _detect_speech(slices: Sequence[Slice], networks: Networks) -> None:
    if not slices:
        return
    windows = [each.track.speech_windows(each.samples) for each in slices]
    states = [each.track.voice_state for each in slices]
    detected = networks.voice_activity.listen(windows, states)
    for each, probabilities in zip(slices, detected, strict=True):
        each.track.note_speech(probabilities)


def _classify_sounds(slices: Sequence[Slice], networks: Networks) -> None:
    patches = [each.track.sounds.patches(period_ends=each.ends_period) for each in slices]
    classified = _together(patches, networks.sound_class.run)
    for each, classes in zip(slices, classified, strict=True):
        each.track.sounds.note(classes)


def _estimate_genders(tracks: Sequence[Track], networks: Networks) -> None:
    windows = [track.voice_windows() for track in tracks]
    embedded = _together(windows, networks.voice_embedding.run)
    for track, embeddings in zip(tracks, embedded, strict=True):
        if len(embeddings):
            track.voice.female = networks.gender.female(track.voice.note(embeddings))


def _together(inputs: Sequence[Floats], network: Callable[[Floats], Floats]) -> list[Floats]:
    """Run a network once on the inputs of several streams, and split its outputs by stream."""
    some = [each for each in inputs if len(each)]
    if not some:
        return [np.empty((0, 0), np.float32)] * len(inputs)
    ends = np.cumsum([len(each) for each in inputs])[:-1]
    return np.split(network(np.concatenate(some)), ends)


class EngineClosed(RuntimeError):  # noqa: N818  named for the state
    """Audio was not judged because the engine is not running or the analysis was closed."""


class Job:
    """Samples of a stream whose results a caller awaits.

    Created and awaited on an event loop, processed by one worker thread at a time, slice by slice.
    """

    def __init__(
        self,
        track: Track,
        samples: Samples,
        lead: VirtualClock,
        backlogged: Callable[[], bool],
        *,
        last: bool,
    ) -> None:
        self._track = track
        self._samples = samples
        self._lead = lead
        self._backlogged = backlogged
        self._last = last
        self._position = 0
        self._steps: list[Step] = []
        self._future: Future[list[Step]] = Future()

    @property
    def done(self) -> bool:
        """True if all samples have been judged."""
        return len(self._samples) - self._position < STEP_SAMPLES

    @property
    def abandoned(self) -> bool:
        """True once the caller no longer waits."""
        return self._future.done()

    @property
    def in_time(self) -> bool:
        """True if the stream demands no more than real time."""
        return self._lead.in_time and not self._backlogged()

    @property
    def steady(self) -> bool:
        """True if streams ahead of real time leave room for this one."""
        return self._lead.steady and not self._backlogged()

    async def judged(self) -> list[Step]:
        """Wait for the results; if the wait is cancelled, the rest is not judged."""
        return await asyncio.wrap_future(self._future)

    def next_slice(self, streams: int) -> Slice:
        """Cut the next slice for a batch of ``streams`` streams."""
        return cut(self._track, self._samples[self._position :], streams, last=self._last)

    def note(self, own: Slice, step: Step | None) -> None:
        """Record the result of a slice; None if it ends no period."""
        self._position += len(own.samples)
        self._lead.book(len(own.samples) / SAMPLE_RATE_HZ)
        if step is not None:
            self._steps.append(step)

    def settle(self, error: BaseException | None = None) -> None:
        """Wake the caller with the results or the error; callable from any thread."""
        with contextlib.suppress(InvalidStateError):  # the caller no longer waits
            if error is None:
                self._future.set_result(self._steps)
            else:
                self._future.set_exception(error)
