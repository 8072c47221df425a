"""The offset between preview and endpoint, found again from nothing but answers."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from deeptone_tui.protocol.units import from_dbfs
from deeptone_tui.tuning.offset import ENOUGH, WIDEST_DB, OffsetFinding, agreeing, best_offset

COUNTS = st.integers(1, 60)
DBFS = st.integers(-600, -100).map(lambda tenths: tenths / 10)
OFFSETS = st.floats(-20.0, 20.0)


def arrays(data: st.DataObject, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Loudest levels, arbitrary answers and thresholds of some periods, a few of them 0."""
    levels = DBFS.map(from_dbfs) | st.just(0.0)
    loudest = data.draw(hnp.arrays(np.float64, count, elements=levels))
    thresholds = data.draw(hnp.arrays(np.float64, count, elements=levels))
    return loudest, data.draw(hnp.arrays(np.bool_, count)), thresholds


@given(data=st.data(), count=COUNTS, offset=OFFSETS)
def test_a_known_offset_is_within_the_interval(
    data: st.DataObject, count: int, offset: float
) -> None:
    """An endpoint that gates at another scale: all is explained, and its offset is as good."""
    loudest, _, thresholds = arrays(data, count)
    silent = loudest * from_dbfs(offset) < thresholds
    found = best_offset(loudest, silent, thresholds)
    assert found.agreed_after == found.compared == count
    assert found.low - 1e-9 <= offset <= found.high + 1e-9
    assert found.low <= found.decibels < found.high
    assert abs(found.decibels - offset) <= found.spread + 1e-5


@pytest.mark.thorough
@given(data=st.data(), count=COUNTS, other=OFFSETS)
def test_no_other_offset_explains_more(data: st.DataObject, count: int, other: float) -> None:
    """Whatever the endpoint answers, no shift agrees with more of it."""
    loudest, silent, thresholds = arrays(data, count)
    found = best_offset(loudest, silent, thresholds)
    assert found.agreed_after == agreeing(loudest, silent, thresholds, found.decibels)
    assert agreeing(loudest, silent, thresholds, other) <= found.agreed_after
    assert found.agreed_before <= found.agreed_after <= found.compared


@given(data=st.data(), count=COUNTS)
def test_what_nothing_improves_is_left_alone(data: st.DataObject, count: int) -> None:
    """Where 0 is as good as any offset, the offset is 0."""
    loudest, silent, thresholds = arrays(data, count)
    found = best_offset(loudest, silent, thresholds)
    if found.agreed_before == found.agreed_after:
        assert found.decibels == 0.0
        assert found.finding is not OffsetFinding.FOUND


@given(offset=st.floats(0.7, 12.0), sign=st.sampled_from([-1.0, 1.0]), seed=st.integers(0, 99))
def test_an_offset_is_found_among_a_few_mistakes(offset: float, sign: float, seed: int) -> None:
    """Four hundred periods of ordinary sound, one in fifty judged by something else."""
    random, known = np.random.default_rng(seed), sign * offset
    loudest = 10 ** (random.uniform(-70, -15, 400) / 20)
    thresholds = np.full(400, from_dbfs(-46.0))
    silent = loudest * from_dbfs(known) < thresholds
    mistaken = np.flatnonzero((random.permutation(400) < 8) & (np.abs(loudest - 0.005) > 0.01))
    silent[mistaken] ^= True
    found = best_offset(loudest, silent, thresholds)
    if found.finding is OffsetFinding.FOUND:
        assert found.low - WIDEST_DB <= known <= found.high + WIDEST_DB
    assert found.agreed_after >= 392


@pytest.mark.parametrize(
    ("silent", "finding"),
    [
        ([True] * 30 + [False] * 30, OffsetFinding.AGREES),
        ([True] * 42 + [False] * 18, OffsetFinding.FOUND),
        ([True] * 18 + [False] * 42, OffsetFinding.FOUND),
        ([True] * 31 + [False] * 29, OffsetFinding.TOO_LITTLE),
        ([True] * 60, OffsetFinding.TOO_LITTLE),
        ([False] * 60, OffsetFinding.TOO_LITTLE),
        ([True, False] * 30, OffsetFinding.UNEXPLAINED),
    ],
)
def test_what_is_told_of_it(silent: list[bool], finding: OffsetFinding) -> None:
    """Levels from −61 to −31.5 dBFS by half decibels, the threshold in their middle."""
    loudest = 10 ** (np.arange(-61.0, -31.0, 0.5) / 20)
    thresholds = np.full(60, from_dbfs(-46.1))
    found = best_offset(loudest, np.array(silent), thresholds)
    assert found.finding is finding


def test_two_levels_far_apart_do_not_tell_an_offset() -> None:
    """A room at −60 and a voice at −30 dBFS: anything between would explain it as well."""
    loudest = np.repeat([from_dbfs(-60.0), from_dbfs(-50.0), from_dbfs(-30.0)], 20)
    silent = np.repeat([True, False, False], 20)
    found = best_offset(loudest, silent, np.full(60, from_dbfs(-46.0)))
    assert (found.low, found.high) == pytest.approx((4.0, 14.0))
    assert (found.decibels, found.spread) == (9.0, 5.0)
    assert found.finding is OffsetFinding.TOO_LITTLE


def test_an_offset_under_the_step_of_the_mark_is_none() -> None:
    """A tenth of a decibel, however sure, is not worth a shift."""
    loudest = 10 ** (np.linspace(-47.0, -45.0, 400) / 20)
    thresholds = np.full(400, from_dbfs(-46.0))
    found = best_offset(loudest, loudest * from_dbfs(0.2) < thresholds, thresholds)
    assert found.agreed_after - found.agreed_before > ENOUGH
    assert found.finding is OffsetFinding.AGREES


def test_no_periods_tell_nothing() -> None:
    """Every offset is as good."""
    none = np.empty(0)
    found = best_offset(none, none > 0, none)
    assert (found.decibels, found.low, found.high) == (0.0, -math.inf, math.inf)


def test_lists_that_do_not_fit_are_refused() -> None:
    """One answer and one threshold a period."""
    with pytest.raises(ValueError, match="2 levels, 1 answers, 2 marks"):
        best_offset(np.zeros(2), np.zeros(1, dtype=bool), np.zeros(2))
