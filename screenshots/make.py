"""Draw the pictures of the README from the running program: ``make screenshots``."""

import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests"))


from support.picture import svg  # noqa: E402  needs the line above
from support.terminal import REPOSITORY, terminal  # noqa: E402  the same
from support.virtual_mics import PROGRAMS, virtual_mics  # noqa: E402  the same

RIGHT, SHIFT_RIGHT = "\x1b[C", "\x1b[1;2C"
TITLE = "deeptone-tui demo"


@dataclass(frozen=True)
class Picture:
    """One picture: how large, how far into the demo, and what is pressed before it is taken."""

    name: str
    columns: int
    rows: int
    press: tuple[str, ...] = ()
    until: str = "00:00:44"
    microphones: bool = False
    """Whether two virtual microphones hear the demo."""


PICTURES = (
    Picture("monitor-80x24", 80, 24, (RIGHT,) * 6),
    Picture("monitor-100x30", 100, 30, (RIGHT,) * 6),
    Picture("monitor-200x50", 200, 50, (RIGHT,) * 6),
    Picture("devices-80x24", 80, 24, ("d",), until="00:00:08", microphones=True),
    Picture("models-80x24", 80, 24, ("m",), until="00:00:20"),
    Picture("help-80x24", 80, 24, ("?",), until="00:00:20"),
)


def take(picture: Picture) -> None:
    """Run the program, wait for its moment, press the keys and write the picture."""
    command = [sys.executable, "-m", "deeptone_tui", "demo", "--models", "speech-rt,gender"]
    with (
        tempfile.TemporaryDirectory() as home,
        _microphones(wanted=picture.microphones) as sound,
        terminal(
            command,
            columns=picture.columns,
            rows=picture.rows,
            env={**sound, **{f"XDG_{name}_HOME": home for name in ("CONFIG", "STATE", "CACHE")}},
        ) as session,
    ):
        session.wait_for("STREAMING", 60)
        session.wait_for(picture.until, 120)
        for key in picture.press:
            session.send(key)
            session.pump(0.1)
        session.pump(3.0 if picture.microphones else 1.0)
        (HERE / f"{picture.name}.svg").write_text(svg(session.screen, TITLE))


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


if __name__ == "__main__":
    wanted_names = sys.argv[1:]
    for item in PICTURES:
        if not wanted_names or item.name in wanted_names:
            take(item)
