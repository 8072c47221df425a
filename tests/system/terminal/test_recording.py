"""Recordings in a terminal: begun with a key, ended by whatever ends the program, shown again."""

import signal
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import soundfile
from support.sources.recordings import audio_of, lines_of, only, recorded
from support.sources.sounds import noise
from support.terminals.terminal import Terminal, after_the_screen, is_running, terminal

import deeptone_tui
from deeptone_tui.dsp import Samples
from deeptone_tui.recording.reading import open_recording

pytestmark = [
    pytest.mark.realtime,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]

PROGRAM = [sys.executable, "-m", "deeptone_tui"]


@pytest.fixture
def home(tmp_path: Path) -> Mapping[str, str]:
    """An environment without configuration, state or keys of the person at the machine."""
    folders = {f"XDG_{name}_HOME": str(tmp_path) for name in ("CONFIG", "STATE", "CACHE", "DATA")}
    return {**folders, "DEEPTONE_URL": "", "DEEPTONE_API_KEY": ""}


def recording(session: Terminal) -> None:
    """Wait until a recording runs, and something is in it."""
    session.wait_for("● REC 00:00:02", 60)


def test_r_begins_and_finishes_a_recording(home: Mapping[str, str], tmp_path: Path) -> None:
    """The first line says so, and the folder is named when the screen has closed."""
    parent = tmp_path / "sessions"
    with terminal([*PROGRAM, "demo", "--record", str(parent)], env=home) as session:
        recording(session)
        session.wait_until(lambda: session.text.splitlines()[0].startswith(" ● STREAMING  local"))
        session.send("r")
        session.wait_until(lambda: "REC 00" not in session.text.splitlines()[0])
        first = only(parent)
        session.send("r")
        recording(session)
        session.send("q")
        assert session.wait_for_exit() == 0
        second = next(each for each in parent.iterdir() if each != first)
        told = after_the_screen(session).decode()
        assert f"saved {first}" in told
        assert f"saved {second}" in told
    for folder in (first, second):
        opened = open_recording(folder)
        assert opened.samples > 16_000
        assert opened.problems == ()
        opened.close()
    assert np.array_equal(audio_of(first)[:16_000], _demo()[:16_000])


@pytest.mark.parametrize("end", ["hang up", "SIGHUP", "SIGTERM", "q"])
def test_the_recording_is_finished_however_the_program_ends(
    home: Mapping[str, str], tmp_path: Path, end: str
) -> None:
    """A closed terminal costs nothing of what was captured."""
    parent = tmp_path / "sessions"
    with terminal([*PROGRAM, "demo", "--record", str(parent)], env=home) as session:
        recording(session)
        if end == "hang up":
            session.hang_up()
        elif end == "q":
            session.send("q")
        else:
            session.process.kill(signal.Signals[end])
        if end == "hang up":
            _wait_for_end(session)
        else:
            session.wait_for_exit()
    folder = only(parent)
    audio = audio_of(folder)
    assert len(audio) > 2 * 16_000
    assert np.array_equal(audio, _demo()[: len(audio)])
    ended = lines_of(folder / "events.jsonl")[-1]
    assert (ended["event"], ended["sample"], ended["problem"]) == ("ended", len(audio), "")


def test_a_recording_is_shown_again(home: Mapping[str, str], tmp_path: Path) -> None:
    """With pause, speed and winding, and its troubles told at the beginning."""
    folder = recorded(tmp_path / "sessions", noise(60 * 16_384, peak=6000))
    (folder / "audio-004.wav").write_bytes(b"")
    with terminal([*PROGRAM, "replay", str(tmp_path / "sessions")], env=home) as session:
        session.wait_for("▸ REPLAY  voice.example  USB Audio", 60)
        session.wait_for("audio-004.wav has no complete header")
        session.wait_for("speech  0.00")
        session.send(">>")
        session.wait_for("REPLAY 4×")
        session.send("\x1b[1;5C")
        session.wait_for("at 0:5")
        session.wait_for("■ ENDED")
        session.send(",")
        session.wait_for("REPLAY 4×")
        session.send(" ")
        session.wait_for("‖ PAUSED")
        session.send(" <<<")
        session.wait_for("REPLAY 0.5×")
        session.send("q")
        assert session.wait_for_exit() == 0


def _demo() -> Samples:
    """The demo's samples."""
    path = Path(deeptone_tui.__file__).parent / "audio" / "demo.flac"
    samples, _ = soundfile.read(path, dtype="int16")
    return np.asarray(samples, dtype=np.int16)


def _wait_for_end(session: Terminal) -> None:
    """Wait for the end of a program whose terminal is gone."""
    for _ in range(200):
        if not is_running(session.pid):
            return
        signal.sigtimedwait([], 0.1)
    raise AssertionError("still running after its terminal was closed")
