"""Files whose names would steer the terminal: the whole program in one."""

import os
from pathlib import Path

import pytest
from support.sources.sounds import noise, write_wav
from support.terminals.terminal import program_terminal

STEERING = b"\x1b]52;c;aGVsbG8=\x07\x1b[31m\xc2\x9b31m\n\xff"
SHOWN = "�]52;c;aGVsbG8=��[31m�31m��"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One file that can be heard and one that cannot, both named like that."""
    made = tmp_path / os.fsdecode(b"in" + STEERING)
    made.mkdir()
    write_wav(made / os.fsdecode(STEERING + b"call.wav"), noise(32_000))
    (made / os.fsdecode(b"broken" + STEERING + b".wav")).write_bytes(b"RIFFgarbage")
    return made


def steers(output: bytes) -> bool:
    """Whether any part of the name came through as it is."""
    return any(each in output for each in (b"]52;c;aGVsbG8=\x07", b"\x1b[31m\xc2", b"\x9b31m"))


def test_a_table_and_its_troubles_steer_no_terminal(folder: Path, tmp_path: Path) -> None:
    """Both streams lead to one; each source keeps its line."""
    words = ("tune", str(folder), "--no-models", "--verbose")
    with program_terminal(tmp_path, *words, columns=250) as session:
        assert session.wait_for_exit(60) == 1
        output = bytes(session.output)
    assert not steers(output)
    told = output.decode()
    assert f"done with {tmp_path}/in{SHOWN}/{SHOWN}call.wav\r\n" in told
    assert f"deeptone-tui: {tmp_path}/in{SHOWN}/broken{SHOWN}.wav is no audio file" in told
    assert f"\n{tmp_path}/in{SHOWN}/{SHOWN}call.wav    0:02 " in told


def test_the_monitor_is_not_steered_either(folder: Path, tmp_path: Path) -> None:
    """On the screen, and in what is said when it has closed; the file is opened all the same."""
    file = folder / os.fsdecode(STEERING + b"call.wav")
    with program_terminal(tmp_path, os.fspath(file)) as session:
        session.wait_for("]52;c;aG")
        session.wait_for("dBFS")
        session.leave("\x03")
        output = bytes(session.output)
    assert not steers(output)
