"""Times in text."""

import pytest

from deeptone_tui.core.text import clock, short_clock


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
