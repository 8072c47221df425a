"""Somebody who talks in a room: recorded sentences at known levels, and pauses between them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile
from support.sources.scenes import captured, noise
from support.sources.sounds import write_wav

from deeptone_tui.dsp import FULL_SCALE, step_levels
from deeptone_tui.protocol import SAMPLE_RATE_HZ
from deeptone_tui.protocol.units import from_dbfs

RECORDINGS = Path(__file__).parents[2] / "data"
_SPOKEN = 30.0
"""Decibels under a recording's loudest step down to which its steps are speech."""

Sound = npt.NDArray[np.float64]
"""Samples from -1 to 1, shape (n,)."""


@dataclass(frozen=True)
class Sentence:
    """Part of a recording, and how loud it is said."""

    recording: str
    start: float
    end: float
    """Seconds."""
    dbfs: float
    """RMS of the steps that are speech."""
    pause: float
    """Seconds of quiet behind it, longer than two periods."""

    @property
    def seconds(self) -> float:
        """How long it takes."""
        return self.end - self.start

    def sound(self) -> Sound:
        """The sentence alone."""
        path = RECORDINGS / f"{self.recording}.flac"
        samples = soundfile.read(path, dtype="int16")[0]
        cut = samples[int(self.start * SAMPLE_RATE_HZ) : int(self.end * SAMPLE_RATE_HZ)]
        levels = step_levels(cut[: len(cut) // 1024 * 1024])
        spoken = levels[levels > levels.max() * from_dbfs(-_SPOKEN)]
        level = float(np.sqrt(np.mean(np.square(spoken))))
        return np.asarray(cut / FULL_SCALE * (from_dbfs(self.dbfs) / level))


@dataclass(frozen=True)
class Stretch:
    """A part of the talk."""

    start: float
    end: float
    """Seconds."""
    expected: str
    """What an endpoint should call it."""


def stretches(talk: tuple[Sentence, ...], quiet: float) -> list[Stretch]:
    """Pauses and sentences in their order, the first pause ``quiet`` seconds long."""
    found = [Stretch(0.0, quiet, "silence")]
    for sentence in talk:
        for seconds, expected in ((sentence.seconds, "speech"), (sentence.pause, "silence")):
            found.append(Stretch(found[-1].end, found[-1].end + seconds, expected))
    return found


def write_talk(path: Path, talk: tuple[Sentence, ...], quiet: float) -> Path:
    """Write the talk without the room."""
    parts = [np.zeros(int(quiet * SAMPLE_RATE_HZ))]
    for sentence in talk:
        parts += [sentence.sound(), np.zeros(int(sentence.pause * SAMPLE_RATE_HZ))]
    return write_wav(path, captured(np.concatenate(parts) * FULL_SCALE))


def write_room(path: Path, seconds: float, dbfs: float) -> Path:
    """Write the noise of the room: even, at a level."""
    return write_wav(path, captured(noise("white", int(seconds * SAMPLE_RATE_HZ), dbfs, seed=3)))
