"""What tune mode says a threshold will do, against what the real endpoint then does."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from support.app_states import drawn, text_of
from support.shared_endpoint import SharedEndpoint

from deeptone_tui.app.app import MonitorApp
from deeptone_tui.app.replayed import replayed
from deeptone_tui.app.settings import Settings
from deeptone_tui.audio import SourceKind, SourceOptions, SourceSpec
from deeptone_tui.endpoint import LocalEndpoint
from deeptone_tui.level import format_share
from deeptone_tui.monitor import Entry, Monitor
from deeptone_tui.protocol import StreamParameters
from deeptone_tui.tuning import Periods

DATA = Path(__file__).parents[1] / "data"
FAST = SourceOptions(realtime=False)
RECORDINGS = [
    (SourceSpec(SourceKind.DEMO), 1024),
    (SourceSpec(SourceKind.FILE, str(DATA / "woman.flac")), 192),
]


class Shares(NamedTuple):
    """What a threshold does, in parts of time."""

    silence: float
    speech_lost: float
    other_passed: float


@pytest.fixture(scope="module")
def shared() -> Iterator[SharedEndpoint]:
    """One child for all recordings and thresholds."""
    endpoint = LocalEndpoint()
    yield SharedEndpoint(endpoint)
    asyncio.run(endpoint.close())


async def tuned(monitor: Monitor, zero: StreamParameters) -> tuple[Periods, list[Entry], str]:
    """Hear a recording at threshold 0 behind the screen: what tune mode has, and what it says."""
    app = MonitorApp(monitor, Settings(parameters=zero))
    async with app.run_test(size=(80, 24)) as pilot, asyncio.timeout(60):
        while not (monitor.wait(0) and len(app.results.entries) == monitor.state.counters.results):
            await pilot.pause(0.02)
        app.main.tune(tuning=True)
        await pilot.press(*["right_square_bracket"] * 5)
        app.mark = 0.01
        await drawn(pilot)
        # The screen takes states and results a fifteenth of a second after they are there.
        while replayed(app.main.view, app.main.periods).levels.size < len(app.results.entries):
            await pilot.pause(0.02)
        return replayed(app.main.view, app.main.periods), list(app.results.entries), text_of(app)


def measured(
    spec: SourceSpec, shared: SharedEndpoint, parameters: StreamParameters, truth: Sequence[Entry]
) -> Shares:
    """Hear it again at a threshold: what the endpoint makes of the periods judged at 0."""
    monitor = Monitor(spec, FAST, shared, parameters)
    monitor.start()
    assert monitor.wait(60)
    entries = monitor.take_entries()
    assert monitor.stop()
    assert [entry.sample for entry in entries] == [entry.sample for entry in truth]
    time = np.array([entry.samples for entry in entries])
    silent = np.array([result_of(entry) == "silence" for entry in entries])
    speech = np.array([result_of(entry) == "speech" for entry in truth])
    return Shares(
        time[silent].sum() / time.sum(),
        time[silent & speech].sum() / time[speech].sum(),
        time[~silent & ~speech].sum() / time[~speech].sum(),
    )


def result_of(entry: Entry) -> str | None:
    """What was answered."""
    return entry.step.answers["speech-rt"].result


@pytest.mark.parametrize(("spec", "period"), RECORDINGS, ids=["demo", "file"])
async def test_the_predicted_shares_are_those_then_measured(
    shared: SharedEndpoint, spec: SourceSpec, period: int
) -> None:
    """To the period, at thresholds between the levels, and as near to them as there are any."""
    zero = StreamParameters(output_period=period, volume_threshold=0.0)
    periods, truth, screen = await tuned(Monitor(spec, FAST, shared, zero), zero)
    assert periods.levels.size == len(truth) > 20
    on_levels = np.quantile(periods.levels, (0.2, 0.4, 0.6, 0.8), method="nearest").tolist()
    for threshold in (0.0, 0.002, 0.005, 0.01, 0.03, *on_levels):
        asked = replace(zero, volume_threshold=threshold)
        predicted = periods.cost(asked.volume_threshold)
        assert measured(spec, shared, asked, truth) == Shares(
            predicted.silence, predicted.speech_lost or 0.0, predicted.other_passed or 0.0
        )
    cost = periods.cost(0.01)
    assert cost.speech_lost is not None
    assert f"speech lost {format_share(cost.speech_lost)}" in screen
    assert f"silence {format_share(cost.silence)} of the time" in screen
