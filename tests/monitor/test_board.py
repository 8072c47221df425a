"""What the session tells, folded into what is shown."""

from dataclasses import replace

import pytest

from deeptone_tui.monitor.accounting import Ledger
from deeptone_tui.monitor.notices import Notices
from deeptone_tui.monitor.state import PlacedResult, SessionPhase
from deeptone_tui.monitor.status_reducer import StatusReducer
from deeptone_tui.protocol import Answer, Step, StreamParameters
from deeptone_tui.session.events import (
    AudioAbandoned,
    AudioAwaited,
    AudioFinished,
    AudioSent,
    ChangeRefused,
    ConnectionEnded,
    ConnectionOpened,
    ConnectionStarted,
    DrainStarted,
    EndpointComplained,
    EndpointGreeted,
    EndpointRequested,
    MessageNotUnderstood,
    PeriodAnswered,
    ResultCut,
    RetryScheduled,
    SessionEvent,
    SessionRefused,
)
from deeptone_tui.session.target import RemoteTarget, StreamRequest

THERE = RemoteTarget("ws://somewhere/stream")
ELSEWHERE = RemoteTarget("ws://elsewhere/stream")
OLD = StreamParameters()
NEW = replace(OLD, volume_threshold=0.02)
STEP = Step(0.0, {"speech-rt": Answer("speech", 0.9)})


class Shown:
    """A board with what it gives out."""

    def __init__(self) -> None:
        self.now = 10.0
        self.ledger = Ledger()
        self.ledger.capture(100_000)
        self.entries: list[PlacedResult] = []
        self.notices = Notices(lambda: self.now)
        self.board = StatusReducer(
            self.ledger,
            StreamRequest(THERE, OLD),
            self.notices,
            on_entry=self.entries.append,
            clock=lambda: self.now,
        )

    @property
    def words(self) -> list[str]:
        """What was told lately, with all losses."""
        self.board.close()
        return [notice.words for notice in self.notices.newest]

    def tell(self, *events: SessionEvent) -> SessionPhase:
        """Let things happen; gives the phase after them."""
        for event in events:
            self.board.handle(event)
        return self.board.session.phase


OPENED = (
    EndpointRequested(THERE, OLD, 1),
    ConnectionStarted("ws://somewhere/stream"),
    ConnectionOpened(0),
)


def test_a_connection_goes_through_its_phases() -> None:
    """Streaming is when audio goes out and the endpoint speaks, not before."""
    shown = Shown()
    assert shown.board.session.phase is SessionPhase.IDLE
    phases = [shown.tell(event) for event in OPENED]
    assert phases == [SessionPhase.STARTING, SessionPhase.CONNECTING, SessionPhase.OPEN]
    assert shown.tell(AudioSent(0, 1024)) is SessionPhase.OPEN
    assert shown.tell(EndpointGreeted("hello", OLD)) is SessionPhase.STREAMING
    assert shown.board.session.message == "hello"
    assert shown.board.session.url == "ws://somewhere/stream"
    assert shown.tell(DrainStarted()) is SessionPhase.DRAINING
    assert shown.tell(ConnectionEnded(), AudioFinished()) is SessionPhase.CLOSED
    assert shown.tell(AudioAwaited()) is SessionPhase.IDLE


def test_a_result_becomes_an_entry_and_stands_for_its_samples() -> None:
    """Placed in the audio, with the parameters it was given to."""
    shown = Shown()
    shown.tell(*OPENED, AudioSent(0, 20_000), PeriodAnswered(STEP, 0, 16_384, OLD))
    assert shown.entries == [PlacedResult(STEP, 0, 16_384, OLD)]
    assert shown.board.latest is STEP
    assert (shown.ledger.sent, shown.ledger.answered) == (20_000, 16_384)
    assert shown.board.session.applied == OLD


