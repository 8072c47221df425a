"""Losses in words, one line for each."""

import re

from hypothesis import given
from hypothesis import strategies as st

from deeptone_tui.monitor.accounting import OVER_AFTER_S, LossAggregator

PIECES = st.lists(
    st.tuples(st.integers(1, 32_000), st.sampled_from("abc"), st.floats(0.0, 2 * OVER_AFTER_S)),
    max_size=30,
)


@given(PIECES)
def test_everything_lost_is_told_once(pieces: list[tuple[int, str, float]]) -> None:
    """Whatever is lost when and why, the lines come to it, and at most one more announces each."""
    losses, now, start = LossAggregator(), 0.0, 0
    told: list[str] = []
    announced: list[str] = []
    for samples, reason, pause in pieces:
        now += pause
        told += losses.over(now)
        words = losses.take(start, start + samples, samples, reason, now)
        announced += [words] if words else []
        start += samples
    told += losses.over()
    assert losses.over() == []
    length = sum(map(float, re.findall(r"([\d.]+) s of", " ".join(told))))
    assert abs(length - start / 16_000) <= 0.06 * len(told)
    assert len(announced) <= len(told) <= len(pieces)


def test_a_loss_is_over_when_it_has_not_grown_for_a_while() -> None:
    """Then the same reason is a loss of its own."""
    losses = LossAggregator()
    assert losses.take(0, 16_000, 16_000, "full", 1.0) is None
    assert losses.over(1.0 + 0.9 * OVER_AFTER_S) == []
    assert losses.over(1.0 + OVER_AFTER_S) == ["1.0 s of audio lost from 00:00:00: full"]
    assert losses.take(960_000, 960_160, 160, "full", 60.0) is None
    assert losses.over() == ["0.01 s of audio lost from 00:01:00: full"]


def test_one_with_something_kept_in_between_tells_where_it_ends() -> None:
    """Silence is left out here and there, and not always in order."""
    losses = LossAggregator()
    for at in (9, 5):
        losses.take(16_000 * at, 16_000 * (at + 1), 16_000, "silence", 1.0)
    assert losses.over() == ["2.0 s of audio lost from 00:00:05 to 00:00:10: silence"]


def test_one_that_goes_on_is_announced_once() -> None:
    """With the place where it began."""
    losses = LossAggregator()
    lines = [
        losses.take(16_000 * at, 16_000 * (at + 1), 16_000, "full", float(at)) for at in range(5, 9)
    ]
    assert lines == [None, "audio is being lost from 00:00:05 on: full", None, None]
