"""The main screen on terminals of 256 colours, of 16, of none, and of ASCII only, at all sizes.

One file for each kind of terminal; true colours are among the other pictures. `--snapshot-update`
accepts a new look.
"""

import os

import pytest
from support.screens.app_states import app_of, playing, running
from support.terminals.mode_dump import Looks, shown
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from deeptone_tui.cli.terminal import has_ascii_only

SIZES = [(60, 20), (80, 24), (100, 30), (120, 40), (200, 50)]
TERMINALS = {
    "256": {"TERM": "xterm-256color"},
    "16": {"TERM": "xterm"},
    "none": {"TERM": "xterm-256color", "COLORTERM": "truecolor", "NO_COLOR": "1"},
    "ascii": {"TERM": "linux"},
}


class Dump(SingleFileSnapshotExtension):
    """Snapshots as plain text, which a change can be read in."""

    _write_mode = WriteMode.TEXT
    _file_extension = "txt"


@pytest.fixture(params=TERMINALS)
def terminal(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The variables that the terminal sets; its name."""
    monkeypatch.delenv("COLORTERM", raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")
    for name in ("LC_ALL", "LC_CTYPE"):
        monkeypatch.delenv(name, raising=False)
    kind: str = request.param
    for name, value in TERMINALS[kind].items():
        monkeypatch.setenv(name, value)
    return kind


async def test_every_terminal_at_every_size(terminal: str, snapshot: SnapshotAssertion) -> None:
    """What it shows is what it was; colours are its own, and signs too."""
    looks, screens = Looks(), []
    for columns, rows in SIZES:
        plain = has_ascii_only(os.environ)
        app = app_of(playing("speech-rt", "gender"), theme=None, ascii=plain)
        async with running(app, (columns, rows)):
            emulator = shown(app)
        assert all(
            allowed(terminal, *cell[:3]) for line in emulator.cells for cell in line if cell[0]
        )
        screens.append(f"{columns}x{rows}\n{looks.rows(emulator)}")
    dump = "\n\n".join([looks.legend(), *screens]) + "\n"
    assert dump == snapshot(extension_class=Dump)


def allowed(terminal: str, text: str, front: str, back: str) -> bool:
    """Whether a terminal of that kind has this cell."""
    match terminal:
        case "256":
            return front.isdecimal() and back.isdecimal()
        case "none":
            return (front, back) == ("default", "default")
    simple = all(colour == "default" or colour.startswith("ansi ") for colour in (front, back))
    return simple and (terminal == "16" or text.isascii())
