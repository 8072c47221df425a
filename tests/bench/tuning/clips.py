"""The clips: speech and noise at known levels, and which steps are truly speech.

The truth is taken from the clean speech before anything is mixed to it: a step is speech when it is
less than 15.9 dB under the active level (the margin of ITU-T P.56), and so are gaps of up to three
steps, 192 ms, between such steps: they are within words. The same networks that give the classes
have no part in it. No clip begins with speech: the first second is quiet, as one of the peers
needs it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np
import numpy.typing as npt
from support.sources.scenes import captured

from bench.tuning.material import (
    HALVES,
    MARGIN_DB,
    NOISES,
    RATE,
    VOICES,
    Random,
    Signal,
    active_power,
    coloured,
    noise,
    scaled,
    step_power,
    utterances,
)

STEPS = 188
SIZE = STEPS * 1024
"""12.03 s."""
SNRS = (0, 5, 10, 15, 20, 25, 30)
EACH = 10
"""Clips of a noise at a signal-to-noise ratio."""
LONG_STEPS = 960
LONG_SIZE = LONG_STEPS * 1024
"""61.44 s."""
LONG_SNRS = (5, 15, 25)
LONG_EACH = 3
BRIDGED = 3
ROOM_DBFS = -78.0
"""A quiet room's noise under everything but digital zero."""


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """A recording and what is true of it."""

    kind: str
    """The noise, or ``near-silence``, ``speech alone``, ``noise alone``, ``silence alone``."""
    snr: float
    """Active level of the speech over that of the noise, in dB; not a number without either."""
    samples: npt.NDArray[np.int16]
    truth: npt.NDArray[np.bool_]
    """Whether each step is speech, shape (`STEPS`,), or (`LONG_STEPS`,)."""


_Speak = Callable[[str, Random], tuple[Signal, npt.NDArray[np.bool_]]]
"""Makes sentences with pauses of a half's voices, and says which steps are speech."""


def clips(half: str) -> Iterator[Clip]:
    """All clips of a half, the same every time: 420 with noise, 80 nearly without, 100 alone."""
    for kind, snr, n in product(NOISES, SNRS, range(EACH)):
        yield _mixed(half, kind, snr, _random(half, kind, snr, n), _speech)
    for n in range(40):
        yield _near_silence(half, n)
        yield _speech_alone(half, n)
    for n in range(60):
        yield _noise_alone(half, n)
    for n in range(40):
        yield _silence_alone(half, n)


def long_clips(half: str) -> Iterator[Clip]:
    """A minute each, with pauses of 9 s and more, which hold whole periods of 4096 ms."""
    for kind, snr, n in product(NOISES, LONG_SNRS, range(LONG_EACH)):
        yield _mixed(half, kind, snr, _random(half, "long", kind, snr, n), _turns)


def _mixed(half: str, kind: str, snr: float, random: Random, speak: _Speak) -> Clip:
    """Speech at a level, noise so many decibels under it, and the room."""
    level = random.uniform(-45.0, -15.0)
    speech, truth = speak(half, random)
    other = noise(kind, half, random, len(speech))
    mix = scaled(speech, level) + _at(level - snr) * other + _room(random, len(speech))
    return Clip(kind, snr, _rounded(mix), truth)


def _turns(half: str, random: Random) -> tuple[Signal, npt.NDArray[np.bool_]]:
    """Some 10 s of sentences, then a long pause, and so on, and which steps are speech."""
    voice = utterances(VOICES[half][int(random.integers(len(VOICES[half])))])
    total = np.zeros(LONG_SIZE)
    place = round(random.uniform(9.0, 11.0) * RATE)
    while place < LONG_SIZE - RATE:
        until = place + round(random.uniform(9.0, 14.0) * RATE)
        while place < min(until, LONG_SIZE - RATE):
            one = voice[int(random.integers(len(voice)))][: LONG_SIZE - place]
            total[place : place + len(one)] += one
            place += len(one) + round(random.uniform(0.1, 0.5) * RATE)
        place += round(random.uniform(9.0, 13.0) * RATE)
    return total, _true_steps(total)


def _random(half: str, *key: object) -> Random:
    digits = [ord(letter) for letter in f"{half} {key}"]
    return np.random.default_rng(digits)


def _at(dbfs: float) -> float:
    return float(10 ** (dbfs / 20))


def _room(random: Random, size: int = SIZE) -> Signal:
    return scaled(coloured(random, size, 1.0), ROOM_DBFS)


def _speech(half: str, random: Random) -> tuple[Signal, npt.NDArray[np.bool_]]:
    """Sentences of one voice with pauses, and which steps are speech."""
    voice = utterances(VOICES[half][int(random.integers(len(VOICES[half])))])
    total = np.zeros(SIZE)
    place = round(random.uniform(1.0, 2.0) * RATE)
    longest = random.choice([0.8, 2.0, 4.0])
    while place < SIZE - RATE:
        one = voice[int(random.integers(len(voice)))] * _at(random.uniform(-2.0, 2.0))
        one = one[: SIZE - place]
        total[place : place + len(one)] += one
        place += len(one) + round(random.uniform(0.3, longest) * RATE)
    return total, _true_steps(total)


def _true_steps(speech: Signal) -> npt.NDArray[np.bool_]:
    """Which steps of clean speech are speech."""
    power = step_power(speech)
    truth = power >= active_power(speech) * 10 ** (-MARGIN_DB / 10)
    places = np.flatnonzero(truth)
    for before, after in pairwise(places):
        if after - before <= BRIDGED + 1:
            truth[before:after] = True
    return np.asarray(truth)


def _near_silence(half: str, n: int) -> Clip:
    random = _random(half, "near-silence", n)
    speech, truth = _speech(half, random)
    level = random.uniform(-45.0, -15.0)
    floor = random.uniform(-85.0, -70.0)
    hiss = scaled(coloured(random, SIZE, random.uniform(0, 2)), floor)
    return Clip("near-silence", level - floor, _rounded(scaled(speech, level) + hiss), truth)


def _speech_alone(half: str, n: int) -> Clip:
    random = _random(half, "speech alone", n)
    speech, truth = _speech(half, random)
    level = random.uniform(-45.0, -15.0)
    return Clip("speech alone", np.nan, _rounded(scaled(speech, level)), truth)


def _noise_alone(half: str, n: int) -> Clip:
    random = _random(half, "noise alone", n)
    level = random.uniform(-60.0, -20.0)
    mix = noise(NOISES[n % len(NOISES)], half, random, SIZE) * _at(level) + _room(random)
    return Clip("noise alone", np.nan, _rounded(mix), np.zeros(STEPS, np.bool_))


def _silence_alone(half: str, n: int) -> Clip:
    random = _random(half, "silence alone", n)
    quiet = np.zeros(SIZE)
    if n % 4:
        quiet = scaled(coloured(random, SIZE, random.uniform(0, 2)), random.uniform(-88, -70))
    if n % 4 == HALVES.index(half) + 2:
        quiet[int(random.integers(SIZE - 100)) :][:80] += random.normal(size=80) * 0.3
    return Clip("silence alone", np.nan, _rounded(quiet), np.zeros(STEPS, np.bool_))


def _rounded(signal: Signal) -> npt.NDArray[np.int16]:
    return captured(signal * 32_768)
