"""A noisy room with a virtual microphone: two voices with pauses, and what is true of each moment.

The noise is as long as all of it and comes back nowhere, so that no span of it is like another by
the way it was made.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import soundfile
from support.programs.program import REPOSITORY

from deeptone_tui.protocol import SAMPLE_RATE_HZ

Signal = npt.NDArray[np.float64]

_DEMO: Final = REPOSITORY / "deeptone_tui" / "audio" / "demo.flac"
_VOICES: Final = ((5.76, 10.24, 0.0), (12.288, 17.408, -6.0))
"""Seconds of the demo from the first sound of one person to the last, and dB by which the second is
farther away."""
_PAUSES: Final = (2.2, 4.2)
"""Seconds."""
_SLOPES: Final = {"white": 0.0, "pink": 0.5, "brown": 1.0}
"""Powers of the frequency by which amplitudes fall."""
_LOWEST_HZ: Final = 20.0
"""Under it there is no noise: no microphone gives it, and levels would drift with it."""


@dataclass(frozen=True, slots=True)
class Noise:
    """A colour of noise, and how loud it and the nearer voice are, in dBFS."""

    colour: str
    dbfs: float
    voice_dbfs: float


NOISES: Final = (
    Noise("pink", -51.0, -24.0),
    Noise("brown", -48.0, -30.0),
    Noise("white", -43.0, -22.0),
)


@dataclass(frozen=True, slots=True, eq=False)
class Room:
    """What is played, and whether somebody speaks at each sample; both of shape (n,)."""

    played: npt.NDArray[np.int16]
    spoken: npt.NDArray[np.bool_]


def noisy_room(noise: Noise, seconds: float, seed: int = 1) -> Room:
    """Make sentences with pauses of 2.2 to 4.2 s over a noise.

    Args:
        noise: which.
        seconds: how long.
        seed: of the noise and of the pauses.
    """
    random = np.random.default_rng(seed)
    size = round(seconds * SAMPLE_RATE_HZ)
    speech, spoken = np.zeros(size), np.zeros(size, np.bool_)
    voices = _voices(noise.voice_dbfs)
    place, number = 0, 0
    while place < size:
        place += round(random.uniform(*_PAUSES) * SAMPLE_RATE_HZ)
        one = voices[number % len(voices)][: max(size - place, 0)]
        speech[place : place + len(one)], spoken[place : place + len(one)] = one, True
        place, number = place + len(one), number + 1
    mixed = speech + _at(_coloured(noise.colour, size, random), noise.dbfs)
    return Room(np.clip(np.rint(mixed * 32_768), -32_768, 32_767).astype(np.int16), spoken)


def _voices(dbfs: float) -> list[Signal]:
    """The two voices of the demo, a sentence each."""
    demo, _ = soundfile.read(_DEMO)
    cuts = [(round(a * SAMPLE_RATE_HZ), round(b * SAMPLE_RATE_HZ), gain) for a, b, gain in _VOICES]
    return [_at(demo[begin:end], dbfs + gain) for begin, end, gain in cuts]


def _coloured(colour: str, size: int, random: np.random.Generator) -> Signal:
    """Noise whose amplitudes fall with the frequency."""
    spectrum = np.fft.rfft(random.standard_normal(size))
    hertz = np.fft.rfftfreq(size, 1 / SAMPLE_RATE_HZ)
    heard = np.where(hertz < _LOWEST_HZ, 0.0, spectrum)
    return np.fft.irfft(heard / np.maximum(hertz, _LOWEST_HZ) ** _SLOPES[colour], size)


def _at(signal: Signal, dbfs: float) -> Signal:
    """A signal at a level, 0 dBFS being a square wave of full scale."""
    return np.asarray(signal / np.sqrt(np.mean(signal**2)) * 10 ** (dbfs / 20))
