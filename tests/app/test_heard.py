"""What the endpoint said of each step."""

import pytest

from deeptone_tui.app.heard import heard_in, meaning_of
from deeptone_tui.monitor.state import Entry
from deeptone_tui.protocol import Answer, Step, StreamParameters
from deeptone_tui.tuning import OTHER, SPEECH, UNKNOWN


def entry(step: int, result: str | None, threshold: float = 0.0, model: str = "speech-rt") -> Entry:
    """A result of two steps of 64 ms."""
    parameters = StreamParameters(models=(model,), output_period=128, volume_threshold=threshold)
    return Entry(Step(0.0, {model: Answer(result, 0.9)}), step * 1024, 2048, parameters)


@pytest.mark.parametrize(
    ("result", "threshold", "model", "meaning"),
    [
        ("speech", 0.005, "speech-rt", SPEECH),
        ("speech", 0.0, "speech", SPEECH),
        ("music", 0.005, "speech-rt", OTHER),
        ("other", 0.0, "speech-rt", OTHER),
        ("silence", 0.005, "speech-rt", UNKNOWN),
        ("silence", 0.0, "speech-rt", OTHER),
        (None, 0.0, "speech-rt", UNKNOWN),
        ("female", 0.0, "gender", UNKNOWN),
    ],
)
def test_what_a_result_means(
    result: str | None, threshold: float, model: str, meaning: int
) -> None:
    """What was not listened to is not known."""
    assert meaning_of(entry(0, result, threshold, model)) == meaning


def test_results_cover_their_steps() -> None:
    """Those before the stretch and after it are cut; gaps are unknown."""
    entries = [
        entry(0, "other"),
        entry(3, "speech"),
        entry(5, "other"),
        entry(8, "speech"),
    ]
    heard = heard_in(entries, 4, 5)
    assert heard is not None
    assert heard.tolist() == [SPEECH, OTHER, OTHER, UNKNOWN, SPEECH]


def test_nothing_known_is_none() -> None:
    """Neither without results nor with silence only."""
    assert heard_in([], 0, 4) is None
    assert heard_in([entry(0, "silence", 0.005)], 0, 4) is None
