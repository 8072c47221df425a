"""The audio file: whole after every write, for every reader there is."""

import wave
from pathlib import Path

import numpy as np
import pytest
import soundfile
from support.sources.recordings import by_sox

from deeptone_tui.dsp.wav import HEADER_BYTES, header
from deeptone_tui.recording.folder import MOST_SAMPLES, WaveError, WaveFile, samples_in

NOISE = np.random.default_rng(1).integers(-32768, 32767, 50_000).astype(np.int16)


def test_it_is_whole_after_every_write(tmp_path: Path) -> None:
    """Python's own reader and libsndfile read exactly what was written so far."""
    file = WaveFile(tmp_path / "a.wav")
    for end in (0, 1, 320, 16_000, 50_000):
        file.append(NOISE[file.samples : end])
        with wave.open(str(file.path)) as read:
            assert (read.getnchannels(), read.getsampwidth(), read.getframerate()) == (1, 2, 16_000)
            assert np.array_equal(np.frombuffer(read.readframes(10**6), "<i2"), NOISE[:end])
        samples, rate = soundfile.read(file.path, dtype="int16")
        assert rate == 16_000
        assert np.array_equal(samples, NOISE[:end])
        assert samples_in(file.path) == end
    file.close()


def test_bytes_behind_the_counted_audio_do_no_harm(tmp_path: Path) -> None:
    """A writer that was killed between the samples and the header leaves the header's audio."""
    path = tmp_path / "a.wav"
    path.write_bytes(header(1000) + NOISE.tobytes()[:2501])
    with wave.open(str(path)) as read:
        assert np.array_equal(np.frombuffer(read.readframes(10**6), "<i2"), NOISE[:1000])
    assert np.array_equal(soundfile.read(path, dtype="int16")[0], NOISE[:1000])
    assert samples_in(path) == 1000


@pytest.mark.system("sox")
def test_sox_reads_it_while_it_grows(tmp_path: Path) -> None:
    """Without a warning, and the same samples."""
    file = WaveFile(tmp_path / "a.wav")
    file.append(NOISE)
    assert by_sox(file.path) == NOISE.tobytes()
    file.close()


def test_a_file_that_is_there_is_never_overwritten(tmp_path: Path) -> None:
    """A recording never costs another one."""
    (tmp_path / "a.wav").write_bytes(b"mine")
    with pytest.raises(FileExistsError):
        WaveFile(tmp_path / "a.wav")
    assert (tmp_path / "a.wav").read_bytes() == b"mine"


def test_the_sizes_fit_into_the_header() -> None:
    """The largest file is just under 4 GB."""
    assert len(header(MOST_SAMPLES)) == HEADER_BYTES
    assert HEADER_BYTES + 2 * MOST_SAMPLES < 2**32


def test_what_a_power_cut_has_left_counts(tmp_path: Path) -> None:
    """A header that counts more than the disk has is no reason to lose the rest."""
    path = tmp_path / "a.wav"
    path.write_bytes(header(1000) + NOISE.tobytes()[:1001])
    assert samples_in(path) == 500


@pytest.mark.parametrize(
    "content", [b"", b"RIFF", bytes(100), header(5)[:22] + b"\x02" + bytes(50)]
)
def test_other_files_are_refused(content: bytes, tmp_path: Path) -> None:
    """Nothing is guessed from a damaged header."""
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    with pytest.raises(WaveError):
        samples_in(path)
