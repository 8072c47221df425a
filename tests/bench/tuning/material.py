"""The recordings, in two halves that share no voice and no file: one to tune on, one to prove on.

Recorded are the voices, the music, the keys and three of the steady noises. Babble is a sum of six
recorded voices. Hum, clicks and the white, pink and brown noise are made.
"""

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

from bench.tuning.fetch import package
from deeptone_tui.protocol import STEP_SAMPLES

RATE = 16_000
MARGIN_DB = 15.9
"""dB under the active level where speech counts as a pause (the margin of ITU-T P.56)."""

Signal = npt.NDArray[np.float64]
"""Mono at 16 kHz, full scale 1."""
Random = np.random.Generator

HALVES = ("tuning", "proof")

VOICES = {
    "tuning": ("en", "es", "librivox", "small-fish"),
    "proof": ("fr", "it", "ru", "big-fish"),
}
_TEXT = {"small-fish": "*-m-*.ogg", "big-fish": "*-v-*.ogg"}
_MUSIC = {
    "tuning": ("loop_tabla", "guit_em9", "loop_safari", "loop_compus"),
    "proof": ("loop_garzul", "guit_e_fifths", "loop_amen_full", "loop_mika"),
}
_STEADY = {"tuning": ("ambi_sauna", "ambi_glass_hum"), "proof": ("vinyl_hiss", "loop_3d_printer")}
_SLOPES = {"tuning": (0.0, 1.0), "proof": (0.5, 1.5)}
_MAINS = {"tuning": 50.0, "proof": 60.0}
_UTTERANCES = 60  # of a voice


