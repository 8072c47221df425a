"""The monitor without a screen: lines and diagnostics."""

import json
from dataclasses import replace

import pytest
from support.notices import notices

from deeptone_tui.cli.headless import Notices, to_line
from deeptone_tui.monitor import Counters, Entry, MonitorState
from deeptone_tui.protocol import Answer, Step, StreamParameters

RUNNING = MonitorState()


def test_a_line_has_the_shape_of_the_wire_and_the_time_of_the_stream() -> None:
    """Sorted keys; the timestamp counts on over connections."""
    step = Step(1024.0, {"speech": Answer("music", 0.5)}, raw={"speech": {"music": 0.5}})
    entry = Entry(step, sample=163_840, samples=16_384, parameters=StreamParameters())
    counters = Counters(captured=200_000, sent=199_000, answered=180_000, lost=10, in_flight=19_990)
    line = to_line(entry, counters)
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


def test_notices_are_told_once_each(capsys: pytest.CaptureFixture[str]) -> None:
    """One look late, and never what the failure says anyway; one that was replaced is gone."""
    told = notices("one", "two", "three")
    diagnostics = Notices()
    diagnostics.look(replace(RUNNING, notices=told[:1]))
    assert capsys.readouterr().err == ""
    for _ in range(2):
        diagnostics.look(replace(RUNNING, notices=told[:2]))
    diagnostics.look(replace(RUNNING, notices=(told[0], told[2])))
    assert capsys.readouterr().err.split() == ["deeptone-tui:", "one", "deeptone-tui:", "two"]
    diagnostics.finish(replace(RUNNING, notices=told), failure="three")
    assert capsys.readouterr().err == ""