def test_a_change_is_pending_until_the_endpoint_answers_to_it() -> None:
    """What stands and what is coming are told apart."""
    shown = Shown()
    shown.tell(*OPENED, AudioSent(0, 1024), EndpointGreeted("hello", OLD))
    shown.board.change_requested(StreamRequest(THERE, NEW))
    assert (shown.board.session.applied, shown.board.session.pending) == (OLD, NEW)
    shown.tell(DrainStarted(), PeriodAnswered(STEP, 0, 1024, OLD), ConnectionEnded())
    shown.tell(EndpointRequested(THERE, NEW, 1), ConnectionOpened(1024))
    assert (shown.board.session.applied, shown.board.session.pending) == (OLD, NEW)
    assert shown.board.latest is None
    shown.tell(EndpointGreeted("hello", NEW))
    assert (shown.board.session.applied, shown.board.session.pending) == (NEW, None)


def test_a_refused_change_says_why_and_that_the_old_stands() -> None:
    """Nothing is pending any more."""
    shown = Shown()
    shown.tell(*OPENED, EndpointGreeted("hello", OLD))
    shown.board.change_requested(StreamRequest(THERE, NEW))
    shown.board.change_requested(StreamRequest(ELSEWHERE, NEW))
    shown.tell(ChangeRefused("no such model", OLD, THERE))
    assert shown.board.wanted == StreamRequest(THERE, OLD)
    assert (shown.board.session.applied, shown.board.session.pending) == (OLD, None)
    assert "no such model" in shown.words[-1]


def test_the_endpoint_in_force_is_the_one_that_answers() -> None:
    """Another one is under way until it has; what it would be asked for goes on from there."""
    shown = Shown()
    assert (shown.board.session.provider, shown.board.session.in_force) == (THERE, OLD)
    shown.tell(*OPENED, EndpointGreeted("hello", OLD))
    shown.board.change_requested(StreamRequest(ELSEWHERE, OLD))
    shown.board.change_requested(StreamRequest(ELSEWHERE, NEW))
    session = shown.board.session
    assert (session.provider, session.label, session.in_force) == (THERE, "somewhere", OLD)
    assert (session.pending_provider, session.wanted) == (ELSEWHERE, NEW)
    assert shown.board.wanted == StreamRequest(ELSEWHERE, NEW)
    shown.tell(ConnectionEnded(), EndpointRequested(ELSEWHERE, NEW, 1), ConnectionOpened(1024))
    assert shown.board.session.provider == THERE
    shown.tell(EndpointGreeted("hello", NEW))
    session = shown.board.session
    assert (session.provider, session.label, session.in_force) == (ELSEWHERE, "elsewhere", NEW)
    assert (session.pending_provider, session.pending) == (None, None)


def test_an_endpoint_that_was_asked_for_meanwhile_stays_under_way() -> None:
    """The one before it answers late."""
    shown = Shown()
    shown.tell(*OPENED, EndpointGreeted("hello", OLD), ConnectionEnded())
    shown.tell(EndpointRequested(ELSEWHERE, OLD, 1), ConnectionOpened(1024))
    third = RemoteTarget("ws://third/stream")
    shown.board.change_requested(StreamRequest(third, OLD))
    shown.tell(EndpointGreeted("hello", OLD))
    assert shown.board.session.provider == ELSEWHERE
    assert shown.board.wanted == StreamRequest(third, OLD)


@pytest.mark.parametrize("answered", [False, True])
def test_what_is_refused_for_good_is_not_in_force(answered: bool) -> None:
    """What answered last is, and the next change goes on from there; or else what is asked."""
    shown = Shown()
    if answered:
        shown.tell(*OPENED, EndpointGreeted("hello", OLD), ConnectionEnded())
    shown.tell(EndpointRequested(ELSEWHERE, NEW, 1), SessionRefused("no such key"))
    expected = StreamRequest(THERE, OLD) if answered else StreamRequest(ELSEWHERE, NEW)
    assert shown.board.wanted == expected
    assert shown.board.session.in_force == expected.parameters


def test_a_retry_counts_down() -> None:
    """With the number of the attempt and the failure in words."""
    shown = Shown()
    shown.tell(RetryScheduled("connection refused", 3, 4.0, asked=True))
    shown.now += 1.5
    session = shown.board.session
    assert (session.phase, session.attempt, session.retry_in) == (SessionPhase.RETRYING, 3, 2.5)
    assert session.message == "connection refused"
    assert session.asked_to_wait
    shown.now += 10
    assert shown.board.session.retry_in == 0.0


