"""Draw the pictures of the README from the running program: ``make screenshots``."""

import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests"))


from support.picture import svg  # noqa: E402  needs the line above
from support.terminal import Terminal, terminal  # noqa: E402  the same

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
    ready: Callable[[Terminal], bool] = lambda _: True
    options: tuple[str, ...] = ("--models", "speech-rt,gender")


PICTURES = (
    Picture("monitor-80x24", 80, 24, (RIGHT,) * 6),
    Picture("monitor-100x30", 100, 30, (RIGHT,) * 6),
    Picture("monitor-200x50", 200, 50, (RIGHT,) * 6),
    Picture("devices-80x24", 80, 24, ("d",), until="00:00:20"),
    Picture("models-80x24", 80, 24, ("m",), until="00:00:20"),
    Picture("help-80x24", 80, 24, ("?",), until="00:00:20"),
)


def take(picture: Picture) -> None:
    """Run the program, wait for its moment, press the keys and write the picture."""
    command = [sys.executable, "-m", "deeptone_tui", "demo", *picture.options]
    with tempfile.TemporaryDirectory() as home:
        env = {f"XDG_{name}_HOME": home for name in ("CONFIG", "STATE", "CACHE", "DATA")}
        with terminal(command, columns=picture.columns, rows=picture.rows, env=env) as session:
            session.wait_for("STREAMING", 60)
            session.wait_for(picture.until, 120)
            for key in picture.press:
                session.send(key)
                session.pump(0.1)
            session.pump(1.0)
            (HERE / f"{picture.name}.svg").write_text(svg(session.screen, TITLE))


if __name__ == "__main__":
    wanted = sys.argv[1:]
    for item in PICTURES:
        if not wanted or item.name in wanted:
            take(item)