@cache
def utterances(voice: str) -> Sequence[Signal]:
    """Recordings of a voice, 1 s to 9 s long, without the silence around, active level 1."""
    if voice == "librivox":
        found = package("pocketsphinx-testdata").rglob("librivox/*.wav")
    elif voice in _TEXT:
        found = package("fillets-ng-data-cs").rglob(_TEXT[voice])
    else:
        found = package(f"asterisk-core-sounds-{voice}-wav").rglob("*.wav")
    wanted = [path for path in sorted(found) if 1.0 < soundfile.info(path).duration < 9.0]
    chosen = wanted[:: max(1, len(wanted) // _UTTERANCES)]
    return [scaled(trimmed(read(path))) for path in chosen if not _is_silence(path)]


def _is_silence(path: Path) -> bool:
    return path.parent.name == "silence"


@cache
def read(path: Path) -> Signal:
    """A recording in mono at 16 kHz, without what is under 40 Hz."""
    signal, rate = soundfile.read(path, dtype="float64", always_2d=True)
    signal = soxr.resample(signal.mean(axis=1), rate, RATE)
    spectrum = np.fft.rfft(signal)
    ratio = np.fft.rfftfreq(len(signal), 1 / RATE) / 40.0
    return np.fft.irfft(spectrum * (ratio**4 / (1 + ratio**4)), len(signal))


def step_power(signal: Signal) -> Signal:
    """Mean square of each whole step."""
    return np.asarray((signal[: len(signal) // 1024 * 1024].reshape(-1, 1024) ** 2).mean(axis=1))


def active_power(signal: Signal) -> float:
    """Mean square over the steps less than `MARGIN_DB` under it, found by repeating."""
    power = step_power(signal)
    level = float(power.mean())
    for _ in range(50):
        level = float(power[power >= level * 10 ** (-MARGIN_DB / 10)].mean())
    return level


def scaled(signal: Signal, dbfs: float = 0.0) -> Signal:
    """The same at that active level."""
    return np.asarray(signal * np.sqrt(10 ** (dbfs / 10) / active_power(signal)))


def trimmed(signal: Signal) -> Signal:
    """Without the silence before and after, but for a step."""
    power = step_power(signal)
    loud = np.flatnonzero(power > active_power(signal) * 10 ** (-MARGIN_DB / 10))
    return signal[max(0, loud[0] - 1) * STEP_SAMPLES : (loud[-1] + 2) * STEP_SAMPLES]


def noise(kind: str, half: str, random: Random, size: int) -> Signal:
    """Noise of a kind, at an active level of 1, of ``size`` samples."""
    return scaled(_NOISES[kind](half, random, size))


def _looped(path: Path, random: Random, size: int) -> Signal:
    signal = read(path)
    signal = np.tile(signal, 2 + size // len(signal))
    start = int(random.integers(len(signal) - size))
    return signal[start : start + size]


def _sample(name: str) -> Path:
    return package("sonic-pi-samples") / f"usr/share/sonic-pi/samples/{name}.flac"


def coloured(random: Random, size: int, slope: float) -> Signal:
    """Noise whose power falls with the frequency to this exponent."""
    spectrum = np.fft.rfft(random.normal(size=size))
    frequency = np.maximum(np.fft.rfftfreq(size, 1 / RATE), 40.0)
    return np.fft.irfft(spectrum / frequency ** (slope / 2), size)


def _stationary(half: str, random: Random, size: int) -> Signal:
    choice = int(random.integers(4))
    if choice < len(_SLOPES[half]):
        return coloured(random, size, _SLOPES[half][choice])
    return _looped(_sample(_STEADY[half][choice - 2]), random, size)


def _babble(half: str, random: Random, size: int) -> Signal:
    total = np.zeros(size)
    for n in range(6):
        voices = utterances(VOICES[half][n % len(VOICES[half])])
        spoken = np.concatenate([voices[k] for k in random.permutation(len(voices))])
        total += np.roll(np.resize(spoken, max(size, len(spoken))), random.integers(RATE))[:size]
    return total


def _hum(half: str, random: Random, size: int) -> Signal:
    time = np.arange(size) / RATE
    total = 0.02 * coloured(random, size, 1.0)
    total /= np.sqrt((total**2).mean()) / 0.02
    for harmonic in range(1, 9):
        weight = random.uniform(0.2, 1.0) / harmonic
        phase = random.uniform(0, 2 * np.pi)
        total += weight * np.sin(2 * np.pi * _MAINS[half] * harmonic * time + phase)
    return total


def _music(half: str, random: Random, size: int) -> Signal:
    game = {"tuning": "frozen-bubble-data", "proof": "neverball-data"}[half]
    tracks = sorted(p for p in package(game).rglob("*.ogg") if p.stat().st_size > 1_000_000)
    tracks = tracks[:3] + [_sample(name) for name in _MUSIC[half]]
    return _looped(tracks[int(random.integers(len(tracks)))], random, size)


def _scattered(
    random: Random, size: int, gaps: tuple[float, float], sound: Callable[[], Signal]
) -> Signal:
    total = np.zeros(size + RATE)
    place = random.uniform(0, gaps[1])
    while place * RATE < size:
        one = sound()[:RATE]
        start = int(place * RATE)
        total[start : start + len(one)] += one * random.uniform(0.5, 1.0)
        place += random.uniform(*gaps)
    return total[:size]


def _typing(half: str, random: Random, size: int) -> Signal:
    keys = sorted(package("bucklespring-data").rglob("*-1.wav"))[HALVES.index(half) :: 2]
    return _scattered(
        random, size, (0.08, 0.5), lambda: read(keys[int(random.integers(len(keys)))])
    )


def _clicks(half: str, random: Random, size: int) -> Signal:
    decay = {"tuning": 0.002, "proof": 0.004}[half]
    shape = np.exp(-np.arange(800) / (decay * RATE))
    return _scattered(random, size, (0.3, 2.5), lambda: random.normal(size=800) * shape)


_NOISES = {
    "stationary": _stationary,
    "babble": _babble,
    "hum": _hum,
    "music": _music,
    "typing": _typing,
    "clicks": _clicks,
}
NOISES = tuple(_NOISES)
