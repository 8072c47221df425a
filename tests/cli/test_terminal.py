"""The screen's beginning and end, in a real terminal."""

import subprocess
import sys
from pathlib import Path

import pytest
from support.programs.program import PROGRAM, surroundings
from support.terminals.terminal import (
    Terminal,
    after_the_screen,
    program_terminal,
    terminal,
)

from deeptone_tui.cli.terminal import has_ascii_only, keeps_to_256_colours

pytestmark = pytest.mark.long


def last_lines(session: Terminal) -> str:
    """What stands on the terminal once the program has ended."""
    session.pump(0.2)
    return session.text


@pytest.mark.parametrize("term", ["dumb", "unknown", ""])
def test_a_terminal_that_cannot_draw_is_refused(term: str, tmp_path: Path) -> None:
    """With the command that works there."""
    with program_terminal(tmp_path, "demo", env={"TERM": term}) as session:
        assert session.wait_for_exit(30) == 2
        assert "deeptone-tui stream" in last_lines(session).replace("\n", "")


def test_an_unknown_theme_is_refused_before_the_screen(tmp_path: Path) -> None:
    """Naming those there are."""
    with program_terminal(tmp_path, "demo", "--theme", "nope", columns=200) as session:
        assert session.wait_for_exit(30) == 2
        assert "unknown theme 'nope'" in last_lines(session)
        assert b"\x1b[?1049h" not in session.output


def test_audio_on_stdin_leaves_the_keys_to_the_terminal(tmp_path: Path) -> None:
    """A pipe on stdin, ``q`` from the terminal."""
    noise = "import os, time\nwhile True:\n  os.write(1, os.urandom(3200))\n  time.sleep(0.1)"
    script = f"{sys.executable} -c '{noise}' | {' '.join(PROGRAM)} -"
    with terminal(["sh", "-c", script], env=surroundings(tmp_path)) as session:
        session.wait_for("stdin")
        session.wait_for("00:00:01")
        session.send("q")
        session.wait_until(lambda: b"captured 00:00:0" in after_the_screen(session))


def test_the_key_is_asked_for_on_the_terminal(tmp_path: Path) -> None:
    """Without an echo, though stdin is something else."""
    script = f"{' '.join(PROGRAM)} stream demo --url ws://127.0.0.1:9 --api-key - </dev/null"
    with terminal(["sh", "-c", script], columns=200, env=surroundings(tmp_path)) as session:
        session.wait_for("API key:")
        session.send("secret\r")
        assert session.wait_for_exit(30) == 1
        assert "connection refused" in last_lines(session)
        assert b"secret" not in session.output


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, False),
        ({"TERM": "xterm-256color", "LANG": "de_DE.UTF-8"}, False),
        ({"LANG": "en_US.utf8"}, False),
        ({"LC_CTYPE": "UTF-8"}, False),
        ({"LANG": "C.UTF-8", "LC_ALL": ""}, False),
        ({"LANG": "ca_ES.UTF-8@valencia"}, False),
        ({"LANG": "C"}, True),
        ({"LC_ALL": "POSIX", "LANG": "de_DE.UTF-8"}, True),
        ({"LANG": "de_DE@euro"}, True),
        ({"LC_CTYPE": "de_DE.ISO-8859-1", "LANG": "de_DE.UTF-8"}, True),
        ({"LC_CTYPE": "C.UTF-8", "LANG": "C"}, True),  # which Python has made of LANG=C
        ({"LC_CTYPE": "C.UTF-8", "LANG": "de_DE.ISO-8859-1"}, True),  # the same, not installed
        ({"LC_CTYPE": "C.UTF-8", "LANG": "de_DE.UTF-8"}, False),
        ({"LC_CTYPE": "C.UTF-8"}, False),
        ({"LC_ALL": "C.UTF-8", "LANG": "C"}, False),
        ({"LANG": "ru_RU.KOI8-R"}, True),
        ({"LANG": "de_DE.UTF_8"}, False),
        ({"TERM": "linux", "LANG": "C.UTF-8"}, True),
        ({"TERM": "vt220"}, True),
    ],
)
def test_locale_and_terminal_say_where_there_is_only_ascii(
    environment: dict[str, str], expected: bool
) -> None:
    """The most binding variable decides; where none is set, nothing is known."""
    assert has_ascii_only(environment) is expected


def test_an_lc_ctype_of_the_user_goes_before_lang() -> None:
    """Also where it is what Python would set."""
    environment = {"LC_CTYPE": "C.UTF-8", "LANG": "de_DE.ISO-8859-1"}
    assert not has_ascii_only(environment, coerced=False)


@pytest.mark.skipif(sys.platform != "linux", reason="where the locale C.UTF-8 is for certain")
@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"LANG": "xx_XX.ISO-8859-1"}, True),
        ({"LANG": "C"}, True),
        ({"LC_CTYPE": ""}, True),
        ({"LC_CTYPE": "C.UTF-8", "LANG": "C"}, False),
    ],
)
def test_what_python_has_set_is_told_apart(given: dict[str, str], expected: bool) -> None:
    """From the same value, set by the user."""
    code = "from deeptone_tui.cli.terminal import locale_is_coerced as f; print(f())"
    found = subprocess.run([sys.executable, "-c", code], env=given, capture_output=True, check=True)
    assert found.stdout.split() == [str(expected).encode()]


