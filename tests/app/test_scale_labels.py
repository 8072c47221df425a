"""The labels of the scale: each whole, and one of them with its unit."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeptone_tui.app.plots.layout import GAP_COLUMNS
from deeptone_tui.app.plots.scale import Scale, scale_labels

LABEL = re.compile(r"╵(−?\d+)(?: dBFS)?|△ suggested|suggested △|△")


@given(cells=st.integers(1, 220), places=st.tuples(*[st.integers(0, 219) | st.none()] * 2))
def test_no_label_is_cut(cells: int, places: tuple[int | None, int | None]) -> None:
    """Whatever the width, the mark and the suggestion."""
    mark, suggested = (None if place is None else min(place, cells - 1) for place in places)
    scale = Scale(cells)
    line = scale_labels(scale, cells + GAP_COLUMNS, mark, suggested)
    assert len(line) == cells + GAP_COLUMNS
    assert mark in (None, suggested) or line[mark] == " "
    assert not LABEL.sub("", line).strip()
    assert {*LABEL.findall(line)} <= {"", *(label for _, label in scale.ticks())}


@pytest.mark.parametrize("mark", [None, *range(60)])
def test_a_tick_has_the_unit_wherever_the_mark_stands(mark: int | None) -> None:
    """The first that has room for it."""
    line = scale_labels(Scale(60), 60 + GAP_COLUMNS, mark, None)
    assert line.count(" dBFS") == 1
    assert mark is None or line[mark] == " "


def test_the_next_tick_takes_it() -> None:
    """The mark of −56 dBFS stands in the first one's place for it."""
    assert scale_labels(Scale(60), 60 + GAP_COLUMNS, 4, None).startswith(
        "╵−60      ╵−50 dBFS ╵−40   "
    )
