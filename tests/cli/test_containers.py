"""Files that libsndfile reads in part, or by notes on stderr, through the whole program."""

from pathlib import Path

import numpy as np
import soundfile
from support.programs.program import run_program
from support.sources.sounds import noise

from deeptone_tui.audio.chain import frame_at


def mp3(path: Path) -> bytes:
    """Three seconds, with the frame that counts them."""
    soundfile.write(path, noise(48_000), 16_000)
    return path.read_bytes()


def test_what_a_decoder_prints_reaches_no_terminal(tmp_path: Path) -> None:
    """``tune`` draws on stderr, in this process and in those that listen."""
    data = mp3(tmp_path / "call.mp3")
    (tmp_path / "call.mp3").write_bytes(data + b"TAG" + bytes(125) + data)
    (tmp_path / "cut.mp3").write_bytes(data[: len(data) * 2 // 3])
    for files in (["call.mp3"], ["call.mp3", "cut.mp3"]):
        paths = [str(tmp_path / name) for name in files]
        done = run_program(tmp_path, "tune", *paths, "--no-models", "--json")
        assert (done.returncode, done.stderr) == (0, b"")


def test_mp3_without_a_count_on_stdin_is_streamed_whole(tmp_path: Path) -> None:
    """As from a file."""
    data = mp3(tmp_path / "call.mp3")
    frame = frame_at(data)
    assert frame is not None
    done = run_program(
        tmp_path, "stream", "-", "--output-period", "1024", stdin=data[frame.size_bytes :]
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.count(b"\n") == 3


def test_what_was_not_heard_is_an_exit_code_of_1(tmp_path: Path) -> None:
    """After the results of what was."""
    data = mp3(tmp_path / "call.mp3")
    path = tmp_path / "more.mp3"
    path.write_bytes(data + np.random.default_rng(1).bytes(50_000))
    done = run_program(tmp_path, "stream", str(path), "--fast")
    assert done.returncode == 1
    assert done.stdout.count(b"\n") == 3
    assert b"only 3.0 s of more.mp3 could be read" in done.stderr
    assert done.stderr.count(b"\n") == 1
