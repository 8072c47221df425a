"""The monitor without a screen: its diagnostics."""

from dataclasses import replace

import pytest
from support.screens.notices import notices

from deeptone_tui.cli.headless import StderrNotices
from deeptone_tui.monitor import MonitorState

RUNNING = MonitorState()


def test_notices_are_told_once_each(capsys: pytest.CaptureFixture[str]) -> None:
    """One look late, and never what the failure says anyway; one that was replaced is gone."""
    told = notices("one", "two", "three")
    diagnostics = StderrNotices()
    diagnostics.look(replace(RUNNING, notices=told[:1]))
    assert capsys.readouterr().err == ""
    for _ in range(2):
        diagnostics.look(replace(RUNNING, notices=told[:2]))
    diagnostics.look(replace(RUNNING, notices=(told[0], told[2])))
    assert capsys.readouterr().err.split() == ["deeptone-tui:", "one", "deeptone-tui:", "two"]
    diagnostics.finish(replace(RUNNING, notices=told), failure="three")
    assert capsys.readouterr().err == ""
