"""Classes over time as runs."""

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from deeptone_tui.app.widgets.geometry import column_glyph
from deeptone_tui.app.widgets.timeline import ClassRun, runs_of

SIGNS = [
    "a",
    "日",
    "e\u0301",
    "\u0301",
    "👨\u200d👩\u200d👧",
    "❤\ufe0f",
    "🇩🇪",
    "각",
    "क्षि",
    "\u200b",
    "ß",
]
names = st.sampled_from(["", "speech", "music", "silence", "no_speech"]) | st.lists(
    st.sampled_from(SIGNS), max_size=12
).map("".join)


def runs(columns: list[str]) -> list[ClassRun]:
    """The strip of some columns."""
    return runs_of(columns, frozenset({"silence"}))


def text_of(columns: list[str]) -> str:
    """The strip as text."""
    return "".join(run.text for run in runs(columns))


def test_a_run_begins_with_its_name() -> None:
    """In capitals, so that names that touch can be told apart; quiet classes are not named."""
    assert text_of(["speech"] * 9 + ["silence"] * 3 + ["music"] * 2) == "Speech━━━···Mu"
    assert text_of(["", "", "no_speech", "no_speech"]) == "  No"


@given(st.lists(names, max_size=12), st.integers(1, 6))
def test_a_run_takes_a_cell_for_each_of_its_columns(classes: list[str], columns: int) -> None:
    """Whatever a class is called; the runs have the columns' names."""
    row = [name for name in classes for _ in range(columns)]
    assert [name for run in runs(row) for name in [run.name] * cell_len(run.text)] == row


def test_an_upright_bar_fills_cell_after_cell() -> None:
    """From the bottom row on, in eighths."""
    assert [column_glyph(11, row) for row in range(3)] == ["█", "▃", " "]
    assert column_glyph(0, 0) == " "
