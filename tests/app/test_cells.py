"""Texts in the cells of a terminal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from deeptone_tui.app.presenters.wording import cut, fitted, padded, width_of

FAMILY = "👨\u200d👩\u200d👧"
SIGNS = ["a", "日", "e\u0301", "\u0301", FAMILY, "❤\ufe0f", "🇩🇪", "각", "क्षि", "\u200b", "ß"]
names = st.lists(st.sampled_from(SIGNS), max_size=12).map("".join)


def test_text_is_fitted_by_an_ellipsis() -> None:
    """And is never longer than there is room."""
    assert [fitted("codec", width) for width in (9, 5, 4, 1, 0)] == [
        "codec",
        "codec",
        "cod…",
        "…",
        "",
    ]


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("日本語", 6, "日本語"),
        ("日本語", 5, "日本…"),
        ("日本語", 4, "日…"),
        ("e\u0301te\u0301s", 3, "e\u0301t…"),
        (FAMILY * 2, 3, f"{FAMILY}…"),
        (FAMILY * 2, 2, "…"),
    ],
)
def test_no_letter_is_taken_apart(text: str, width: int, shown: str) -> None:
    """Half a wide one would push the rest of the line, and a mark alone join another."""
    assert fitted(text, width) == shown


@given(names, st.integers(0, 30))
def test_what_is_fitted_and_padded_takes_the_cells_that_it_should(name: str, width: int) -> None:
    """Whatever joins with what."""
    assert width_of(name) == cell_len(name)
    assert cell_len(cut(name, width)) <= width
    assert cell_len(fitted(name, width)) <= width
    assert cell_len(padded(fitted(name, width), width)) == width
    assert name.startswith(cut(name, width))
