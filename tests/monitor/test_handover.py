"""Results between two threads."""

import threading

from deeptone_tui.monitor.handover import ResultQueue
from deeptone_tui.monitor.state import PlacedResult
from deeptone_tui.protocol import Step, StreamParameters


def entry(number: int) -> PlacedResult:
    """A result that tells its number."""
    return PlacedResult(Step(float(number), {}), number, 1, StreamParameters())


def test_when_it_is_full_the_oldest_goes_and_is_counted() -> None:
    """Memory is bounded, and the loss is known."""
    handover = ResultQueue(bound=10)
    for number in range(25):
        handover.put(entry(number))
    handover.release()
    assert [taken.sample for taken in handover.take()] == list(range(15, 25))
    assert handover.dropped == 15
    assert handover.take() == []


def test_two_threads_lose_nothing_uncounted() -> None:
    """Taken and dropped together are what was put, in order."""
    handover = ResultQueue(bound=50)

    def fill() -> None:
        for number in range(20_000):
            handover.put(entry(number))
            if number % 7 == 0:
                handover.release()
        handover.release()

    writer = threading.Thread(target=fill)
    writer.start()
    taken: list[int] = []
    while writer.is_alive():
        taken += [one.sample for one in handover.take()]
    taken += [one.sample for one in handover.take()]
    assert len(taken) + handover.dropped == 20_000
    assert taken == sorted(set(taken))


def test_nothing_is_taken_before_it_is_released() -> None:
    """Also when what was released falls out because too much comes after it."""
    handover = ResultQueue(bound=3)
    handover.put(entry(0))
    assert handover.take() == []
    handover.release()
    for number in (1, 2, 3):
        handover.put(entry(number))
    assert handover.take() == []
    handover.release()
    handover.put(entry(4))
    assert [one.sample for one in handover.take()] == [2, 3]
    assert handover.dropped == 2


def test_memory_is_bounded_also_where_results_are_fat() -> None:
    """The oldest go; the newest is there whatever its size."""
    handover = ResultQueue(bound=100, bound_bytes=20_000)
    raw = {"gender": {f"class {number}": 0.5 for number in range(50)}}
    fat = Step(0.0, {}, raw)
    for number in range(50):
        handover.put(PlacedResult(fat, number, 1, StreamParameters()))
    handover.release()
    taken = handover.take()
    assert len(taken) == 20_000 // fat.footprint_bytes
    assert taken[-1].sample == 49
    assert handover.dropped == 50 - len(taken)
    huge = ResultQueue(bound_bytes=1)
    huge.put(entry(1))
    huge.release()
    assert len(huge.take()) == 1
