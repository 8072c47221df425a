"""Classes over time as runs."""

from hypothesis import given
from hypothesis import strategies as st

from deeptone_tui.app.plots.scale import column_glyph
from deeptone_tui.app.widgets.class_strips import runs_of

QUIET = frozenset({"silence"})
names = st.lists(st.sampled_from(["", "speech", "music", "silence", "no_speech"]), max_size=80)


def text_of(columns: list[str]) -> str:
    """The strip as text."""
    return "".join(run.text for run in runs_of(columns, "━", "·", QUIET))


def test_a_run_begins_with_its_name() -> None:
    """In capitals, so that names that touch can be told apart; quiet classes are not named."""
    assert text_of(["speech"] * 9 + ["silence"] * 3 + ["music"] * 2) == "Speech━━━···Mu"
    assert text_of(["", "", "no_speech", "no_speech"]) == "  No"


@given(names)
def test_a_strip_is_as_long_as_its_columns(columns: list[str]) -> None:
    """A character a column, and the runs have the columns' names."""
    runs = runs_of(columns, "━", "·", QUIET)
    assert [name for run in runs for name in [run.name] * len(run.text)] == columns


def test_an_upright_bar_fills_cell_after_cell() -> None:
    """From the bottom row on, in eighths."""
    assert [column_glyph(11, row) for row in range(3)] == ["█", "▃", " "]
    assert column_glyph(0, 0) == " "
