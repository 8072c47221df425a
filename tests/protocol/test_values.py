"""Single values of parameters: what is read from text, and what is refused in which words."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeptone_tui.protocol import (
    CATALOGUE,
    ParameterError,
    parse_include_raw_values,
    parse_models,
    parse_output_period,
    parse_sample_rate,
    parse_volume_threshold,
)

PARSERS: dict[str, Callable[[str], object]] = {
    "models": parse_models,
    "output_period": parse_output_period,
    "volume_threshold": parse_volume_threshold,
    "include_raw_values": parse_include_raw_values,
    "sample_rate": parse_sample_rate,
}


@pytest.mark.parametrize(
    ("parameter", "text", "value"),
    [
        ("models", "speech-rt", ("speech-rt",)),
        ("models", " speech , gender,speech", ("speech", "gender")),
        ("models", ",".join(CATALOGUE), tuple(CATALOGUE)),
        ("output_period", "64", 64),
        ("output_period", " 1024 ", 1024),
        ("output_period", "+0128", 128),
        ("output_period", "3600000", 3_600_000),
        ("volume_threshold", "0", 0.0),
        ("volume_threshold", "-0.0", 0.0),
        ("volume_threshold", "1", 1.0),
        ("volume_threshold", ".5", 0.5),
        ("volume_threshold", "5e-3", 0.005),
        ("volume_threshold", "1e-400", 0.0),
        ("include_raw_values", "true", True),
        ("include_raw_values", "TRUE", True),
        ("include_raw_values", "1", True),
        ("include_raw_values", "False", False),
        ("include_raw_values", " 0 ", False),
        ("sample_rate", "4000", 4000),
        ("sample_rate", "44100", 44_100),
        ("sample_rate", "384000", 384_000),
    ],
)
def test_allowed_texts_are_read(parameter: str, text: str, value: object) -> None:
    """With spaces around; and with the type of the parameter, not merely an equal value."""
    assert repr(PARSERS[parameter](text)) == repr(value)


NEVER_NUMBERS = (
    *("", " ", "nan", "inf", "-inf", "1e400", "1_024", "0x40", "١٢٨", "１２８", "²"),
    *("64ms", "64,0", "true", "--64", "6 4", "None", "9" * 5000, "-" + "9" * 5000),
)
NEVER_FLAGS = ("", "yes", "on", "2", "10", "truee", "t", "null", "１")


@pytest.mark.parametrize(
    ("parameter", "texts", "allowed"),
    [
        (
            "output_period",
            [*NEVER_NUMBERS, "0", "-64", "63", "65", "100", "1000", "64.0", "3600064", "1e3"],
            "a multiple of 64, from 64 to 3600000, in milliseconds",
        ),
        (
            "volume_threshold",
            [*NEVER_NUMBERS, "-0.1", "1.0000001", "-46", "0.5.", "5%", "-1e-300"],
            "a number from 0 (nothing is silence) to 1",
        ),
        ("include_raw_values", NEVER_FLAGS, "true or false"),
        (
            "sample_rate",
            [*NEVER_NUMBERS, "3999", "384001", "-16000", "16000.0", "16k", "0"],
            "a whole number from 4000 to 384000, in hertz",
        ),
    ],
)
def test_other_texts_are_refused_with_what_is_allowed(
    parameter: str, texts: list[str], allowed: str
) -> None:
    """In one line that begins with the parameter's name and repeats what was given."""
    for text in texts:
        with pytest.raises(ParameterError) as refused:
            PARSERS[parameter](text)
        line = str(refused.value)
        assert line.startswith(f"{parameter} ")
        assert f" is not allowed: {allowed}" in line
        assert line.isprintable()
        assert len(line) < 250


@pytest.mark.parametrize(
    ("period", "nearest"), [("1", 64), ("-5", 64), ("95", 64), ("96", 128), ("9999999", 3_600_000)]
)
def test_a_wrong_period_is_answered_with_the_nearest(period: str, nearest: int) -> None:
    """And the nearest is allowed itself."""
    with pytest.raises(ParameterError, match=rf"\(nearest: {nearest}\)$"):
        parse_output_period(period)
    assert parse_output_period(str(nearest)) == nearest


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("Gender", "gender"),
        ("speech_rt", "speech-rt"),
        ("speech,genders", "gender"),
        ("underage", "underage-speaker"),
        ("emotion", "emotions"),
        ("zzz", None),
        ("gender,,speech", None),
        ("speech;gender", "speech-rt"),
        ("speech\x1b[31m", "speech"),
    ],
)
def test_an_unknown_model_is_answered_with_all_and_the_nearest(
    text: str, nearest: str | None
) -> None:
    """So that the reader can correct it without the documentation."""
    with pytest.raises(ParameterError) as refused:
        parse_models(text)
    line = str(refused.value)
    assert f" is not allowed: one of {', '.join(CATALOGUE)}" in line
    assert line.endswith(f" (nearest: {nearest})" if nearest else "speaker-map")
    assert line.isprintable()


@pytest.mark.parametrize("text", ["", " ", ",", " , ,"])
def test_an_empty_list_of_models_is_refused(text: str) -> None:
    """There is nothing to ask an endpoint for."""
    with pytest.raises(ParameterError, match=r"^models is empty: name at least one of speech-rt"):
        parse_models(text)


@given(st.sampled_from(sorted(PARSERS)), st.text(max_size=100))
def test_any_text_is_read_or_refused_in_one_line(parameter: str, text: str) -> None:
    """No other error can come out."""
    line = parameter
    try:
        PARSERS[parameter](text)
    except ParameterError as refused:
        line = str(refused)
    assert line.startswith(parameter)
    assert line.isprintable()
