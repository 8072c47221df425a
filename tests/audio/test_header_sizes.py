"""Headers whose sizes were never written, or are wrong: what is there is heard."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from support.sources.heard import hear
from support.sources.sounds import noise

PLAYED = noise(16_000)
UNKNOWN = b"\xff" * 8


def file_of(folder: Path, form: str, subtype: str = "PCM_16") -> bytes:
    """A file of a second of noise."""
    path = folder / "whole"
    soundfile.write(path, PLAYED, 16_000, format=form, subtype=subtype)
    return path.read_bytes()


def replaced(data: bytes, word: bytes, offset: int, by: bytes) -> bytes:
    """The same with other bytes at an offset from a word."""
    at = data.index(word) + offset
    return data[:at] + by + data[at + len(by) :]


@pytest.mark.parametrize(
    ("form", "word", "offset", "by"),
    [
        ("WAV", b"data", 4, bytes(4)),
        ("WAV", b"data", 4, UNKNOWN[:4]),
        ("WAVEX", b"data", 4, bytes(4)),
        ("RF64", b"ds64", 8, bytes(24)),
        ("RF64", b"ds64", 8, UNKNOWN * 3),
        ("AIFF", b"SSND", 4, bytes(4)),
        ("AU", b".snd", 8, bytes(4)),
        ("AU", b".snd", 8, b"\x7f\xff\xff\xff"),
        ("CAF", b"data", 4, bytes(8)),
        ("CAF", b"data", 4, UNKNOWN),
        ("W64", b"riff", 16, bytes(8)),
    ],
)
async def test_a_recorder_that_was_killed_has_recorded(
    tmp_path: Path, form: str, word: bytes, offset: int, by: bytes
) -> None:
    """All that it wrote is heard, and its length is that of what is there."""
    path = tmp_path / "killed"
    path.write_bytes(replaced(file_of(tmp_path, form), word, offset, by))
    heard = await hear(path)
    assert heard.failure is None
    assert np.array_equal(heard.samples[:16_000], PLAYED)
    assert len(heard.samples) - 16_000 in (0, 1, 2)  # a CAF ends with what its own size hid
    assert heard.info.duration == len(heard.samples) / 16_000


async def test_a_wav_that_is_empty_stays_so(tmp_path: Path) -> None:
    """Chunks behind sound of no length are no sound."""
    path = tmp_path / "empty.wav"
    header = replaced(file_of(tmp_path, "WAV")[:44], b"data", 4, bytes(4))
    path.write_bytes(header + b"LIST" + (5000).to_bytes(4, "little") + bytes(5000))
    assert "holds no audio (0 samples)" in str((await hear(path)).failure)


async def test_chunks_behind_the_sound_are_no_sound(tmp_path: Path) -> None:
    """Nor is anything said of them."""
    path = tmp_path / "call.wav"
    chunk = b"LIST" + (50_001).to_bytes(4, "little") + bytes(50_002)
    path.write_bytes(file_of(tmp_path, "WAV") + chunk)
    heard = await hear(path)
    assert heard.failure is None
    assert np.array_equal(heard.samples, PLAYED)


async def test_sound_that_the_header_does_not_count_is_told(tmp_path: Path) -> None:
    """As of a recorder that wrote its sizes now and then, and was killed."""
    path = tmp_path / "call.wav"
    path.write_bytes(replaced(file_of(tmp_path, "WAV"), b"data", 4, (8_000).to_bytes(4, "little")))
    heard = await hear(path)
    assert len(heard.samples) == 4_000
    assert heard.failure == (
        "only 0.2 s of call.wav could be read, 75 % of the file is something else; "
        f"convert it first: sox --ignore-length {path} -r 16000 OUT.wav"
    )
