"""The baseline: a bare Textual app that redraws one line."""

import sys

from textual.app import App, ComposeResult
from textual.widgets import Static

READY = "ready"


class BareApp(App[None]):
    """One line of text, redrawn ``rate`` times a second."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self._rate = rate
        self._count = 0

    def compose(self) -> ComposeResult:
        """Yield the line."""
        yield Static(READY, id="line")

    def on_mount(self) -> None:
        """Start to redraw."""
        if self._rate:
            self.set_interval(1 / self._rate, self._redraw)

    def _redraw(self) -> None:
        self._count += 1
        width = self.size.width - 8
        filled = self._count % width
        line = f"{READY} {'█' * filled}{'·' * (width - filled)}"
        self.query_one("#line", Static).update(line)


if __name__ == "__main__":
    BareApp(float(sys.argv[1]) if len(sys.argv) > 1 else 0.0).run()
