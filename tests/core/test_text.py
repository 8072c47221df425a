"""Names and lines of the other side made fit for a terminal, and times in text."""

import pytest

from deeptone_tui.core.text import clean_line, clean_name, clock, short_clock


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


@pytest.mark.parametrize(
    ("seconds", "text", "with_tenths"),
    [
        (0, "00:00:00", "00:00:00.0"),
        (192.49, "00:03:12", "00:03:12.4"),
        (3723.999, "01:02:03", "01:02:03.9"),
        (3 * 1.024, "00:00:03", "00:00:03.0"),
        (0.3, "00:00:00", "00:00:00.3"),
        (360_000, "100:00:00", "100:00:00.0"),
    ],
)
def test_a_clock_is_cut_off_and_not_rounded(seconds: float, text: str, with_tenths: str) -> None:
    """A result must not seem to come from the future; a tenth is one though floats are binary."""
    assert clock(seconds) == text
    assert clock(seconds, tenths=True) == with_tenths


def test_a_short_clock_has_no_hours() -> None:
    """A source is as long as it is."""
    assert [short_clock(each) for each in (0, 63.9, 3686)] == ["0:00", "1:03", "61:26"]
