"""The books, against a reference that keeps the fate of every single sample."""

from hypothesis import given
from hypothesis import strategies as st

from deeptone_tui.monitor.accounting import PATIENCE_SAMPLES, Ledger

INDEX = st.integers(0, 400)
MOVES = st.lists(
    st.one_of(
        st.tuples(st.just("capture"), st.integers(0, 60), st.just(0)),
        st.tuples(st.sampled_from(["send", "answer", "lose"]), INDEX, st.integers(0, 120)),
    ),
    max_size=60,
)


class Plain:
    """One word for each sample."""

    def __init__(self) -> None:
        self.fates: list[str] = []
        self.doomed: set[int] = set()
        self.sent: set[int] = set()

    def capture(self, samples: int) -> None:
        """Samples arrive; some are lost already."""
        for index in range(len(self.fates), len(self.fates) + samples):
            self.fates.append("lost" if index in self.doomed else "open")

    def settle(self, start: int, end: int, fate: str) -> None:
        """Decide what is still open."""
        for index in range(start, min(end, len(self.fates))):
            if self.fates[index] == "open":
                self.fates[index] = fate


@given(MOVES)
def test_every_sample_has_exactly_one_fate(moves: list[tuple[str, int, int]]) -> None:
    """Captured is answered, lost or in flight, after every move in any order."""
    ledger, plain = Ledger(), Plain()
    for move, first, length in moves:
        match move:
            case "capture":
                ledger.capture(first)
                plain.capture(first)
            case "send":
                end = min(first + length, ledger.captured)
                ledger.send(min(first, end), end)
            case "answer":
                ledger.answer(first, first + length)
                plain.settle(first, first + length, "answered")
            case _:
                ledger.lose(first, first + length)
                plain.settle(first, first + length, "lost")
                if first + length > len(plain.fates):
                    # What is lost ahead is lost from the newest sample on.
                    plain.doomed |= set(range(len(plain.fates), first + length))
        assert ledger.captured == ledger.answered + ledger.lost + ledger.in_flight
        assert ledger.captured == len(plain.fates)
        assert ledger.answered == plain.fates.count("answered")
        assert ledger.lost == plain.fates.count("lost")
        assert ledger.sent <= ledger.captured


def test_sending_again_counts_once() -> None:
    """After a lost connection the same samples go out a second time."""
    ledger = Ledger()
    ledger.capture(100)
    ledger.send(0, 50)
    ledger.send(20, 80)
    assert ledger.sent == 80
    ledger.send(90, 100)
    assert ledger.sent == 90


def test_a_gap_is_given_up_when_results_are_far_beyond_it() -> None:
    """An endpoint that leaves out a period does not keep it in flight for ever."""
    ledger = Ledger()
    ledger.capture(PATIENCE_SAMPLES + 10_000)
    ledger.answer(1000, 2000)
    assert ledger.lost == 0
    assert ledger.answer(PATIENCE_SAMPLES + 1000, PATIENCE_SAMPLES + 2000) == 1000
    assert ledger.lost == 1000
