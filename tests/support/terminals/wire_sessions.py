"""Random sessions of something that draws as Textual does, on a wire and on a bare terminal."""

import random
from collections.abc import Callable, Sequence
from typing import Any, Final, cast

from support.terminals.emulator import Emulator

from deeptone_tui.terminal.canvas import DEFAULT_PEN, Canvas, Pen, pen_of
from deeptone_tui.terminal.screen_output import ScreenOutput

Strip = list[tuple[str, Pen]]
Placed = tuple[int, int, Strip]
"""Column, row, and what is drawn there."""

_PENS: Final = tuple(
    pen_of(foreground, background, frozenset(attributes), "")
    for foreground, background, *attributes in (
        ("38;2;90;169;214", "48;2;23;29;37"),
        ("38;2;213;219;227", "48;2;23;29;37"),
        ("38;2;14;18;23", "48;2;14;18;23"),
        ("38;2;213;219;227", "48;2;14;18;23", 1),
        ("31", "44", 7),
        ("38;5;120", "48;5;17", 2),
        ("37", "40", 3, 4),
        ("93", "100", 9),
        ("", "", 1, 2, 5, 53),
        ("38;2;1;2;3", "", 21),
        ("32", "", 8),
        ("", "", 51, 52),
    )
)
_NARROW: Final = "abcXYZ019 .─━█▌▏░┃◆│"
_WIDE: Final = "世界音声量가나マイ🎤🔊"
_MARKED: Final = ("e\u0301", "a\u0308", "n\u0303", "世\u0303")
_PASSED: Final = ("\a", "\x1b]52;c;aGVsbG8=\a", "\x1b]0;title\x1b\\", "\x1b[?1000h", "\x1b[>25u")


def text_of(parts: Sequence[Placed], cursor: tuple[int, int]) -> str:
    """A frame as Textual writes it."""
    drawn = "".join(
        f"\x1b[{y + 1};{x + 1}H" + "".join(f"\x1b[{pen.codes}m{text}\x1b[m" for text, pen in strip)
        for x, y, strip in parts
    )
    return f"{drawn}\x1b[{cursor[1] + 1};{cursor[0] + 1}H"


def paint(canvas: Canvas, parts: Sequence[Placed], cursor: tuple[int, int]) -> bool:
    """Draw a frame onto a canvas."""
    for x, y, strip in parts:
        canvas.move(x, y)
        for text, pen in strip:
            canvas.draw(text, pen)
    canvas.move(*cursor)
    return True


class HeldWriter:
    """A writer whose terminal can be stalled; a test says when it goes on."""

    def __init__(self, show: Callable[[bytes], None]) -> None:
        self.on_idle: Callable[[], None] = lambda: None
        self.stalled = False
        self.waiting = 0
        self.written = 0
        """Bytes so far."""
        self._show = show
        self._held = bytearray()

    def start(self) -> None:
        """There is no thread."""

    def stop(self) -> None:
        """There is no thread."""

    def put(self, data: bytes) -> None:
        """Show it, or hold it."""
        self.written += len(data)
        self._held += data
        self.waiting = len(self._held)
        if not self.stalled:
            self.release()

    def release(self) -> None:
        """Show what was held."""
        self.stalled = False
        data, self._held = bytes(self._held), bytearray()
        self._show(data)
        self.waiting = 0
        self.on_idle()


class SameThread:
    """A loop that calls at once; its timers are called when a test says so."""

    def __init__(self) -> None:
        self.timers: list[Callable[[], None]] = []

    def call_soon_threadsafe(self, call: Callable[[], None]) -> None:
        """Call it."""
        call()

    def call_later(self, _: float, call: Callable[[], None]) -> "SameThread":
        """Keep it."""
        self.timers.append(call)
        return self

    def cancel(self) -> None:
        """Forget all timers."""
        self.timers.clear()


