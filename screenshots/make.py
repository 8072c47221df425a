"""Draw the pictures and the moving picture from the running program: ``make screenshots``."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests"))

import moving_picture  # noqa: E402  needs the line above
from picture import svg  # noqa: E402  beside this file
from support.programs.program import REPOSITORY  # noqa: E402  the same
from support.sources.virtual_mics import PROGRAMS, virtual_mics  # noqa: E402  the same
from support.terminals.terminal import Terminal, terminal  # noqa: E402  the same

RIGHT, ESCAPE = "\x1b[C", "\x1b"
DEMO = ("demo", "--models", "speech-rt,gender")


@dataclass(frozen=True)
class Picture:
    """One picture of a run: what is pressed for it, what is waited for, and how to go back."""

    name: str
    press: tuple[str, ...] = ()
    until: str = ""
    """Text that stands on the screen when it is taken."""
    back: str = ESCAPE


@dataclass(frozen=True)
class Run:
    """One run of the program, and the pictures taken in it one after the other."""

    columns: int
    rows: int
    pictures: tuple[Picture, ...]
    begin: str = "00:00:44"
    """The time on the screen before which nothing is pressed."""
    command: tuple[str, ...] = DEMO
    microphones: bool = False
    """Whether two virtual microphones hear the demo."""


MAIN = Picture("monitor", (RIGHT,) * 6, back="")
TUNE = Picture("tune", ("t",), "00:00:50")
"""Begun early: what a threshold costs is known of what has been judged since."""
SUGGEST = Picture("suggest", ("a",), "confidence")
RUNS = (
    Run(100, 30, (SUGGEST,), begin="00:00:24"),
    Run(100, 30, (MAIN,)),
    Run(100, 30, (TUNE,), begin="00:00:03"),
    Run(80, 24, (TUNE,), begin="00:00:03"),
    Run(200, 50, (MAIN,)),
    Run(
        80,
        24,
        (
            MAIN,
            Picture("export", ("x",), "sox"),
            Picture("models", ("m",), "gender"),
            Picture("endpoint", ("e",), "local"),
            Picture("threshold", ("=",), "dB"),
            Picture("help", ("?",), "threshold"),
            Picture("palette", ("\x10",), "Search"),
        ),
    ),
    Run(
        80,
        24,
        (Picture("devices", ("d",), "dBFS"), Picture("calibrate", ("g",), "quiet")),
        begin="00:00:08",
        microphones=True,
    ),
)


def take(run: Run) -> None:
    """Run the program, press the keys and write the pictures."""
    with _running(run.command, run.columns, run.rows, microphones=run.microphones) as session:
        session.wait_for("STREAMING", 60)
        session.wait_for(run.begin, 120)
        for picture in run.pictures:
            for key in picture.press:
                session.send(key)
                session.pump(0.1)
            session.wait_for(picture.until, 120)
            session.pump(4.0 if run.microphones else 1.0)
            _write(f"{picture.name}-{run.columns}x{run.rows}", session)
            session.send(picture.back)
            session.pump(0.8)


def _write(name: str, session: Terminal) -> None:
    """The screen as SVG, and as PNG where it can be converted."""
    drawing = HERE / f"{name}.svg"
    drawing.write_text(svg(session.screen, "deeptone-tui"))
    if shutil.which("rsvg-convert"):
        subprocess.run(["rsvg-convert", drawing, "-o", drawing.with_suffix(".png")], check=True)  # noqa: S603, S607  ours, from the path


@contextmanager
def _running(
    command: tuple[str, ...], columns: int, rows: int, *, microphones: bool = False
) -> Iterator[Terminal]:
    """The program in a terminal, with a home of its own."""
    with (
        tempfile.TemporaryDirectory() as home,
        _microphones(wanted=microphones) as sound,
        terminal(
            [sys.executable, "-m", "deeptone_tui", *command],
            columns=columns,
            rows=rows,
            env={**sound, **{f"XDG_{name}_HOME": home for name in ("CONFIG", "STATE", "CACHE")}},
        ) as session,
    ):
        yield session


@contextmanager
def _microphones(*, wanted: bool) -> Iterator[Mapping[str, str]]:
    """The environment of a machine with two microphones that hear the demo, where it can be."""
    if not wanted or not all(map(shutil.which, PROGRAMS)):
        yield {}
        return
    with virtual_mics() as mics:
        recording = REPOSITORY / "deeptone_tui" / "audio" / "demo.flac"
        players = [mics.play(recording, name) for name in ("desk", "room")]
        yield mics.env
        for player in players:
            player.kill()
            player.wait()


def tour() -> None:
    """The moving picture: a threshold is moved, suggested, applied, tuned and exported."""
    with _running(DEMO, 100, 30) as session:
        session.wait_for("STREAMING", 60)
        session.wait_for("00:00:30", 120)
        moving_picture.write(session, HERE / "tour.svg")


def _named(names: list[str]) -> Iterator[Callable[[], None]]:
    """What is to be made: everything, or the runs that have a picture of one of these names."""
    for run in RUNS:
        made = {f"{picture.name}-{run.columns}x{run.rows}" for picture in run.pictures}
        if not names or made & set(names):
            yield partial(take, run)
    if not names or "tour" in names:
        yield tour


if __name__ == "__main__":
    for make in _named(sys.argv[1:]):
        make()
