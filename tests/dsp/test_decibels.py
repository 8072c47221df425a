"""Levels in both units, written and read."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeptone_tui.protocol import format_threshold, round_threshold
from deeptone_tui.protocol.units import (
    format_both,
    format_dbfs,
    from_dbfs,
    parse_threshold,
    to_dbfs,
)


@given(st.floats(1e-6, 1))
def test_the_two_units_convert_into_each_other(level: float) -> None:
    """There and back again is the same amplitude, to rounding."""
    assert from_dbfs(to_dbfs(level)) == pytest.approx(level, rel=1e-12)


def test_nothing_at_all_is_minus_infinity() -> None:
    """Zero has no logarithm, and needs none."""
    assert to_dbfs(0.0) == -math.inf
    assert from_dbfs(-math.inf) == 0.0


@pytest.mark.parametrize(
    ("level", "text"),
    [
        (0.005, "0.0050  −46.0 dBFS"),
        (1.0, "1.0000  0.0 dBFS"),
        (0.9999999, "1.0000  0.0 dBFS"),
        (0.999, "0.9990  0.0 dBFS"),
        (math.sqrt(0.5), "0.7071  −3.0 dBFS"),
        (0.12345, "0.1235  −18.2 dBFS"),
        (1 / 32768, "0.00003052  −90.3 dBFS"),
        (0.0, "0.0000  −∞ dBFS"),
    ],
)
def test_thresholds_are_written_in_both_units(level: float, text: str) -> None:
    """With four digits at most and no exponent, a real minus sign, and without a minus zero."""
    assert format_both(level) == text
    assert format_both(level) == f"{format_threshold(level)}  {format_dbfs(level)}"


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("0.005", 0.005),
        (" .5 ", 0.5),
        ("1", 1.0),
        ("1.", 1.0),
        ("+0.25", 0.25),
        ("5e-3", 0.005),
        ("0.004216965034285823", 0.004217),
        ("0", 0.0),
        ("-0", 0.0),
        ("-0.0", 0.0),
        ("-46", 0.005012),
        ("-46dB", 0.005012),
        ("−46 dBFS", 0.005012),
        ("–46.5 DBFS", 0.004732),
        ("0 dB", 1.0),
        ("-0 db", 1.0),
        ("−∞ dBFS", 0.0),
        ("-inf", 0.0),
        ("-99999 dB", 0.0),
    ],
)
def test_a_threshold_can_be_typed_in_either_unit(text: str, level: float) -> None:
    """A number up to 1 is an amplitude, a negative one or one with a unit is decibels."""
    assert parse_threshold(text) == level
    assert math.copysign(1.0, parse_threshold(text)) == 1.0


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "1.0001", "46", "3 dB", "nan", "inf", "∞", "1e400", "-1e400", "-1e400 dB"),
        *("0,005", "1_0", "٠", "½", "dB", "-", ".", "--46", "0.5 V", "0.5\x1b[2J", "nine"),
        *("-46 dB dB", "0.0050  −46.0 dBFS", "0x1", "1" * 500),
    ],
)
def test_other_thresholds_are_refused_in_one_line(text: str) -> None:
    """The line repeats what was typed and says what is allowed."""
    with pytest.raises(
        ValueError, match=r"^threshold '.*' is not allowed: an amplitude"
    ) as refused:
        parse_threshold(text)
    assert str(refused.value).isprintable()


@given(st.text(max_size=200))
def test_any_text_is_a_threshold_or_refused(text: str) -> None:
    """Nothing else can happen, and what is read is an amplitude."""
    line = ""
    try:
        assert 0.0 <= parse_threshold(text) <= 1.0
    except ValueError as refused:
        line = str(refused)
    assert line.isprintable()
    assert len(line) < 600


@given(st.floats(1e-5, 1))
def test_a_written_level_can_be_pasted_back(level: float) -> None:
    """Within the tenth of a decibel that was written."""
    assert to_dbfs(parse_threshold(format_dbfs(level))) == pytest.approx(to_dbfs(level), abs=0.056)


@given(st.floats(0, 1))
def test_a_threshold_that_was_written_is_read_as_the_same_number(threshold: float) -> None:
    """Screen, wire and files hold the same decimal, and writing it once more changes nothing."""
    short = round_threshold(threshold)
    assert float(format_threshold(threshold)) == short
    assert parse_threshold(format_threshold(threshold)) == short
    assert format_threshold(short) == format_threshold(threshold)


@given(st.floats(1e-9, 1))
def test_the_short_decimal_is_the_threshold_to_the_ear(threshold: float) -> None:
    """The loss is a twentieth of what is shown of it in decibels."""
    assert to_dbfs(round_threshold(threshold)) == pytest.approx(to_dbfs(threshold), abs=0.005)
