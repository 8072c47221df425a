"""Moves of the cursor."""

from hypothesis import given
from hypothesis import strategies as st
from support.terminals.emulator import Emulator

from deeptone_tui.terminal.sequences import move

COLUMNS, ROWS = 40, 20
places = st.tuples(st.integers(0, COLUMNS - 1), st.integers(0, ROWS - 1))


@given(places, places)
def test_a_move_ends_where_it_should(start: tuple[int, int], end: tuple[int, int]) -> None:
    """From anywhere to anywhere, in no more bytes than the plain way."""
    emulator = Emulator(COLUMNS, ROWS)
    emulator.feed(move(None, start).encode())
    sequence = move(start, end)
    emulator.feed(sequence.encode())
    cursor = emulator.screen.cursor
    assert (cursor.x, cursor.y) == end
    assert len(sequence) <= len(f"\x1b[{end[1] + 1};{end[0] + 1}H")


@given(places, places)
def test_a_move_from_an_uncertain_place_is_absolute(
    start: tuple[int, int], end: tuple[int, int]
) -> None:
    """It ends in the same place wherever the cursor really was."""
    emulator = Emulator(COLUMNS, ROWS)
    emulator.feed((move(None, start) + move(None, end)).encode())
    assert (emulator.screen.cursor.x, emulator.screen.cursor.y) == end
