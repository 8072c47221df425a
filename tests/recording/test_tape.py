"""Recordings that end before the results of their audio are in."""

from pathlib import Path

import pytest
from support.sources.recordings import lines_of, only
from support.sources.sounds import noise

from deeptone_tui.monitor.recording_controller import RESULTS_WITHIN_S, RecordingController
from deeptone_tui.monitor.state import PlacedResult
from deeptone_tui.protocol import Answer, Step, StreamParameters
from deeptone_tui.recording import Facts

STEP = Step(0.0, {"speech-rt": Answer("speech", 1.0)})
FACTS = Facts("file", "a.wav", 16_000, "local endpoint", "", None)
SECOND = 16_384
"""Samples of a period."""


class Deck:
    """A tape, and the time."""

    def __init__(self) -> None:
        self.now = 0.0
        self.tape = RecordingController(lambda: FACTS, lambda _: None, lambda: self.now)

    def hear(self, start: int) -> None:
        """A period of audio."""
        self.tape.audio(start, noise(SECOND, peak=6000))

    def answer(self, start: int) -> None:
        """Its result."""
        self.tape.entry(PlacedResult(STEP, start, SECOND, StreamParameters()))

    def results(self, folder: Path) -> list[object]:
        """Where the results in a recording begin; the tape is closed."""
        self.tape.close(2.0)
        return [line["sample"] for line in lines_of(only(folder) / "results.jsonl")]


def test_a_recording_that_was_ended_waits_for_the_results_of_its_audio(tmp_path: Path) -> None:
    """Not for those of what came later."""
    deck = Deck()
    deck.tape.begin(tmp_path)
    deck.hear(0)
    deck.hear(SECOND)
    deck.tape.end()
    assert deck.tape.status is None
    for start in (0, SECOND, 2 * SECOND):
        deck.hear(start + 2 * SECOND)
        deck.answer(start)
    assert deck.results(tmp_path) == [0, SECOND]


@pytest.mark.parametrize("next_one", [True, False])
def test_it_does_not_wait_for_ever(tmp_path: Path, next_one: bool) -> None:
    """For half a minute at most, and not beside another one that ends."""
    deck = Deck()
    deck.tape.begin(tmp_path / "first")
    deck.hear(0)
    deck.hear(SECOND)
    deck.tape.end()
    deck.answer(0)
    if next_one:
        deck.tape.begin(tmp_path / "second")
        deck.tape.end()
    else:
        deck.now += RESULTS_WITHIN_S
        deck.tape.look()
    deck.answer(SECOND)
    assert deck.results(tmp_path / "first") == [0]