def test_a_refusal_stays_with_its_reason() -> None:
    """Until something is changed."""
    shown = Shown()
    assert shown.tell(*OPENED, SessionRefused("key rejected")) is SessionPhase.REFUSED
    assert shown.board.session.message == "key rejected"


@pytest.mark.parametrize(
    ("event", "notice"),
    [
        (
            AudioAbandoned(16_000 * 3, 16_000 * 5, "the line broke"),
            "2.0 s of audio lost from 00:00:03: the line broke",
        ),
        (AudioAbandoned(0, 500, "the line broke"), None),
        (AudioAbandoned(0, 16_000, ""), None),
        (EndpointComplained("no"), "the endpoint said: no"),
        (MessageNotUnderstood("message weather: rain"), "passed over: message weather: rain"),
        (RetryScheduled("refused", 1, 1.0), "refused"),
    ],
)
def test_news_is_told_in_words(event: SessionEvent, notice: str | None) -> None:
    """Losses with their length and time; less than a step at a seam is only counted."""
    shown = Shown()
    shown.tell(event)
    assert shown.words == ([] if notice is None else [notice])


def test_a_loss_is_told_from_where_it_begins_not_from_where_its_connection_did() -> None:
    """What came before on that connection was answered."""
    shown = Shown()
    answered = PeriodAnswered(STEP, 0, 48_000, OLD)
    shown.tell(*OPENED, answered, AudioAbandoned(0, 80_000, "the line broke"))
    assert shown.words == ["2.0 s of audio lost from 00:00:03: the line broke"]


def test_a_loss_that_grows_is_announced_and_told_when_it_is_over() -> None:
    """It is over when it has not grown for a while."""
    shown = Shown()
    for second in range(5):
        shown.tell(AudioAbandoned(16_000 * second, 16_000 * (second + 1), "full"))
        assert not shown.board.look()
        shown.now += 1.0
    told = ["audio is being lost from 00:00:00 on: full"]
    assert [notice.words for notice in shown.notices.newest] == told
    shown.now += 2.0
    assert shown.board.look()
    assert shown.words == [*told, "5.0 s of audio lost from 00:00:00: full"]


def test_an_outage_is_told_once_and_so_is_what_it_costs() -> None:
    """Whatever is told in between, and however long it takes for more to be lost."""
    shown = Shown()
    for second in range(5):
        shown.tell(RetryScheduled("refused", second + 1, 1.0))
        shown.tell(AudioAbandoned(16_000 * second, 16_000 * (second + 1), "full"))
        shown.now += 60.0
        assert not shown.board.look()
    told = ["refused", "audio is being lost from 00:00:00 on: full"]
    assert [notice.words for notice in shown.notices.newest] == told
    shown.tell(*OPENED, AudioSent(80_000, 81_024), PeriodAnswered(STEP, 80_000, 81_024, OLD))
    assert shown.board.look()
    told += ["streaming again", "5.0 s of audio lost from 00:00:00: full"]
    assert [notice.words for notice in shown.notices.newest] == told


def test_what_a_source_did_not_hand_over_has_its_place() -> None:
    """It was never captured, so it lies between two samples."""
    shown = Shown()
    shown.board.missed(8_000)
    assert shown.words == ["0.50 s of audio lost from 00:00:06: the source did not hand it over"]


@pytest.mark.parametrize("trouble", [RetryScheduled("away", 1, 1.0), SessionRefused("away")])
def test_a_source_has_losses_of_its_own(trouble: SessionEvent) -> None:
    """They are over though the endpoint is still away, and what is left out meanwhile is not."""
    shown = Shown()
    shown.tell(trouble)
    told = ["away"]
    for minute in (1, 2):
        shown.board.missed(8_000)
        shown.tell(AudioAbandoned(16_000 * (4 - minute), 16_000 * (5 - minute), "full"))
        shown.now += 60.0
        assert shown.board.look()
        told += ["0.50 s of audio lost from 00:00:06: the source did not hand it over"]
        if minute == 2:
            told.insert(2, "audio is being lost from 00:00:02 on: full")
        assert [notice.words for notice in shown.notices.newest] == told
    told += ["2.0 s of audio lost from 00:00:02: full"]
    assert shown.words == told


