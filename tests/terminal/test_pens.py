"""Pens and the way from one to another."""

from hypothesis import given
from hypothesis import strategies as st
from support.terminals.emulator import Cell, Emulator

from deeptone_tui.terminal.canvas import DEFAULT_PEN, Pen, pen_change, pen_of

colours = st.one_of(
    st.just(""),
    st.integers(0, 7).map(str),
    st.integers(0, 255).map(lambda number: f"8;5;{number}"),
    st.tuples(*[st.integers(0, 255)] * 3).map(lambda parts: "8;2;{};{};{}".format(*parts)),
)
attributes = st.frozensets(st.sampled_from([1, 2, 3, 4, 5, 6, 7, 8, 9, 21, 51, 52, 53]), max_size=4)
pens = st.builds(
    pen_of,
    colours.map(lambda codes: codes and f"3{codes}"),
    colours.map(lambda codes: codes and f"4{codes}"),
    attributes,
    st.sampled_from(["", "id=1;https://a.example", ";https://b.example"]),
)


def drawn(*sequences: str) -> Cell:
    """What a terminal then draws."""
    emulator = Emulator(1, 1)
    emulator.feed("".join((*sequences, "x")).encode())
    return emulator.cells[0][0]


@given(pens, pens)
def test_a_change_makes_the_one_pen_of_the_other(old: Pen, new: Pen) -> None:
    """In no more codes than everything anew; from an unknown one it is that."""
    anew, change = pen_change(None, new), pen_change(old, new)
    assert drawn(pen_change(None, old), change) == drawn(anew) == drawn(f"\x1b[{new.codes}m")
    begin, links, _ = change.partition("\x1b]8;")
    assert begin == "" or not links  # the link comes first
    assert bool(links) == (old.link != new.link)
    assert len(change.rpartition("\x1b\\")[2]) <= len(anew.rpartition("\x1b\\")[2])
    assert (change == "") == (old is new)


@given(pens)
def test_there_is_one_pen_for_a_look(pen: Pen) -> None:
    """And one cell for what it draws; both are compared by identity."""
    assert pen_of(pen.foreground, pen.background, pen.attributes, pen.link) is pen
    assert pen.cell("x") is pen.cell("x")
    assert (pen is DEFAULT_PEN) == (not pen.codes and not pen.link)


def test_links_begin_and_end() -> None:
    """In the terminal's words for both."""
    link = pen_of("", "", frozenset(), "id=1;https://a.example")
    assert pen_change(DEFAULT_PEN, link) == "\x1b]8;id=1;https://a.example\x1b\\"
    assert pen_change(link, DEFAULT_PEN) == "\x1b]8;;\x1b\\"
