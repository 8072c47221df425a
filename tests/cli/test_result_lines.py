"""Results as lines: what they count, and which of them waits for the end; and diagnostics."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from support.endpoints.recording_endpoint import recording_endpoint
from support.screens.notices import notices
from support.time.clock import TurnedClock

from deeptone_tui.audio import SourceInfo, SourceKind, SourceOptions, SourceSpec
from deeptone_tui.cli.headless import StderrNotices, run
from deeptone_tui.cli.lines import LONGEST_HOLD_S, ResultLines, to_line
from deeptone_tui.cli.settings import Settings
from deeptone_tui.monitor import (
    Counters,
    MonitorState,
    PlacedResult,
    SessionPhase,
    SessionStatus,
    SourcePhase,
    SourceStatus,
)
from deeptone_tui.protocol import Answer, Step, StreamParameters
from deeptone_tui.settings.options import Options

PERIOD = 16_384
RUNS = 25


def entry(number: int) -> PlacedResult:
    """The result of a period of 1024 ms."""
    step = Step(1024.0 * number, {"speech-rt": Answer("speech", 0.9)})
    return PlacedResult(step, PERIOD * number, PERIOD, StreamParameters())


def state(
    captured: int,
    answered: int,
    *,
    kind: SourceKind = SourceKind.FILE,
    phase: SourcePhase = SourcePhase.RUNNING,
    end_of_audio: bool = True,
) -> MonitorState:
    """A moment of a stream."""
    info = SourceInfo(kind, "somewhere", live=kind is not SourceKind.FILE)
    session = SessionStatus(
        SessionPhase.STREAMING, applied=StreamParameters(), end_of_audio=end_of_audio
    )
    counters = Counters(
        captured=captured, sent=captured, answered=answered, in_flight=captured - answered
    )
    return MonitorState(SourceStatus(info, phase), session, counters=counters)


@pytest.fixture
def clock() -> TurnedClock:
    """Time that stands still."""
    return TurnedClock()


@pytest.fixture
def lines(clock: TurnedClock) -> ResultLines:
    """Nothing was written yet."""
    return ResultLines(clock)


def written(capsys: pytest.CaptureFixture[str]) -> list[dict[str, int]]:
    """What was written since the last call: the samples of each line."""
    return [json.loads(line)["samples"] for line in capsys.readouterr().out.splitlines()]


def test_a_line_has_the_shape_of_the_wire_and_the_time_of_the_stream() -> None:
    """Sorted keys; the timestamp counts on over connections."""
    step = Step(1024.0, {"speech": Answer("music", 0.5)}, raw={"speech": {"music": 0.5}})
    counters = Counters(captured=200_000, sent=199_000, answered=180_000, lost=10, in_flight=19_990)
    line = to_line(PlacedResult(step, 163_840, PERIOD, StreamParameters()), counters)
    assert "\n" not in line
    assert line == json.dumps(
        {
            "raw": {"speech": {"music": 0.5}},
            "results": {"speech": {"confidence": 0.5, "result": "music"}},
            "samples": {
                "captured": 200_000,
                "covered": 180_000,
                "dropped": 10,
                "in_flight": 19_990,
                "sent": 199_000,
            },
            "timestamp": 10_240.0,
        }
    )


def test_the_line_that_may_be_the_last_waits_for_the_end(
    lines: ResultLines, capsys: pytest.CaptureFixture[str]
) -> None:
    """It then tells what became of what no result covers."""
    end = 2 * PERIOD + 500
    over = state(end, PERIOD, phase=SourcePhase.ENDED)
    lines.take([entry(0)], over)
    assert written(capsys) == []
    lines.take([entry(1)], replace(over, counters=replace(over.counters, answered=2 * PERIOD)))
    assert len(written(capsys)) == 1
    lines.end(Counters(captured=end, sent=end, answered=2 * PERIOD, lost=500))
    (last,) = written(capsys)
    assert last == {
        "captured": end,
        "sent": end,
        "covered": 2 * PERIOD,
        "in_flight": 0,
        "dropped": 500,
    }
    lines.end(Counters())
    assert written(capsys) == []


def test_what_is_in_flight_when_nothing_more_comes_is_dropped(
    lines: ResultLines, capsys: pytest.CaptureFixture[str]
) -> None:
    """An endpoint that does not come back, or a signal."""
    lines.take([entry(0)], state(40_000, PERIOD, phase=SourcePhase.ENDED))
    lines.end(Counters(captured=40_000, answered=PERIOD, lost=7, in_flight=40_000 - PERIOD - 7))
    (last,) = written(capsys)
    assert (last["in_flight"], last["dropped"]) == (0, 40_000 - PERIOD)


@pytest.mark.parametrize(("end_of_audio", "enough"), [(True, 1024), (False, PERIOD)])
def test_a_line_goes_out_as_soon_as_another_result_has_to_follow(
    lines: ResultLines, capsys: pytest.CaptureFixture[str], *, end_of_audio: bool, enough: int
) -> None:
    """A step more is judged by who is told where the audio ends; others judge whole periods."""
    lines.take([entry(0)], state(PERIOD + enough - 1, PERIOD, end_of_audio=end_of_audio))
    assert written(capsys) == []
    lines.take([], state(PERIOD + enough, PERIOD, end_of_audio=end_of_audio))
    assert len(written(capsys)) == 1


def test_a_pipe_that_stands_still_does_not_keep_its_newest_line(
    lines: ResultLines, clock: TurnedClock, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who reads along wants to know; a moment is enough to see that it has ended."""
    pipe = state(PERIOD, PERIOD, kind=SourceKind.STDIN)
    lines.take([entry(0)], pipe)
    assert written(capsys) == []
    clock.now += LONGEST_HOLD_S
    lines.take([], pipe)
    assert len(written(capsys)) == 1


