"""A round: a slice of each of several streams, through all the networks together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from deeptone_tui.dsp import STEP_SAMPLES
from deeptone_tui.endpoint.engine.networks import Networks
from deeptone_tui.endpoint.engine.stream import Track
from deeptone_tui.protocol import Step

Floats = npt.NDArray[np.float32]

ROUND_STEPS = 32
"""Steps that a round takes in all: 64 windows keep the costs of a call small, and fit the cache."""

MAX_SLICE = 16
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
    while waiting - steps >= min(room, MAX_SLICE):
        steps += min(room, MAX_SLICE)
        room = room - MAX_SLICE if room > MAX_SLICE else track.period_steps
    return steps


def cut(track: Track, samples: npt.NDArray[np.int16], streams: int, *, last: bool) -> Slice:
    """Cut the next slice of a stream off the front of its samples.

    Args:
        track: the stream.
        samples: whole steps that it has not heard.
        streams: how many share the round.
        last: whether the audio ends after these samples, and with it the period.
    """
    fair = max(1, min(MAX_SLICE, ROUND_STEPS // streams))
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