def test_an_endpoint_that_greets_and_goes_is_told_once() -> None:
    """It streams again when it has answered."""
    shown = Shown()
    for attempt in range(3):
        shown.tell(*OPENED, AudioSent(0, 1024))
        shown.tell(ConnectionEnded(), RetryScheduled("reset", attempt, 1.0))
    assert shown.words == ["reset"]


def test_a_connection_that_is_back_is_told() -> None:
    """So that the same trouble afterwards is news again; a first connection is none."""
    shown = Shown()
    streaming = (*OPENED, AudioSent(0, 1024), PeriodAnswered(STEP, 0, 1024, OLD))
    shown.tell(*streaming)
    assert shown.words == []
    for _ in range(2):
        shown.tell(ConnectionEnded(), RetryScheduled("reset", 1, 1.0), *streaming)
    assert shown.words == ["reset", "streaming again"] * 2


def test_notices_are_bounded_and_repeat_nothing() -> None:
    """Ten attempts that fail alike are one line."""
    shown = Shown()
    for _ in range(10):
        shown.tell(RetryScheduled("refused", 1, 1.0))
    assert shown.words == ["refused"]
    shown.tell(EndpointComplained("no"), ChangeRefused("the endpoint said: no", OLD, THERE))
    assert len(shown.notices.newest) == 2
    shown.tell(RetryScheduled("the endpoint said: no", 1, 1.0))
    assert len(shown.notices.newest) == 2
    for number in range(150, 200):
        shown.notices.tell(str(number))
    assert shown.words == [str(number) for number in range(180, 200)]


def test_every_change_that_is_refused_gets_its_answer() -> None:
    """Somebody has pressed a key and waits, though it was said a moment ago."""
    shown = Shown()
    numbers = []
    for _ in range(2):
        shown.tell(ChangeRefused("busy", OLD, THERE))
        shown.tell(RetryScheduled("busy", 1, 1.0))
        (notice,) = shown.notices.newest
        assert notice.answer
        numbers.append(notice.number)
    assert numbers == [1, 2]


def test_unknown_messages_are_counted() -> None:
    """Only the first is told."""
    shown = Shown()
    for _ in range(5):
        shown.tell(MessageNotUnderstood("?"))
    assert shown.board.counts["unknown_messages"] == 5
    assert len(shown.notices.newest) == 1


def test_an_endpoint_that_says_without_end_something_new_is_counted() -> None:
    """A few are told, then one now and then; how many there were is told too."""
    shown = Shown()
    for number in range(100_000):
        shown.tell(EndpointComplained(f"oops {number}"))
    assert len(shown.notices.newest) == 5
    assert shown.notices.left_out == 99_995
    assert not shown.board.look()
    shown.now += 10
    assert shown.board.look()
    assert "99995" in shown.notices.newest[-1].words
    shown.tell(EndpointComplained("oops again"))
    assert shown.notices.newest[-1].words == "the endpoint said: oops again"


def test_what_an_endpoint_says_does_not_hide_that_it_is_gone() -> None:
    """Each kind of news has a rate of its own."""
    shown = Shown()
    for number in range(100):
        shown.tell(EndpointComplained(f"oops {number}"))
    shown.tell(RetryScheduled("reset", 1, 1.0))
    assert shown.notices.newest[-1].words == "reset"


def test_connections_that_end_each_for_another_reason_are_counted() -> None:
    """An endpoint can close with any text."""
    shown = Shown()
    for number in range(50):
        shown.tell(RetryScheduled(f"closed: {number}", 1, 1.0))
    assert len(shown.notices.newest) == 5
    assert "45" in shown.words[-1]


def test_results_that_were_cut_are_counted() -> None:
    """Only the first is told."""
    shown = Shown()
    shown.tell(ResultCut(), ResultCut())
    assert shown.board.counts["results_cut"] == 2
    assert len(shown.notices.newest) == 1