class Session:
    """One program that draws, and the two terminals that show it."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311  for tests
        self.size = self._some_size()
        self.bare = Emulator(*self.size)
        self.wired = Emulator(*self.size, self._answer)
        self.writer = HeldWriter(self.wired.feed)
        self.clock = 0.0
        self.loop = SameThread()
        writer, loop = cast("Any", self.writer), cast("Any", self.loop)
        self.wire = ScreenOutput(writer, self.size, loop, lambda: self.clock)
        if self.random.random() < 0.5:
            self.wire.ask_for_repeats()
        if self.random.random() < 0.3:
            self.wire.frames_known()
        self.write("\x1b[?1049h\x1b[?25l\x1b[?7l")
        self.repaint()

    def _answer(self, said: str) -> None:
        """The terminal tells where its cursor is."""
        if said.endswith("R"):
            self.wire.answered(int(said.rstrip("R").rpartition(";")[2]) - 1)

    def _some_size(self) -> tuple[int, int]:
        return self.random.randint(12, 60), self.random.randint(4, 16)

    def write(self, text: str) -> None:
        """Write to both."""
        self.bare.feed(text.encode())
        self.wire.write(text)

    def frame(self, parts: Sequence[Placed], cursor: tuple[int, int] = (0, 0)) -> None:
        """Write a frame to one, and draw it for the other; seldom it is written to both."""
        if self.random.random() < 0.05:
            self.write(text_of(parts, cursor))
        else:
            self.bare.feed(text_of(parts, cursor).encode())
            self.wire.draw(lambda: paint(self.wire.canvas, parts, cursor))
        self.clock += self.random.choice((0.0, 0.02, 0.07, 0.6))
        self.wire.flush()

    def strip(self, width: int) -> Strip:
        """Styled text of some cells."""
        parts, chance = Strip(), self.random
        while width:
            length = min(chance.randint(1, 20), width)
            if chance.random() < 0.4:
                text = chance.choice(_NARROW) * length
            else:
                text = "".join(chance.choices(_NARROW, k=length))
            if chance.random() < 0.15 and length > 2:
                text = chance.choice(_WIDE) + chance.choice(_MARKED[:3]) + text[3:]
            elif chance.random() < 0.05 and length > 1:
                text = _MARKED[3] + text[2:]
            parts.append((text, DEFAULT_PEN if chance.random() < 0.1 else chance.choice(_PENS)))
            width -= length
        return parts

    def repaint(self) -> None:
        """Draw everything, as after a change of the layout."""
        width, height = self.size
        self.rows = [self.strip(width) for _ in range(height)]
        self.frame([(0, y, row) for y, row in enumerate(self.rows)])

    def draw_regions(self) -> None:
        """Draw some parts of some rows."""
        width, height = self.size
        parts = []
        for _ in range(self.random.randint(1, 5)):
            x, y = self.random.randrange(width), self.random.randrange(height)
            parts.append((x, y, self.strip(self.random.randint(1, width - x))))
        self.frame(parts, self.random.choice(((0, 0), (width // 2, 1))))

    def scroll(self) -> None:
        """Draw rows again some rows further up or down, and something in those that are free."""
        width, height = self.size
        steps = self.random.choice((1, 1, 1, 2, -1, -2))
        top = self.random.randrange(height - 2)
        band = range(top, height)
        self.rows = [
            *self.rows[:top],
            *(self.rows[y + steps] if y + steps in band else self.strip(width) for y in band),
        ]
        self.frame([(0, y, self.rows[y]) for y in band])

    def slide(self) -> None:
        """A chart whose columns move to the left, beside labels that stay."""
        width, height = self.size
        plot, steps = width - 6, self.random.randint(1, 3)
        columns = "".join(self.random.choices("▁▂▃▄▅▆▇█ ", k=plot + 12))
        for step in range(0, 12, steps):
            chart = (columns[step : step + plot], _PENS[0])
            self.frame([(0, y, [chart, (" label", _PENS[y % 4])]) for y in range(height // 2)])

    def flood(self) -> None:
        """Many frames, while the terminal takes none."""
        self.writer.stalled = self.random.random() < 0.7
        for _ in range(self.random.randint(3, 12)):
            self.random.choice((self.draw_regions, self.scroll))()
        self.writer.release()

    def resize(self) -> None:
        """Another size, in which everything is drawn anew."""
        self.size = self._some_size()
        for terminal in (self.bare, self.wired):
            terminal.resize(*self.size)
        self.wire.resized(*self.size)
        self.repaint()

    def pass_something(self) -> None:
        """What is for the terminal itself."""
        self.write(self.random.choice(_PASSED))

    def look_away(self) -> None:
        """The focus goes, or comes back."""
        self.wire.focused(focused=self.random.random() < 0.5)

    def step(self) -> None:
        """Something happens."""
        act = self.random.choices(
            (self.draw_regions, self.scroll, self.slide, self.flood, self.resize, self.repaint,
             self.pass_something, self.look_away),
            (10, 4, 2, 2, 1, 1, 2, 1),
        )[0]  # fmt: skip
        act()

    def settle(self) -> None:
        """Time passes, in which everything is told."""
        self.wire.focused(focused=True)
        self.writer.release()
        self.clock += 30
        for timer in self.loop.timers:
            timer()
        self.loop.timers.clear()
        self.wire.flush()


def difference(one: Emulator, other: Emulator) -> str:
    """Where two terminals of a size differ; empty where they do not."""
    for y, rows in enumerate(zip(one.cells, other.cells, strict=True)):
        for x, (bare, wired) in enumerate(zip(*rows, strict=True)):
            if bare != wired:
                return f"row {y}, column {x}: {bare} became {wired}"
    return ""


def looks_the_same(seed: int, steps: int = 12) -> bool:
    """Whether the terminals show the same after every few steps of a session."""
    session = Session(seed)
    for step in range(steps):
        session.step()
        if step % 4 == 3:
            session.settle()
            if difference(session.bare, session.wired):
                return False
    return True
