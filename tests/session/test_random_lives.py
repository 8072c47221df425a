"""Sessions that live through whatever can happen to them, in imagined time."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from support.endpoints.imagined_endpoint import GOOD, Manners
from support.sessions.session_bench import PERIOD
from support.sessions.session_life import Change, Cut, Finish, Hear, Wait, live_through
from support.time.imagined_time import run_at_once

from deeptone_tui.session.failures import Failure
from deeptone_tui.session.progress import CONNECTIONS_WITHOUT_RESULTS

PLANS = [
    PERIOD,
    replace(PERIOD, volume_threshold=0.02),
    replace(PERIOD, output_period=64),
    replace(PERIOD, output_period=1024, models=("speech-rt", "gender")),
    replace(PERIOD, output_period=5120),
    replace(PERIOD, output_period=3_600_000),
]

ACTIONS = st.one_of(
    st.builds(Hear, st.integers(1, 200).map(lambda steps: 1024 * steps), st.booleans()),
    st.builds(Hear, st.integers(1, 5000)),
    st.builds(Wait, st.sampled_from([0.0, 0.01, 0.06, 0.2, 1.05, 3.0, 6.0, 40.0])),
    st.builds(Change, st.sampled_from(PLANS)),
    st.builds(Change, st.sampled_from(PLANS)),
    st.just(Cut()),
    st.just(Finish()),
)

REFUSALS = [
    Failure("unreachable"),
    Failure("one too many", retry_after=1.0, busy=True),
    Failure("no such model", retry=False, by_endpoint=True),
]

WHOLE = {
    "hello_after": st.sampled_from([0.0, 0.0, 0.5, 3.0]),
    "rate": st.sampled_from([1000.0, 30.0, 2.0, 0.5]),
    "thinks": st.sampled_from([0.0, 0.0, 0.3, 2.0]),
    "doubles": st.booleans(),
    "swaps": st.booleans(),
}
"""Of an endpoint that gives every result."""
POLITE_AND_WHOLE = st.builds(Manners, **WHOLE)
POLITE = st.builds(Manners, greets=st.booleans(), announces=st.booleans(), **WHOLE)
MANNERS = st.one_of(
    st.just(GOOD),
    POLITE,
    st.builds(
        lambda polite, after, code, error: replace(
            polite, ends_after=after, code=code, error=error
        ),
        POLITE,
        st.integers(0, 300_000),
        st.sampled_from([1000, 1005, 1006, 1008, 1011]),
        st.sampled_from(["", "", "out of order"]),
    ),
    st.builds(
        lambda polite, after: replace(polite, mute_after=after), POLITE, st.integers(0, 300_000)
    ),
    st.builds(lambda polite, skips: replace(polite, skips=skips), POLITE, st.integers(1, 6)),
    st.builds(  # an error that nobody foresaw is an end of a connection like others
        lambda polite, after: replace(polite, raises=True, ends_after=after),
        POLITE,
        st.one_of(st.none(), st.integers(0, 300_000)),
    ),
    st.builds(Manners, refusal=st.sampled_from(REFUSALS)),
)


@settings(max_examples=110)
@given(
    st.lists(ACTIONS, min_size=3, max_size=12),
    st.lists(MANNERS, max_size=6),
    st.booleans(),
    st.sampled_from([16 * 1024, 160_000, 960_000]),
)
def test_whatever_happens_every_sample_is_accounted_for(
    happenings: list[object], manners: list[Manners], live: bool, capacity: int
) -> None:
    """Each result once, in order, in its place; nothing in flight in the end; nothing left."""
    run_at_once(live_through(happenings, manners, live=live, capacity=capacity))


PASSING = st.one_of(
    POLITE_AND_WHOLE,
    st.builds(
        lambda polite, after, code: replace(polite, ends_after=after, code=code),
        POLITE_AND_WHOLE,
        st.integers(0, 300_000),
        st.sampled_from([1000, 1005, 1006, 1008, 1011]),
    ),
    st.builds(
        lambda polite, after, life, code: replace(
            polite, mute_after=after, lives_for=life, code=code
        ),
        POLITE_AND_WHOLE,
        st.integers(0, 300_000),
        st.sampled_from([None, 0.5, 4.0, 9.0, 19.0]),
        st.sampled_from([1000, 1006, 1011]),
    ),
    st.builds(Manners, refusal=st.sampled_from(REFUSALS)),
)
"""Faults of an endpoint that gives every result in the end."""


@settings(max_examples=80)
@given(
    st.lists(ACTIONS, min_size=3, max_size=8),
    st.lists(PASSING, max_size=3).filter(
        # One that is mute may leave last results unanswered without end.
        lambda faults: (
            sum(each.mute_after is not None for each in faults) < CONNECTIONS_WITHOUT_RESULTS
        )
    ),
    st.booleans(),
)
def test_nothing_is_given_up_that_an_endpoint_would_answer(
    happenings: list[object], manners: list[Manners], live: bool
) -> None:
    """Where the buffer holds it all and the endpoint recovers, no step is lost."""
    life = live_through(happenings, manners, live=live, capacity=6_000_000)
    assert not run_at_once(life).given_up()