def test_the_size_is_the_terminals_own(tmp_path: Path) -> None:
    """Whatever size a shell has exported."""
    env = {"COLUMNS": "300", "LINES": "7", "NO_COLOR": ""}
    with program_terminal(tmp_path, *LOOKING, env=env) as session:
        session.wait_for("q quit")
        assert "q quit" in session.text.splitlines()[-1]
        assert b"8;2;" in session.output, "an empty NO_COLOR takes no colours"
        session.leave()


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"TERM": "screen.xterm-256color", "STY": "1.pts", "COLORTERM": "truecolor"}, True),
        ({"TERM": "screen-256color", "STY": "1.pts"}, True),
        ({"TERM": "screen-256color", "TMUX": "1", "COLORTERM": "truecolor"}, False),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, False),
        ({"TERM": "screen", "STY": "1.pts", "COLORTERM": ""}, False),
    ],
)
def test_screen_gets_no_true_colours(environment: dict[str, str], expected: bool) -> None:
    """It hands on the variable of the terminal around it, and not its colours."""
    assert keeps_to_256_colours(environment) is expected


LOOKING = ["demo", "--url", "ws://127.0.0.1:9/stream"]


def test_no_mouse_leaves_the_mouse_to_the_terminal(tmp_path: Path) -> None:
    """None of the modes in which it would be reported is asked for; with it, they are."""
    modes = (b"\x1b[?1000h", b"\x1b[?1003h")
    for options, asked in (["--no-mouse"], False), ([], True):
        with program_terminal(tmp_path, *LOOKING, *options) as session:
            session.wait_for("q quit")
            assert any(mode in session.output for mode in modes) is asked
            session.leave()


def test_the_locale_c_gets_ascii(tmp_path: Path) -> None:
    """Without an option; `--no-ascii` knows better."""
    env = {"LC_ALL": "C"}
    with program_terminal(tmp_path, *LOOKING, env=env) as session:
        session.wait_for("q quit")
        assert session.text.isascii()
        session.leave()
    with program_terminal(tmp_path, *LOOKING, "--no-ascii", env=env) as session:
        session.wait_for("q quit")
        session.wait_until(lambda: "─" in session.text)


def test_keys_of_the_configuration(tmp_path: Path) -> None:
    """They act; what they cannot be is told before the screen opens, and how it was meant."""
    place = tmp_path / "keys.toml"
    words = [*LOOKING, "--config", str(place)]
    place.write_text('[keys]\nquit = ["X", "f4"]\n')
    with program_terminal(tmp_path, *words) as session:
        session.wait_for("X quit")
        session.leave("X")
    for line, told in (
        ('pauze = "b"', "there is no action 'pauze'; did you mean pause?"),
        ('pause = "r"', "keys: r is both pause and record"),
        ("pause = 5", "keys: a key is text"),
    ):
        place.write_text(f"[keys]\n{line}\n")
        with program_terminal(tmp_path, *words, columns=200) as session:
            assert session.wait_for_exit() == 2
            assert told in last_lines(session)
            assert len(last_lines(session).strip().splitlines()) == 1


def test_a_threshold_is_pasted(tmp_path: Path) -> None:
    """As terminals paste, between brackets: the mark is there."""
    with program_terminal(tmp_path, *LOOKING, columns=100, rows=30) as session:
        session.wait_for("q quit")
        session.send("\x1b[200~-38 dB\x1b[201~")
        session.wait_for("0.01259  −38.0 dBFS")
        session.send("\x1b[200~quiet\x1b[201~")
        session.wait_for("That is not a threshold")
        session.leave()


@pytest.mark.parametrize("busy", [False, True])
def test_a_thread_that_is_busy_in_the_end_is_not_torn_down(*, busy: bool) -> None:
    """What the libraries of a process do last would take from it what it stands on."""
    thread = "threading.Thread(target=threading.Event().wait, daemon=True).start()" if busy else ""
    lines = (
        "import atexit, sys, threading",
        "from deeptone_tui.cli import screen",
        "atexit.register(print, 'torn down')",
        thread,
        "print('said')",
        "sys.exit(screen._leave(3))",
    )
    found = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)], capture_output=True, check=False, timeout=60
    )
    assert found.returncode == 3
    assert found.stdout.split(b"\n") == ([b"said", b""] if busy else [b"said", b"torn down", b""])


def test_in_screen_no_true_colour_is_sent(tmp_path: Path) -> None:
    """Whatever the terminal around it has said."""
    env = {"TERM": "screen.xterm-256color", "STY": "1.host", "COLORTERM": "truecolor"}
    with program_terminal(tmp_path, *LOOKING, env=env) as session:
        session.wait_for("q quit")
        assert b"8;5;" in session.output
        assert b"8;2;" not in session.output
        session.leave()
