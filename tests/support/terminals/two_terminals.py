"""The app on two terminals at once: one gets all that Textual writes, the other is on the wire."""

import asyncio
import random
from functools import partial
from pathlib import Path
from typing import Any, cast

from rich.color import ColorSystem
from rich.console import Console, RenderableType
from support.screens.prepared_monitor import ScenePlayer
from support.terminals.emulator import Emulator
from support.terminals.wire_sessions import HeldWriter, difference
from textual._compositor import Compositor, CompositorUpdate
from textual.drivers.headless_driver import HeadlessDriver
from textual.geometry import Offset, Size
from textual.screen import Screen

from deeptone_tui import app
from deeptone_tui.app.app import MonitorApp
from deeptone_tui.app.settings import ScreenSettings
from deeptone_tui.settings.options import Options
from deeptone_tui.terminal.frames import FrontCompositor, Painter, RegionsUpdate
from deeptone_tui.terminal.screen_output import ScreenOutput

KEYS = (
    *("right", "left", "shift+right", "shift+left", "0", "up", "down", "pageup", "home", "end"),
    *("a", "t", "f", "space", "enter", "escape", "[", "]", "question_mark", "=", "x", "ctrl+p"),
    *("v", "5", "世"),
)
SIZES = ((80, 24), (60, 20), (100, 30), (133, 41), (40, 10), (79, 23))


class TwoTerminals(HeadlessDriver):
    """Writes everything to both."""

    def __init__(self, owner: Any, *, size: tuple[int, int], **_: object) -> None:  # noqa: ANN401  Textual's
        super().__init__(owner, size=size)
        self.bare, self.wired = Emulator(*size), Emulator(*size, self._answer)
        self.writer = HeldWriter(self.wired.feed)
        loop = asyncio.get_running_loop()
        self.wire = ScreenOutput(cast("Any", self.writer), size, loop)
        self._painter = Painter(self.wire.canvas, ColorSystem.TRUECOLOR)
        self._drawn = False

    @property
    def is_headless(self) -> bool:
        """Textual is to draw."""
        return False

    def _answer(self, said: str) -> None:
        if said.endswith("R"):
            self.wire.answered(int(said.rstrip("R").rpartition(";")[2]) - 1)

    def start_application_mode(self) -> None:
        """As the real driver does."""
        super().start_application_mode()
        self.wire.ask_for_repeats()
        for sequence in ("\x1b[?1049h", "\x1b[?25l", "\x1b[?7l"):
            self.write(sequence)

    def write(self, data: str) -> None:
        """Write to both, but a frame only to the bare one when the other has got it."""
        self.bare.feed(data.replace("\n", "\r\n").encode())
        if not self._drawn:
            self.wire.write(data)

    def draw(self, update: CompositorUpdate, cursor: Offset) -> bool:
        """Draw a frame on the wire, and have it written to the bare terminal."""
        self._drawn = self.wire.draw(partial(self._painter.paint, update, cursor))
        return False

    def flush(self) -> None:
        """A frame is complete."""
        self._drawn = False
        self.wire.flush()

    def resize(self, width: int, height: int) -> None:
        """Both take another size."""
        self.bare.resize(width, height)
        self.wired.resize(width, height)
        self.wire.resized(width, height)
        self._size = Size(width, height)


class ComposedTwice(RegionsUpdate):
    """For the wire what is seen in front, for the bare terminal what Textual composes."""

    def __init__(self, update: RegionsUpdate, by_textual: CompositorUpdate) -> None:
        super().__init__(update.parts)
        self._by_textual = by_textual

    def render_segments(self, console: Console) -> str:
        """As text, by Textual."""
        return self._by_textual.render_segments(console)


class BothCompositors(FrontCompositor):
    """Composes each frame twice."""

    fronts = 0
    """Frames that were made of what is in front."""

    def render_update(
        self,
        full: bool = False,
        screen_stack: list[Screen[object]] | None = None,
        simplify: bool = False,
    ) -> RenderableType | None:
        """A frame for each terminal."""
        dirty = set(self._dirty_regions)
        update = super().render_update(full, screen_stack, simplify)
        if not isinstance(update, RegionsUpdate):
            return update
        self.fronts += 1
        self._dirty_regions.update(dirty)
        by_textual = Compositor.render_update(self, full, screen_stack, simplify)
        assert isinstance(by_textual, CompositorUpdate)
        return ComposedTwice(update, by_textual)


class TwiceShown(MonitorApp):
    """The monitor's app on two terminals."""

    CSS_PATH = str(Path(app.__file__).with_name("deeptone.tcss"))

    def __init__(self, monitor: ScenePlayer, settings: ScreenSettings) -> None:
        super().__init__(monitor, settings)
        self.compositor = self.main._compositor = BothCompositors()

    def _build_driver(
        self,
        headless: bool,  # noqa: ARG002  Textual's signature
        inline: bool,  # noqa: ARG002  idem
        mouse: bool,  # noqa: ARG002  idem
        size: tuple[int, int] | None,
    ) -> TwoTerminals:
        self.terminals = TwoTerminals(self, size=size or (80, 24))
        self._driver = self.terminals
        return self.terminals


async def use_at_random(seed: int, steps: int = 12) -> str:
    """Press keys, resize, stall, and let the scene go on.

    Returns:
        Where the terminals differ in the end; empty where they do not.
    """
    chance = random.Random(seed)  # noqa: S311  for a test
    scene = ScenePlayer()
    scene.advance(chance.randrange(400, 1200))
    shown = TwiceShown(scene, ScreenSettings(options=Options(theme="deeptone-dark")))
    async with shown.run_test(size=chance.choice(SIZES)) as pilot:
        for _ in range(steps):
            scene.advance(chance.randrange(1, 40))
            shown._follow_monitor()
            match chance.randrange(8):
                case 0:
                    width, height = chance.choice(SIZES)
                    shown.terminals.resize(width, height)
                    await pilot.resize_terminal(width, height)
                case 1:
                    shown.terminals.writer.stalled = not shown.terminals.writer.stalled
                case _:
                    await pilot.press(chance.choice(KEYS))
        shown.terminals.writer.release()
        await pilot.pause()
        shown.terminals.flush()
        await pilot.pause()
        assert shown.compositor.fronts, "no frame was composed of what is in front"
        return difference(shown.terminals.bare, shown.terminals.wired)
