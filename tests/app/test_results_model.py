"""The results kept in memory."""

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from deeptone_tui.app.presenters.results_model import (
    Item,
    LogNotice,
    Result,
    ResultsModel,
    measured,
)
from deeptone_tui.monitor.state import LevelHistory, PlacedResult
from deeptone_tui.protocol import Answer, Step, StreamParameters
from deeptone_tui.protocol.units import from_dbfs

PERIOD = 16_384


def entry(number: int, *models: str) -> PlacedResult:
    """The result of a period."""
    answers = {model: Answer("speech", 0.9) for model in models or ("speech-rt",)}
    return PlacedResult(Step(number * 1024.0, answers), number * PERIOD, PERIOD, StreamParameters())


def results(count: int, start: int = 0) -> list[Result]:
    """Results of periods in a row."""
    return [Result(entry(number)) for number in range(start, start + count)]


@given(st.lists(st.integers(0, 40), max_size=30), st.integers(1, 50))
def test_memory_is_bounded_and_numbers_hold(batches: list[int], capacity: int) -> None:
    """Never more than the capacity; a number goes on meaning the same line."""
    model = ResultsModel(capacity)
    total = 0
    for count in batches:
        model.add(results(count, total))
        total += count
        assert len(model.entries) <= capacity
        assert model.end == total
        assert model.first == total - len(model.entries)
        for number in {model.first, model.end - 1} if model.entries else ():
            line = model.line(number)
            assert isinstance(line, Result)
            assert line.entry.sample == number * PERIOD
    assert model.line(model.first - 1) is None
    assert model.line(model.end) is None


@given(
    st.sets(st.integers(0, 40), max_size=20),
    st.lists(st.integers(0, 45 * PERIOD), min_size=2, max_size=12, unique=True),
)
def test_a_stretch_holds_the_results_in_its_middle(numbers: set[int], borders: list[int]) -> None:
    """As a plain search finds them."""
    model = ResultsModel()
    model.add([Result(entry(number)) for number in sorted(numbers)])
    for start, end in itertools.pairwise(sorted(borders)):
        middles = [(kept, kept.sample + PERIOD // 2) for kept in model.entries]
        expected = [kept for kept, middle in middles if start <= middle < end]
        expected = expected or [
            kept
            for kept in model.entries
            if kept.sample <= (start + end) // 2 < kept.sample + PERIOD
        ]
        assert model.entries_in(start, end) == expected


def test_a_filter_lists_one_model_and_all_notices() -> None:
    """And no results that do not hold it."""
    model = ResultsModel()
    items: list[Item] = [
        Result(entry(0)),
        LogNotice("reconnected", 1.0),
        Result(entry(1, "gender")),
    ]
    model.add(items)
    model.set_filter("gender")
    assert [model.line(number) for number in range(model.first, model.end)] == items[1:]
    assert model.add([Result(entry(2))]) == 0
    assert model.add([Result(entry(3, "gender"))]) == 1
    model.set_filter(None)
    assert model.end == 5


def test_the_filter_cycles_through_the_models() -> None:
    """All, each, and all again; a model that is gone leads back to all."""
    model = ResultsModel()
    seen = []
    for _ in range(4):
        model.set_filter(model.next_filter(("speech-rt", "gender")))
        seen.append(model.filter)
    assert seen == ["speech-rt", "gender", None, "speech-rt"]
    assert model.next_filter(("gender",)) is None


def test_old_results_go_under_a_filter_too() -> None:
    """What is let go is let go everywhere."""
    model = ResultsModel(10)
    model.set_filter("gender")
    for number in range(50):
        model.add([Result(entry(number, "gender" if number % 2 else "speech-rt"))])
    assert len(model.entries) <= 10
    listed = [model.line(number) for number in range(model.first, model.end)]
    assert [item.entry for item in listed if isinstance(item, Result)] == [
        kept for kept in model.entries if "gender" in kept.step.answers
    ]


def test_a_result_remembers_its_loudest_step() -> None:
    """Of its own period, if that is still remembered."""
    levels = np.full(48, from_dbfs(-50), dtype=np.float32)
    levels[20] = 0.5
    assert measured(entry(1), LevelHistory(0, levels)).level == 0.5
    assert measured(entry(0), LevelHistory(0, levels)).level != 0.5
    assert measured(entry(1), LevelHistory(17, levels[17:])).level is None
    assert measured(entry(1), LevelHistory(0, levels[:16])).level is None


def test_memory_is_bounded_also_where_results_are_fat() -> None:
    """Old results go and are counted as ever; numbers hold."""
    size = entry(0).step.footprint_bytes
    model = ResultsModel(capacity=1000, capacity_bytes=100 * size)
    model.add(results(250))
    assert 80 <= len(model.entries) <= 100
    assert model.first == 250 - len(model.entries)
    assert len(model.results) == len(model.entries)
    model.add(results(5, 250))
    assert model.entries[-1].sample == 254 * PERIOD
