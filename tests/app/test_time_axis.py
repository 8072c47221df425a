"""The time axis."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from deeptone_tui.app.view import DEFAULT_SPAN, LONGEST_SPAN, SPANS, known_span, stepped
from deeptone_tui.app.widgets.timeline import CHANGE, TICK, axis_row, time_ticks


def test_at_home_there_is_a_tick_every_ten_seconds() -> None:
    """60 columns, 60 seconds."""
    assert time_ticks(60, 60) == (
        (0, "−60 s"),
        (10, "−50 s"),
        (20, "−40 s"),
        (30, "−30 s"),
        (40, "−20 s"),
        (50, "−10 s"),
    )


def test_long_spans_count_in_minutes() -> None:
    """A quarter of an hour, and steps that are no whole minutes."""
    assert time_ticks(900, 60)[0] == (0, "−15 min")
    assert "−4:30" in [label for _, label in time_ticks(300, 100)]


@given(st.sampled_from(list(SPANS)), st.integers(10, 400))
def test_labels_do_not_touch(span: int, columns: int) -> None:
    """Ticks lie on the plot, with room for their labels."""
    ticks = time_ticks(span, columns)
    assert ticks
    for (left, label), (right, _) in itertools.pairwise(ticks):
        assert right - left > len(label) + 1
    assert all(0 <= column < columns for column, _ in ticks)


def test_spans_step_and_end() -> None:
    """Shorter, longer, and no further than the ends."""
    assert stepped(60, 1) == 120
    assert stepped(60, -1) == 30
    assert stepped(30, -1) == 30
    assert stepped(900, 1) == 900


def test_the_shortest_span_that_shows_what_is_wanted() -> None:
    """As one remembered by another version may be."""
    assert known_span(120) == 120
    assert known_span(77) == 120
    assert known_span(10**6) == LONGEST_SPAN
    assert known_span(0) == DEFAULT_SPAN


@given(st.sampled_from(list(SPANS)), st.integers(10, 400), st.data())
def test_changes_stand_on_the_axis_whatever_labels_there_are(
    span: int, columns: int, data: st.DataObject
) -> None:
    """No label is cut in two: it is whole, or left out but for its tick."""
    changes = data.draw(st.frozensets(st.integers(0, columns - 1), max_size=8))
    plain, row = (axis_row(span, columns, each, columns + 20) for each in (frozenset(), changes))
    assert len(row) == len(plain) == columns + 20
    assert {n for n, sign in enumerate(row) if sign == CHANGE} == changes
    labels = [(column, f"{TICK}{label}") for column, label in time_ticks(span, columns)]
    for start, text in (*labels, (columns - 3, f"now{TICK}")):
        place = range(start, start + len(text))
        shown = row[place.start : place.stop]
        if place.start < columns - 3 < place.stop:  # no room before now
            assert set(row[place.start : columns - 3]) <= {" ", TICK, CHANGE}
        elif changes.isdisjoint(place):
            assert shown == text == plain[place.start : place.stop]
        else:
            assert set(shown) <= {" ", TICK, CHANGE}
