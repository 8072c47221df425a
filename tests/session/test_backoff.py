"""Delays between attempts."""

from itertools import islice

from hypothesis import given
from hypothesis import strategies as st

from deeptone_tui.session.timing import full_jitter


def test_the_ceiling_doubles_from_a_quarter_second_to_ten() -> None:
    """With chance at its highest the delays are the ceilings themselves."""
    delays = islice(full_jitter(lambda: 1.0), 8)
    assert list(delays) == [0.25, 0.5, 1, 2, 4, 8, 10, 10]


@given(st.lists(st.floats(0, 1, exclude_max=True), min_size=1, max_size=30))
def test_a_delay_is_anywhere_below_its_ceiling(chances: list[float]) -> None:
    """Full jitter: no delay is over ten seconds, none negative, each is its chance's share."""
    numbers = iter(chances)
    delays = islice(full_jitter(lambda: next(numbers)), len(chances))
    ceiling = 0.25
    for delay, chance in zip(delays, chances, strict=True):
        assert delay == chance * ceiling
        ceiling = min(10.0, ceiling * 2)
