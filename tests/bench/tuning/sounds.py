"""Sounds without speech that come and go as it does: notes, tones, bursts, steps, machines."""

from collections.abc import Callable, Iterator

import numpy as np
from support.sources.scenes import captured

from bench.tuning.clips import SIZE, STEPS, Clip
from bench.tuning.material import HALVES, RATE, Random, Signal, coloured

EACH = 10
"""Clips of a sound."""


def sounds(half: str) -> Iterator[Clip]:
    """All of a half, the same every time."""
    for number, (name, sound) in enumerate(_SOUNDS.items()):
        for n in range(EACH):
            random = np.random.default_rng([HALVES.index(half), number, n])
            yield Clip(f"{name} alone", np.nan, _clip(random, sound), np.zeros(STEPS, np.bool_))


def _clip(random: Random, sound: Callable[[Random], Signal]) -> np.ndarray:
    """Sounds at a level with pauses between, over the noise of a room."""
    total = np.zeros(SIZE)
    place = round(random.uniform(0.2, 1.5) * RATE)
    while place < SIZE - RATE // 2:
        one = sound(random)[: SIZE - place]
        total[place : place + len(one)] += one
        place += len(one) + round(random.uniform(0.3, 1.8) * RATE)
    level = random.uniform(-40.0, -15.0)
    heard = np.abs(total) > 0
    total *= 10 ** (level / 20) / np.sqrt((total[heard] ** 2).mean())
    room = coloured(random, SIZE, random.uniform(0.0, 2.0))
    room *= 10 ** (random.uniform(-80.0, level - 8.0) / 20) / np.sqrt((room**2).mean())
    return captured((total + room) * 32_768)


def _time(seconds: float) -> Signal:
    return np.arange(round(seconds * RATE)) / RATE


def _faded(signal: Signal, seconds: float = 0.1) -> Signal:
    """With a beginning and an end that are not cut off."""
    edge = np.minimum(_time(len(signal) / RATE) / seconds, 1.0)[: len(signal)]
    return np.asarray(signal * edge * edge[::-1])


def _vibrato(random: Random) -> Signal:
    time, rate = _time(random.uniform(0.5, 1.8)), random.uniform(3.5, 8.0)
    sway = np.sin(2 * np.pi * rate * time)
    tone = np.sin(2 * np.pi * random.uniform(150, 1200) * time + random.uniform(2, 30) * sway)
    return _faded(tone * (1 + random.uniform(0.1, 0.75) * sway))


def _notes(random: Random) -> Signal:
    parts = []
    for _ in range(int(random.integers(2, 8))):
        time = _time(random.uniform(0.15, 0.5))
        pitch = 220 * 2 ** (int(random.integers(0, 24)) / 12)
        tone = sum(np.sin(2 * np.pi * pitch * n * time) / n for n in (1, 2, 3))
        parts.append(tone * np.exp(-time * random.uniform(2, 8)) * random.uniform(0.5, 1.0))
    return np.concatenate(parts)


def _bursts(random: Random) -> Signal:
    return _faded(random.normal(size=len(_time(random.uniform(0.3, 1.8)))) * random.uniform(0.5, 1))


def _surges(random: Random) -> Signal:
    time = _time(random.uniform(0.8, 3.0))
    sway = 1 + random.uniform(0.3, 0.9) * np.sin(2 * np.pi * random.uniform(0.8, 6.0) * time)
    return _faded(random.normal(size=len(time)) * sway)


def _sweeps(random: Random) -> Signal:
    time = _time(random.uniform(0.8, 3.0))
    phase = 300 * time + random.uniform(100, 800) * time**2 / time[-1]
    return _faded(np.sin(2 * np.pi * phase), 0.2)


def _passing(random: Random) -> Signal:
    size = len(_time(random.uniform(2.0, 6.0)))
    return np.asarray(random.normal(size=size) * np.hanning(size) ** random.uniform(1.0, 3.0))


def _beeps(random: Random) -> Signal:
    one = np.sin(2 * np.pi * 900 * _time(float(random.choice([0.1, 0.2, 0.4, 0.8]))))
    pair = np.concatenate([one, np.zeros(len(one))])
    return np.tile(pair, int(random.integers(1, 4)))


def _strokes(random: Random) -> Signal:
    time = _time(0.25)
    return np.asarray(random.normal(size=len(time)) * np.exp(-time * random.uniform(12, 60)))


def _plucked(random: Random) -> Signal:
    time = _time(0.8)
    tone = np.sin(2 * np.pi * random.uniform(100, 900) * time)
    return np.asarray(tone * np.exp(-time * random.uniform(3, 15)) * random.uniform(0.3, 1.0))


def _machines(random: Random) -> Signal:
    time = _time(random.uniform(0.7, 4.0))
    hum = np.sin(2 * np.pi * random.uniform(40, 200) * time)
    sway = 1 + 0.3 * np.sin(2 * np.pi * random.uniform(0.5, 3.0) * time)
    return _faded((0.5 * random.normal(size=len(time)) + hum) * sway, 0.3)


_SOUNDS = {
    "vibrato": _vibrato,
    "notes": _notes,
    "bursts": _bursts,
    "surges": _surges,
    "sweeps": _sweeps,
    "passing": _passing,
    "beeps": _beeps,
    "strokes": _strokes,
    "plucked": _plucked,
    "machines": _machines,
}
