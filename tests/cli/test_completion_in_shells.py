"""Completion as bash, zsh and fish do it: typed in a terminal, and run as it was completed."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.programs.program import surroundings
from support.terminals.terminal import Terminal, terminal

_PROGRAM = f"""#!{sys.executable}
import json, os, sys

names = ["Front Mic", "Cash $HOME (2nd)", "Bob's \\"best\\"", "HDA: ALC (hw:0,0)"]
if os.environ.get("_DEEPTONE_TUI_COMPLETE") or sys.argv[1:2] == ["completion"]:
    import deeptone_tui.audio as audio
    from deeptone_tui.cli import main

    audio.input_devices = lambda: [audio.InputDevice(each, "ALSA", 1, 16000) for each in names]
    sys.exit(main())
with open(os.environ["LOG"], "a") as log:
    print(json.dumps(sys.argv[1:]), file=log)
"""
"""Has devices; completes as ever, and notes what else it is called with."""

_SHELLS = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], "source <(deeptone-tui completion bash)"),
    "zsh": (
        ["zsh", "-f", "-i"],
        "autoload -U compinit; compinit -u -D; source <(deeptone-tui completion zsh)",
    ),
    "fish": (["fish", "--no-config", "-i"], "deeptone-tui completion fish | source"),
}

_EACH = [pytest.param(each, marks=pytest.mark.system(each)) for each in _SHELLS]

_COMPLETED = (
    ("stream fi", ".wav", ["stream", "fi le (x).wav"]),
    ("--device=Ca", "2nd", ["--device=Cash $HOME (2nd)"]),
    ('--device "Bo', "best", ["--device", 'Bob\'s "best"']),
    ("--profile two", "lines", ["--profile", "two\nlines"]),
    ("--device HDA:", "hw", ["--device", "HDA: ALC (hw:0,0)"]),
)
"""What is typed, what is on the screen when it was completed, and what the program is given."""


@contextmanager
def shell(name: str, folder: Path) -> Iterator[tuple[Terminal, Path]]:
    """A shell with completion, in a folder with files, and what the program notes."""
    (folder / "bin").mkdir()
    program = folder / "bin" / "deeptone-tui"
    program.write_text(_PROGRAM)
    program.chmod(0o755)
    (folder / "config" / "deeptone-tui").mkdir(parents=True)
    profiles = '[profiles."two\\nlines"]'
    (folder / "config" / "deeptone-tui" / "config.toml").write_text(profiles)
    (folder / "there").mkdir()
    (folder / "there" / "fi le (x).wav").touch()
    log = folder / "log"
    env = {
        "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(folder),
        "LOG": str(log),
        "SSLKEYLOGFILE": "/dev/null/keys",
        "PS1": "% ",
    }
    command, setup = _SHELLS[name]
    with terminal(command, columns=120, env=surroundings(folder, env)) as session:
        session.send(f"cd {folder / 'there'}; {setup}; echo rea''dy\r")
        session.wait_for("ready")
        yield session, log


@pytest.mark.parametrize("name", _EACH)
def test_completed_words_are_what_the_program_gets(name: str, tmp_path: Path) -> None:
    """Files and devices are quoted as each shell has to; all that may stand first is listed."""
    with shell(name, tmp_path) as (session, log):
        for number, (typed, completed, expected) in enumerate(_COMPLETED, 1):
            session.send(f"\x0cdeeptone-tui {typed}")  # on an empty screen
            session.wait_for(typed)
            session.send("\t")
            session.wait_for(completed)
            session.send("\r")
            wait_for_lines(session, log, number)
            assert json.loads(log.read_text().splitlines()[-1]) == expected
        session.send("\x0cdeeptone-tui \t")
        if name == "bash":  # lists at the second one
            session.send("\t")
        words = ["serve", "tune", "completion", "mic", "demo", "tcp://", ".wav"]
        session.wait_until(lambda: all(word in session.text for word in words))
        assert "SSLKEYLOGFILE" not in session.text  # which is of no use, and nobody's business


def wait_for_lines(session: Terminal, log: Path, number: int) -> None:
    """Wait until the program has noted so many calls."""
    session.wait_until(lambda: log.exists() and log.read_text().count("\n") == number)
