"""The screen's beginning and end, in a real terminal."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest
from support.program import PROGRAM, surroundings
from support.terminal import Terminal, children_of, is_running, terminal

from deeptone_tui.audio import InputDevice, SourceKind, SourceOptions, SourceSpec
from deeptone_tui.cli.screen import with_default_source
from deeptone_tui.cli.settings import Settings
from deeptone_tui.protocol import StreamParameters

DEFAULTS = Settings(
    source=SourceSpec(SourceKind.MICROPHONE),
    source_named=False,
    source_options=SourceOptions(),
    parameters=StreamParameters(),
)


def last_lines(session: Terminal) -> str:
    """What stands on the terminal once the program has ended."""
    session.pump(0.2)
    return session.text


DESK = InputDevice("desk", "ALSA", 1, 48_000, choice="desk")
ROOM = InputDevice("room", "ALSA", 1, 16_000, default=True, choice="room")


def test_no_microphone_at_all_plays_the_demo_and_says_so() -> None:
    """Only where nothing else was named."""
    found = with_default_source(DEFAULTS, [], "desk")
    assert found.source == SourceSpec(SourceKind.DEMO)
    assert found.notices == ("no input device on this machine: playing the demo",)
    named = replace(DEFAULTS, source_named=True)
    assert with_default_source(named, [], "desk") == named


def test_the_microphone_picked_last_is_taken_again() -> None:
    """By its name; where it is not there, that is said and the default input is taken."""
    assert with_default_source(DEFAULTS, [DESK, ROOM], "") == DEFAULTS
    found = with_default_source(DEFAULTS, [DESK, ROOM], "desk")
    assert found.source == SourceSpec(SourceKind.MICROPHONE, "desk")
    gone = with_default_source(DEFAULTS, [ROOM], "desk")
    assert gone.source == DEFAULTS.source
    assert gone.notices == ("desk is not there: listening to the default input",)


@pytest.mark.parametrize("term", ["dumb", "unknown", ""])
def test_a_terminal_that_cannot_draw_is_refused(term: str, tmp_path: Path) -> None:
    """With the command that works there."""
    with terminal([*PROGRAM, "demo"], env=surroundings(tmp_path, {"TERM": term})) as session:
        assert session.wait_for_exit(30) == 2
        assert "deeptone-tui stream" in last_lines(session).replace("\n", "")


def test_an_unknown_theme_is_refused_before_the_screen(tmp_path: Path) -> None:
    """Naming those there are."""
    command = [*PROGRAM, "demo", "--theme", "nope"]
    with terminal(command, columns=200, env=surroundings(tmp_path)) as session:
        assert session.wait_for_exit(30) == 2
        assert "there is no theme 'nope'" in last_lines(session)
        assert b"\x1b[?1049h" not in session.output


def test_the_monitor_leaves_a_line_and_nothing_else(tmp_path: Path) -> None:
    """The screen opens, closes at ``q``, says what was; no process stays."""
    command = [*PROGRAM, "demo", "--fps", "5"]
    with terminal(command, env=surroundings(tmp_path)) as session:
        session.wait_for("00:00:01")
        children = children_of(session.pid)
        assert children
        session.send("q")
        assert session.wait_for_exit() == 0
        assert "captured 00:00:0" in last_lines(session)
        assert not any(is_running(child) for child in children)


def test_audio_on_stdin_leaves_the_keys_to_the_terminal(tmp_path: Path) -> None:
    """A pipe on stdin, ``q`` from the terminal."""
    noise = "import os, time\nwhile True:\n  os.write(1, os.urandom(3200))\n  time.sleep(0.1)"
    script = f"{sys.executable} -c '{noise}' | {' '.join(PROGRAM)} -"
    with terminal(["sh", "-c", script], env=surroundings(tmp_path)) as session:
        session.wait_for("stdin")
        session.wait_for("00:00:01")
        session.send("q")
        session.wait_for("captured 00:00:0")


def test_the_key_is_asked_for_on_the_terminal(tmp_path: Path) -> None:
    """Without an echo, though stdin is something else."""
    script = f"{' '.join(PROGRAM)} stream demo --url ws://127.0.0.1:9 --api-key - </dev/null"
    with terminal(["sh", "-c", script], columns=200, env=surroundings(tmp_path)) as session:
        session.wait_for("API key:")
        session.send("secret\r")
        assert session.wait_for_exit(30) == 1
        assert "connection refused" in last_lines(session)
        assert b"secret" not in session.output
