"""Names and lines of the other side, made fit for a terminal."""

import pytest

from deeptone_tui.core.text import clean_line, clean_name


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("\x1b]52;c;aGVsbG8=\x07call.wav", "�]52;c;aGVsbG8=�call.wav"),
        ("new\nline.wav", "new�line.wav"),
        ("c1\x9b31m", "c1�31m"),
        ("\u202ecod.exe\u2066", "�cod.exe�"),
        ("not utf-8 \udcff", "not utf-8 �"),
        ("日本語 é e\u0301 👨\u200d👩\u200d👧", "日本語 é e\u0301 👨\u200d👩\u200d👧"),
    ],
)
def test_what_is_replaced_is_seen(name: str, shown: str) -> None:
    """Sign by sign, so that two names do not look the same; letters of all scripts stay."""
    assert clean_name(name) == shown


def test_a_line_of_somebody_else_is_bounded() -> None:
    """Whatever is said: spaces are joined, and the rest is cut."""
    assert clean_line("a  b\n\tc") == "a b c"
    assert clean_line("y" * 10_000_000, 20) == "y" * 19 + "…"
