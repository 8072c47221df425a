"""Scenes: sentences of the demo with pauses between them, in rooms of every sound and level.

Amplitudes are floats where full scale is 32768, so that devices can be put between the room and
the converter, `captured`.
"""

from functools import cache
from importlib import resources

import numpy as np
import numpy.typing as npt
import soundfile

from deeptone_tui.dsp import Samples
from deeptone_tui.protocol import STEP_SAMPLES

Sound = npt.NDArray[np.float64]

RATE = 16_000
COLOURS = ("white", "pink", "brown")
_SENTENCES = ((5.12, 10.24), (12.288, 17.408), (47.104, 50.176), (50.176, 54.272))
"""Seconds of the demo: a woman and two men."""


@cache
def demo() -> Samples:
    """The demo recording."""
    path = resources.files("deeptone_tui.audio") / "demo.flac"
    with resources.as_file(path) as file:
        samples: Samples = soundfile.read(file, dtype="int16")[0]
    return samples


def scaled(sound: Sound, dbfs: float) -> Sound:
    """The same sound at another level."""
    return np.asarray(sound * (32_768 * 10 ** (dbfs / 20) / np.sqrt(np.mean(sound**2))))


def noise(colour: str, samples: int, dbfs: float, seed: int) -> Sound:
    """Steady noise without an end in it: white, pink, or brown down to 20 Hz."""
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(samples))
    hertz = np.maximum(np.fft.rfftfreq(samples, 1 / RATE), 20.0 if colour == "brown" else 1.0)
    spectrum *= hertz ** {"white": 0.0, "pink": -0.5, "brown": -1.0}[colour]
    spectrum[0] = 0.0
    return scaled(np.fft.irfft(spectrum, samples), dbfs)


def hum(samples: int, dbfs: float, mains: float) -> Sound:
    """Mains hum: the second and third harmonic nearly as strong as the first, more above."""
    time = np.arange(samples) / RATE
    parts = enumerate((1.0, 0.7, 0.5, 0.2, 0.25, 0.1, 0.12), start=1)
    return scaled(
        sum((a * np.sin(2 * np.pi * mains * k * time + k) for k, a in parts), np.zeros(samples)),
        dbfs,
    )


def talk(
    dbfs: float, *, sentences: int = 6, pause: tuple[float, float] = (1.6, 3.2), seed: int = 1
) -> Sound:
    """Sentences at one level, with nothing at all between them and at both ends."""
    random = np.random.default_rng(seed)
    parts: list[Sound] = []
    for number in range(sentences):
        first, end = _SENTENCES[(number + seed) % len(_SENTENCES)]
        parts.append(np.zeros(round(random.uniform(*pause) * RATE)))
        said = demo()[round(first * RATE) : round(end * RATE)].astype(np.float64)
        ramp = np.linspace(0.0, 1.0, STEP_SAMPLES)
        said[:STEP_SAMPLES] *= ramp
        said[-STEP_SAMPLES:] *= ramp[::-1]
        parts.append(scaled(said, dbfs))
    return np.concatenate([*parts, np.zeros(round(pause[1] * RATE))])


def captured(sound: npt.NDArray[np.floating]) -> Samples:
    """What a converter of 16 bits makes of it."""
    samples: Samples = np.clip(np.rint(sound), -32_768, 32_767).astype(np.int16)
    return samples


def with_automatic_gain(sound: Sound, *, release_s: float = 2.0) -> Sound:
    """Gain to −20 dBFS, 24 dB at most; it falls within 20 ms, and grows back slowly."""
    block = RATE // 100
    whole = len(sound) - len(sound) % block
    blocks = sound[:whole].reshape(-1, block)
    loudness = np.sqrt(np.mean(blocks**2, axis=1)) / 32_768
    gains, gain = np.empty(len(blocks)), 0.0
    for at, level in enumerate(loudness):
        wanted = min(24.0, -20.0 - 20 * np.log10(max(level, 1e-5)))
        gain += (wanted - gain) * (0.5 if wanted < gain else 0.01 / release_s)
        gains[at] = gain
    return np.asarray((blocks * 10 ** (gains[:, np.newaxis] / 20)).reshape(-1))


def with_noise_gate(
    sound: Sound,
    *,
    opens_dbfs: float,
    hold_s: float = 0.3,
    release_s: float = 0.05,
    range_db: float | None = None,
) -> Sound:
    """A gate that shuts when it has been under a level for a while; None for the range is all."""
    block = RATE // 100
    whole = len(sound) - len(sound) % block
    blocks = sound[:whole].reshape(-1, block)
    loud = np.sqrt(np.mean(blocks**2, axis=1)) > 32_768 * 10 ** (opens_dbfs / 20)
    shut = 0.0 if range_db is None else 10 ** (-range_db / 20)
    gains, since = np.empty(len(blocks)), 10**9
    for at, is_loud in enumerate(loud):
        since = 0 if is_loud else since + 1
        closing = min(max((since - hold_s * 100) / (release_s * 100), 0.0), 1.0)
        gains[at] = 1.0 + (shut - 1.0) * closing
    return np.asarray((blocks * gains[:, np.newaxis]).reshape(-1))
