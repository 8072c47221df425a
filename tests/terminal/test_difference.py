"""What a terminal is told, and that it then shows what it should."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.terminals.emulator import Emulator

from deeptone_tui.terminal.canvas import DEFAULT_PEN, Canvas, Pen, pen_of
from deeptone_tui.terminal.difference import RemoteScreen
from deeptone_tui.terminal.sequences import move

WIDTH, HEIGHT = 24, 6
RED = pen_of("31", "", frozenset(), "")
PENS = [
    DEFAULT_PEN,
    RED,
    pen_of("38;2;9;9;9", "44", frozenset({1}), ""),
    pen_of("", "", frozenset({7}), ""),
    pen_of("38;5;120", "48;5;17", frozenset(), ""),
]

texts = st.lists(
    st.sampled_from(["a", "b", " ", "█", "─", "世", "e\u0301", "🎤", "👩\u200d🔬", "❤\ufe0f"]),
    max_size=20,
)
places = st.tuples(st.integers(0, WIDTH - 1), st.integers(0, HEIGHT - 1))
drawings = st.lists(
    st.tuples(st.integers(0, WIDTH - 1), st.integers(0, HEIGHT - 1), st.sampled_from(PENS), texts),
    max_size=12,
)
Drawing = list[tuple[int, int, Pen, list[str]]]


class Pair:
    """A canvas, and the terminal that is told of it."""

    def __init__(self, *, repeats: bool = False) -> None:
        self.canvas = Canvas(WIDTH, HEIGHT)
        self.shown = RemoteScreen(self.canvas)
        self.shown.repeats = repeats
        self.terminal = Emulator(WIDTH, HEIGHT)
        self.terminal.feed(b"\x1b[?7l")

    def draw(self, drawing: Drawing) -> None:
        """Draw some texts."""
        for x, y, pen, text in drawing:
            self.canvas.move(x, y)
            self.canvas.draw("".join(text)[: WIDTH - x], pen)

    def fill(self, rows: list[str]) -> None:
        """Draw whole rows in the default pen."""
        self.draw([(0, y, DEFAULT_PEN, list(row.ljust(WIDTH))) for y, row in enumerate(rows)])

    def tell(self) -> int:
        """Tell the terminal; returns how many bytes that took."""
        data = self.shown.update().encode()
        self.terminal.feed(data)
        return len(data)

    def agrees(self) -> bool:
        """Whether the terminal shows each cell that was drawn."""
        return all(
            cell is None or (cell.text.rstrip("\u0301")[:1] or " ") in {seen[0][:1] or " ", "e"}
            for row, shown in zip(self.canvas.rows, self.terminal.cells, strict=True)
            for cell, seen in zip(row, shown, strict=True)
        )


@given(drawings, drawings, st.booleans())
def test_the_difference_leads_to_the_same_as_everything_anew(
    first: Drawing, second: Drawing, repeats: bool
) -> None:
    """Told in two steps or at once, the terminal shows the same."""
    stepwise, at_once = Pair(repeats=repeats), Pair()
    for pair in (stepwise, at_once):
        pair.fill([])
        pair.draw([(0, y, DEFAULT_PEN, [" "] * WIDTH) for y in range(HEIGHT)])
        pair.draw(first)
    stepwise.tell()
    for pair in (stepwise, at_once):
        pair.draw(second)
        pair.tell()
    assert stepwise.terminal.cells == at_once.terminal.cells
    assert stepwise.agrees()


@given(drawings)
def test_nothing_new_is_not_a_byte(drawing: Drawing) -> None:
    """Drawing the same once more tells nothing."""
    pair = Pair()
    pair.draw(drawing)
    pair.tell()
    before = [row.copy() for row in pair.canvas.rows]
    pair.draw(drawing)
    if pair.canvas.rows == before:
        assert pair.tell() == 0


def test_rows_that_move_up_are_not_drawn_again() -> None:
    """A log costs its new line, and a few bytes for the move."""
    pair = Pair()
    lines = [f"{n:02} {'abcdefghij'[n:]}{'klmnopqrst'[:n]}" for n in range(8)]
    pair.fill(lines[:HEIGHT])
    pair.tell()
    pair.fill(lines[1 : HEIGHT + 1])
    assert pair.tell() < 2 * WIDTH
    assert pair.terminal.text.splitlines() == lines[1 : HEIGHT + 1]


def test_columns_that_move_left_are_not_drawn_again() -> None:
    """Beside labels that stay."""
    pair = Pair()
    chart = "▁▃▂▄█▅▇▆▁▂▃█▄▅▂▁▇▆▃▂"
    pair.fill([f"{chart[:18]} lab" for _ in range(HEIGHT)])
    pair.tell()
    pair.fill([f"{chart[1:19]} lab" for _ in range(HEIGHT)])
    assert pair.tell() < 20 * HEIGHT
    assert set(pair.terminal.text.splitlines()) == {f"{chart[1:19]} lab"}


@pytest.mark.parametrize(("repeats", "most"), [(True, 20), (False, 70)])
def test_repetition_is_told_where_the_terminal_knows_it(repeats: bool, most: int) -> None:
    """Twenty blocks of three bytes each."""
    pair = Pair(repeats=repeats)
    pair.draw([(0, 0, DEFAULT_PEN, ["█"] * 20)])
    assert pair.tell() < most
    assert pair.terminal.text.splitlines()[0] == "█" * 20


def test_a_gap_that_is_cheap_is_written_again() -> None:
    """One run instead of two and a move."""
    pair = Pair()
    pair.fill(["a-c"])
    pair.tell()
    pair.fill(["x-y"])
    assert pair.shown.update().endswith("x-y")


@pytest.mark.parametrize("joined", ["👩\u200d🔬", "👨\u200d👩\u200d👧\u200d👦", "❤\ufe0f", "👍🏽"])
def test_nothing_is_left_beside_what_a_terminal_does_not_join(joined: str) -> None:
    """The emulator shows each in as many cells as its characters take: what follows is redrawn."""
    pair = Pair()
    pair.fill(["0123456789 abcdefgh"])
    pair.tell()
    pair.draw([(2, 0, RED, [joined])])
    pair.draw([(16, 0, DEFAULT_PEN, ["X"])])
    pair.tell()
    assert "".join(cell[0] for cell in pair.terminal.cells[0][4:]).rstrip() == "456789 abcdeXgh"
    pair.draw([(2, 0, DEFAULT_PEN, ["23"])])
    pair.tell()
    assert pair.terminal.text.splitlines()[0] == "0123456789 abcdeXgh"


def test_after_a_character_of_uncertain_width_the_place_is_told() -> None:
    """Terminals do not agree on emoji made of several; what follows stands right in each."""
    pair = Pair()
    pair.draw([(0, 0, DEFAULT_PEN, ["👩\u200d🔬", "z"])])
    assert "👩\u200d🔬\x1b[1;3Hz" in pair.shown.update()


@given(places, places)
def test_a_move_ends_where_it_should(start: tuple[int, int], end: tuple[int, int]) -> None:
    """From anywhere, certain or not, to anywhere, in no more bytes than the plain way."""
    for known in (True, False):
        emulator = Emulator(WIDTH, HEIGHT)
        sequence = move(start if known else None, end)
        emulator.feed((move(None, start) + sequence).encode())
        assert (emulator.screen.cursor.x, emulator.screen.cursor.y) == end
        assert len(sequence) <= len(f"\x1b[{end[1] + 1};{end[0] + 1}H")
