"""The parameters of a stream, and their form in the query."""

from typing import Any
from urllib.parse import parse_qsl, quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeptone_tui.protocol import CATALOGUE, ParameterError, StreamParameters

PARAMETERS = st.builds(
    StreamParameters,
    models=st.lists(st.sampled_from(sorted(CATALOGUE)), min_size=1, max_size=12).map(tuple),
    output_period=st.integers(1, 56_250).map(lambda steps: 64 * steps),
    volume_threshold=st.floats(0, 1),
    include_raw_values=st.booleans(),
    sample_rate=st.integers(4000, 384_000),
)


@given(PARAMETERS)
def test_a_query_says_everything_about_the_parameters(parameters: StreamParameters) -> None:
    """Written and read again, the parameters are the same; nothing in it needs an escape."""
    query = parameters.to_query()
    assert StreamParameters.from_query(parse_qsl(query, strict_parsing=True)) == parameters
    assert quote(query, safe="=&,") == query


@pytest.mark.parametrize(
    ("given", "asked", "written"),
    [
        (0.004216965034285823, 0.004217, "0.004217"),
        (10 ** (-46 / 20), 0.005012, "0.005012"),
        (0.000012345, 0.00001234, "0.00001234"),
        (0.99999, 1.0, "1.0000"),
        (0.0, 0.0, "0.0000"),
    ],
)
def test_a_threshold_is_asked_for_as_it_is_written(
    given: float, asked: float, written: str
) -> None:
    """A short decimal, whatever it was made of; and never in scientific notation."""
    parameters = StreamParameters(volume_threshold=given)
    assert parameters.volume_threshold == asked
    assert parameters.to_query().endswith(f"&volume_threshold={written}")
    assert StreamParameters.from_query([("volume_threshold", repr(given))]) == parameters


@pytest.mark.parametrize(
    ("parameters", "query"),
    [
        (StreamParameters(), "models=speech-rt&output_period=1024&volume_threshold=0.0050"),
        (
            StreamParameters(
                models=("speech-rt", "gender"),
                output_period=64,
                volume_threshold=0,
                include_raw_values=True,
                sample_rate=8000,
            ),
            (
                "models=speech-rt,gender&output_period=64&volume_threshold=0.0000"
                "&include_raw_values=true&sample_rate=8000"
            ),
        ),
    ],
)
def test_a_query_names_the_three_that_matter_and_what_is_not_the_default(
    parameters: StreamParameters, query: str
) -> None:
    """Models as a comma list that is not escaped; the defaults of the others are documented."""
    assert parameters.to_query() == query


@pytest.mark.parametrize(
    "query",
    [
        "models=speech,gender",
        "models=speech%2Cgender",
        "models=speech&models=gender",
        "models=speech,gender&models=gender",
        "models=speech,+gender",
    ],
)
def test_several_models_come_as_a_list_or_repeated(query: str) -> None:
    """The documentation does not show how, so both are taken; each model runs once."""
    assert StreamParameters.from_query(parse_qsl(query)).models == ("speech", "gender")


def test_unknown_names_are_ignored() -> None:
    """Parameters of the file service, and whatever else, do not disturb."""
    pairs = [("include_summary", "true"), ("api_key", "k"), ("Models", "x"), ("", "")]
    assert StreamParameters.from_query(pairs) == StreamParameters()


def test_one_value_repeated_is_one_value_and_two_are_refused() -> None:
    """Rather than silently taking the first or the last."""
    pairs = [("output_period", "64"), ("output_period", "64")]
    assert StreamParameters.from_query(pairs).output_period == 64
    with pytest.raises(ParameterError, match=r"^output_period is given more than once: one value"):
        StreamParameters.from_query([*pairs, ("output_period", "128")])


def test_an_error_never_repeats_the_key() -> None:
    """The key shares the query with what is refused."""
    with pytest.raises(ParameterError) as refused:
        StreamParameters.from_query([("api_key", "hidden"), ("sample_rate", "x")])
    assert "hidden" not in str(refused.value)


@pytest.mark.parametrize(
    "wrong",
    [
        {"models": "speech"},
        {"models": ()},
        {"models": None},
        {"models": (["speech"],)},
        {"models": (10**5000,)},
        {"output_period": "64"},
        {"output_period": 64.0},
        {"output_period": True},
        {"output_period": 10**5000},
        {"volume_threshold": float("nan")},
        {"volume_threshold": float("inf")},
        {"volume_threshold": 10**5000},
        {"volume_threshold": -1e-9},
        {"volume_threshold": "0.5"},
        {"volume_threshold": False},
        {"include_raw_values": 1},
        {"include_raw_values": None},
        {"sample_rate": 16_000.0},
        {"sample_rate": -(10**5000)},
    ],
)
def test_no_instance_exists_with_a_value_that_is_not_allowed(wrong: dict[str, Any]) -> None:
    """Values of the wrong type included, as a configuration file may bring them."""
    with pytest.raises(ParameterError, match=f"^{next(iter(wrong))} ") as refused:
        StreamParameters(**wrong)
    assert str(refused.value).isprintable()


def test_equal_requests_are_equal_values() -> None:
    """Repeated models, an integer threshold and a minus zero mean nothing of their own."""
    one = StreamParameters(models=("speech", "speech"), volume_threshold=-0.0)
    other = StreamParameters(models=("speech",), volume_threshold=0)
    assert one == other
    assert hash(one) == hash(other)
    assert one.to_query() == other.to_query()


def test_a_period_is_measured_in_samples_at_16_khz() -> None:
    """Also when another rate is sent, because that is resampled first."""
    assert StreamParameters(output_period=64).period_samples == 1024
    assert StreamParameters(output_period=1024, sample_rate=8000).period_samples == 16_384