def test_a_microphone_is_told_at_once(
    lines: ResultLines, capsys: pytest.CaptureFixture[str]
) -> None:
    """It has no end of its own to wait for."""
    lines.take([entry(0)], state(PERIOD, PERIOD, kind=SourceKind.MICROPHONE))
    assert len(written(capsys)) == 1


@pytest.mark.parametrize(("rest", "judged"), [(0, 0), (500, 0), (1500, 1500)])
def test_the_last_line_settles_every_sample(
    rest: int, judged: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """However the end of the source, the last result and the last state meet."""
    audio = (np.random.default_rng(5).standard_normal(8 * 1024 + rest) * 3000).astype(np.int16)
    soundfile.write(tmp_path / "noise.wav", audio, 16_000, subtype="PCM_16")
    settings = Settings(
        source=SourceSpec(SourceKind.FILE, str(tmp_path / "noise.wav")),
        source_named=True,
        source_options=SourceOptions(realtime=False),
        options=Options(output_period=128),
    )
    with recording_endpoint() as endpoint:
        for _ in range(RUNS):
            assert run(replace(settings, options=replace(settings.options, url=endpoint.url))) == 0
            counted = written(capsys)
            assert len(counted) == 4 + (judged > 0)
            assert all(each["covered"] >= 2048 * n for n, each in enumerate(counted[:4], 1))
            assert counted[-1] == {
                "captured": len(audio),
                "sent": len(audio),
                "covered": 8 * 1024 + judged,
                "in_flight": 0,
                "dropped": rest - judged,
            }


def test_notices_are_told_once_each(capsys: pytest.CaptureFixture[str]) -> None:
    """One look late, and never what the failure says anyway; one that was replaced is gone."""
    running, told = MonitorState(), notices("one", "two", "three")
    diagnostics = StderrNotices()
    diagnostics.look(replace(running, notices=told[:1]))
    assert capsys.readouterr().err == ""
    for _ in range(2):
        diagnostics.look(replace(running, notices=told[:2]))
    diagnostics.look(replace(running, notices=(told[0], told[2])))
    assert capsys.readouterr().err.split() == ["deeptone-tui:", "one", "deeptone-tui:", "two"]
    diagnostics.finish(replace(running, notices=told), failure="three")
    assert capsys.readouterr().err == ""
