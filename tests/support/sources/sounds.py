"""Audio made for tests: known to the last bit."""

import subprocess
import wave
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile

Samples = npt.NDArray[np.int16]


def noise(samples: int, *, seed: int = 1, peak: int = 20_000) -> Samples:
    """Random samples of which none is zero, so that their place in silence can be found."""
    values = np.random.default_rng(seed).integers(1, peak, samples)
    signs = np.random.default_rng(seed + 1).choice([-1, 1], samples)
    return np.asarray(values * signs, dtype=np.int16)


def sine(seconds: float, *, rate: int = 16_000, hertz: float = 440.0, peak: float = 0.5) -> Samples:
    """A sine, its amplitude relative to full scale."""
    time = np.arange(round(seconds * rate)) / rate
    return np.asarray(np.rint(np.sin(2 * np.pi * hertz * time) * peak * 32_767), dtype=np.int16)


def write_wav(path: Path, samples: Samples, *, rate: int = 16_000) -> Path:
    """Write 16-bit PCM; samples of shape (n,) or (n, channels)."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1 if samples.ndim == 1 else samples.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.astype("<i2").tobytes())
    return path


FORMATS = {
    "flac": ("FLAC", "PCM_16"),
    "ogg": ("OGG", "VORBIS"),
    "opus": ("OGG", "OPUS"),
    "mp3": ("MP3", "MPEG_LAYER_III"),
    "wav": ("WAV", "PCM_16"),
    "aiff": ("AIFF", "PCM_16"),
    "rf64": ("RF64", "PCM_16"),
    "au": ("AU", "PCM_16"),
    "snd": ("AU", "ULAW"),
    "w64": ("W64", "PCM_24"),
    "caf": ("CAF", "FLOAT"),
}
"""Format and subtype of libsndfile, by the ending of a file."""


def encoded(path: Path, samples: Samples, *, rate: int = 16_000) -> bytes:
    """Write a file of the format that its ending says, and return what it holds."""
    form, subtype = FORMATS[path.suffix[1:]]
    soundfile.write(path, samples, rate, format=form, subtype=subtype)
    return path.read_bytes()


def by_ffmpeg(path: Path, samples: Samples, *options: str) -> Path:
    """Write a file of a format that ffmpeg alone encodes."""
    source = write_wav(path.parent / "source of ffmpeg.wav", samples)
    command = ["ffmpeg", "-v", "error", "-y", "-i", str(source), *options, f"file:{path}"]
    subprocess.run(command, check=True)
    return path


def found_in(captured: Samples, played: Samples) -> Samples:
    """The part of the capture where the sound begins, as long as the sound."""
    begin = int(np.flatnonzero(captured)[0])
    return captured[begin : begin + len(played)]
