"""Losses in words, one line for each."""

import re

from hypothesis import given
from hypothesis import strategies as st

from deeptone_tui.monitor.notices import OVER_AFTER_S, LossAggregator

PIECES = st.lists(
    st.tuples(st.integers(1, 32_000), st.sampled_from("abc"), st.floats(0.0, 2 * OVER_AFTER_S)),
    max_size=30,
)


@given(PIECES)
def test_everything_lost_is_told_once(pieces: list[tuple[int, str, float]]) -> None:
    """Whatever is lost when and why, the lines come to it, and at most one more announces each."""
    lines: list[str] = []
    losses, now, start = LossAggregator(lines.append), 0.0, 0
    for samples, reason, pause in pieces:
        now += pause
        losses.sum_up(now)
        losses.take(start, start + samples, samples, reason, now)
        start += samples
    losses.sum_up()
    assert not losses.sum_up()
    announced = [words for words in lines if "is being lost" in words]
    told = [words for words in lines if words not in announced]
    length = sum(map(float, re.findall(r"([\d.]+) s of", " ".join(told))))
    assert abs(length - start / 16_000) <= 0.06 * len(told)
    assert len(announced) <= len(told) <= len(pieces)


def test_a_loss_is_over_when_it_has_not_grown_for_a_while() -> None:
    """Then the same reason is a loss of its own."""
    lines: list[str] = []
    losses = LossAggregator(lines.append)
    losses.take(0, 16_000, 16_000, "full", 1.0)
    assert not losses.sum_up(1.0 + 0.9 * OVER_AFTER_S)
    assert losses.sum_up(1.0 + OVER_AFTER_S)
    losses.take(960_000, 960_160, 160, "full", 60.0)
    assert losses.sum_up()
    assert lines == [
        "1.0 s of audio lost from 00:00:00: full",
        "0.01 s of audio lost from 00:01:00: full",
    ]


def test_one_that_goes_on_is_announced_once() -> None:
    """With the place where it began; silence is left out here and there, and not in order."""
    lines: list[str] = []
    losses = LossAggregator(lines.append)
    for at in (9, 5, 12):
        losses.take(16_000 * at, 16_000 * (at + 1), 16_000, "silence", 1.0)
    losses.sum_up()
    assert lines == [
        "audio is being lost from 00:00:05 on: silence",
        "3.0 s of audio lost from 00:00:05 to 00:00:13: silence",
    ]
