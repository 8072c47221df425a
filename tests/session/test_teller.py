"""What a connection tells while another one is not yet done."""

from deeptone_tui.protocol import Step, StreamParameters
from deeptone_tui.session.active_connection import MOST_KEPT_BYTES, MOST_KEPT_WORDS, EventBuffer
from deeptone_tui.session.events import (
    AudioAbandoned,
    ConnectionOpened,
    EndpointComplained,
    MessagesCounted,
    PeriodAnswered,
    SessionEvent,
)

FAT = Step(0.0, {}, {"model": {f"class {number}": 0.5 for number in range(2000)}})


def test_words_without_end_are_counted_and_events_are_kept() -> None:
    """What goes on is told in its order."""
    told: list[SessionEvent] = []
    teller = EventBuffer(told.append, [])
    for number in range(5 * MOST_KEPT_WORDS):
        teller.tell(EndpointComplained(str(number)))
    teller.tell(ConnectionOpened(1024))
    assert told == []
    teller.release()
    assert len(told) == MOST_KEPT_WORDS + 2
    assert told[-2:] == [ConnectionOpened(1024), MessagesCounted(4 * MOST_KEPT_WORDS)]
    teller.tell(EndpointComplained("now"))
    assert told[-1] == EndpointComplained("now")


def test_results_that_find_no_room_are_given_up_in_their_place() -> None:
    """Their audio is accounted for."""
    told: list[SessionEvent] = []
    teller, count = EventBuffer(told.append, []), MOST_KEPT_BYTES // FAT.footprint_bytes + 10
    for number in range(count):
        span = number * 1024, (number + 1) * 1024
        teller.tell(PeriodAnswered(FAT, *span, StreamParameters()))
    teller.release()
    assert len(told) == count
    given_up = [event for event in told if isinstance(event, AudioAbandoned)]
    assert len(given_up) == 10
    assert given_up == told[-10:]
    assert given_up[-1].end == count * 1024
