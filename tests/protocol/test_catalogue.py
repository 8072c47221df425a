"""The nine documented models."""

import pytest

from deeptone_tui.core.redaction import redacted
from deeptone_tui.protocol import CATALOGUE, DEFAULT_MODELS

OTHER_RESULTS = {"silence", "no_speech", "unknown"}


def test_the_nine_documented_models_are_known() -> None:
    """By the names they have on the wire."""
    assert set(CATALOGUE) == {
        *("speech-rt", "speech", "gender", "arousal", "emotions"),
        *("language", "underage-speaker", "audio-event", "speaker-map"),
    }
    assert set(DEFAULT_MODELS) <= set(CATALOGUE)


@pytest.mark.parametrize(
    ("name", "results", "receptive_field"),
    [
        ("speech-rt", "speech music other silence", 146),
        ("speech", "speech music other silence", 1082),
        ("gender", "female male unknown no_speech silence", 3130),
        ("arousal", "high low neutral no_speech silence", 2107),
        ("emotions", "happy irritated neutral tired no_speech silence", 2107),
        ("language", "de en es fr it unknown no_speech silence", 2107),
        ("underage-speaker", "child adult unknown no_speech silence", 570.5),
        (
            "audio-event",
            "nat_human_sounds neg_human_sounds pos_human_sounds speech music noise silence",
            1082,
        ),
        ("speaker-map", "", 2107),
    ],
)
def test_a_model_answers_what_its_page_says(
    name: str, results: str, receptive_field: float
) -> None:
    """Results and receptive field are the documented ones; raw has the classes alone."""
    model = CATALOGUE[name]
    assert model.name == name
    assert set(model.results) == set(results.split())
    assert len(set(model.results)) == len(model.results)
    assert set(model.classes) == set(model.results) - OTHER_RESULTS
    assert model.receptive_field_ms == receptive_field
    assert model.summary


def test_names_of_models_and_classes_are_never_secrets() -> None:
    """Wherever they come up: a value in an address may be the same word."""
    words = {*CATALOGUE, *(name for model in CATALOGUE.values() for name in model.results)}
    redacted.learn(*words)
    assert [redacted(word) for word in words] == list(words)
