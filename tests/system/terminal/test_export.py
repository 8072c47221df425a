"""Out of the program by keys: from a microphone to a line that runs, and to a profile."""

import json
import sys
from pathlib import Path

import pytest
import soundfile
from support.endpoints.serving_process import PATIENCE, Serving
from support.programs.shell_line import shell_line
from support.sources.virtual_mics import PROGRAMS, VirtualMics
from support.terminals.terminal import terminal

from deeptone_tui import audio

DEMO = Path(audio.__file__).with_name("demo.flac")
MONITOR = [sys.executable, "-m", "deeptone_tui"]
RIGHT, ENTER, ESCAPE = "\x1b[C", "\r", "\x1b"

pytestmark = [pytest.mark.realtime, pytest.mark.system("bash", "sox", *PROGRAMS)]


def test_the_line_that_is_copied_runs_and_the_profile_comes_back(
    mics: VirtualMics, server: Serving, tmp_path: Path
) -> None:
    """Tune, ``enter``, ``x``, copy, write a profile; all of it by keys, at 80 by 24."""
    folders = {f"XDG_{name}_HOME": str(tmp_path) for name in ("CONFIG", "STATE", "CACHE")}
    env = {**mics.env, **folders}
    command = [*MONITOR, "--device", "room"]
    with terminal([*command, "--url", server.stream], env=env) as session:
        session.wait_for("STREAMING")
        session.send(RIGHT * 8)
        session.wait_for("−42.0 dBFS")
        session.send(ENTER)
        # What leaves is what is in force.
        session.wait_until(
            lambda: "endpoint 0.007943" in session.text and "✓ applied" in session.text
        )
        session.send("x")
        session.wait_for("Export the tuned settings")
        session.wait_for("AUDIODEV=room")
        assert "0.007943  −42.0 dBFS" in session.text
        session.send("c")
        session.wait_for("clipboard")
        session.send("p")
        session.wait_for("Write a profile")
        session.send(ENTER)
        session.wait_for("Profile room written")
        session.send(ESCAPE)
        session.wait_until(lambda: "Export the tuned" not in session.text)
        session.send("q")
        assert session.wait_for_exit() == 0
    line = (tmp_path / "deeptone-tui" / "copied.txt").read_text()
    assert {"speech", "silence"} <= set(_heard(line, mics, tmp_path))

    with terminal(command, env=env) as session:
        session.wait_for("profile room loaded for room")
        session.wait_for("−42.0 dBFS")
        session.wait_until(lambda: f"127.0.0.1:{server.port}" in session.text.splitlines()[0])
        session.send("q")
        assert session.wait_for_exit() == 0


def _heard(line: str, mics: VirtualMics, folder: Path) -> list[str]:
    """What the line prints while somebody talks into the microphone, the pauses included."""
    talk = folder / "talk.wav"
    samples, rate = soundfile.read(DEMO, dtype="int16", stop=12 * 16_000)
    soundfile.write(talk, samples, rate)
    with shell_line(line, mics.env) as (printed, _):
        printed.readline()
        playing = mics.play(talk, "room")
        steps = [json.loads(printed.readline()) for _ in range(12)]
        playing.wait(PATIENCE)
    channels = [step["results"]["channels"]["0"]["results"] for step in steps]
    return [results["speech-rt"]["result"] for results in channels]
