"""What tune mode says a threshold will do, against what the real endpoint then does."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from support.app_states import drawn, text_of
from support.shared_endpoint import SharedEndpoint

from deeptone_tui.app.app import MonitorApp
from deeptone_tui.app.judged_span import JudgedSpan, evidence_of, judged_span
from deeptone_tui.app.settings import Settings
from deeptone_tui.audio import SourceKind, SourceOptions, SourceSpec
from deeptone_tui.endpoint import LocalEndpoint
from deeptone_tui.monitor import Entry, Monitor
from deeptone_tui.protocol import StreamParameters
from deeptone_tui.tuning import MIXED, OTHER, SPEECH, Evidence, Judged

DATA = Path(__file__).parents[1] / "data"
FAST = SourceOptions(realtime=False)
RECORDINGS = [
    *((SourceSpec(SourceKind.DEMO), period) for period in (64, 256, 1024, 4096)),
    (SourceSpec(SourceKind.FILE, str(DATA / "woman.flac")), 192),
]


class Counts(NamedTuple):
    """What a threshold does, in periods."""

    silence: int
    speech_lost: int
    noise_passed: int
    mixed_silenced: int


@pytest.fixture(scope="module")
def shared() -> Iterator[SharedEndpoint]:
    """One child for all recordings and thresholds."""
    endpoint = LocalEndpoint()
    yield SharedEndpoint(endpoint)
    asyncio.run(endpoint.close())


async def tuned(monitor: Monitor, zero: StreamParameters) -> tuple[JudgedSpan, list[Entry], str]:
    """Hear a recording at threshold 0 behind the screen: what is judged, and what is shown."""
    app = MonitorApp(monitor, Settings(parameters=zero))
    async with app.run_test(size=(80, 24)) as pilot, asyncio.timeout(60):
        while not (monitor.wait(0) and len(app.results.entries) == monitor.state.counters.results):
            await pilot.pause(0.02)
        app.main.tune(tuning=True)
        await pilot.press(*["right_square_bracket"] * 5)
        app.mark = 0.01
        await drawn(pilot)
        # The screen takes states and results a fifteenth of a second after they are there.
        while evidence_of(app.main.view, app.main.steps).starts.size < len(app.results.entries):
            await pilot.pause(0.02)
        await drawn(pilot)
        span = judged_span(evidence_of(app.main.view, app.main.steps))
        return span, list(app.results.entries), text_of(app)


def measured(
    spec: SourceSpec, shared: SharedEndpoint, parameters: StreamParameters, span: JudgedSpan
) -> Counts:
    """Hear it again at a threshold: what the endpoint makes of the periods judged at 0."""
    monitor = Monitor(spec, FAST, shared, parameters)
    monitor.start()
    assert monitor.wait(60)
    entries = monitor.take_entries()
    assert monitor.stop()
    silent = np.array([result_of(entry) == "silence" for entry in entries])
    kinds = span.periods.kinds
    return Counts(
        int(silent.sum()),
        int((silent & (kinds == SPEECH)).sum()),
        int((~silent & (kinds == OTHER)).sum()),
        int((silent & (kinds == MIXED)).sum()),
    )


def result_of(entry: Entry) -> str | None:
    """What was answered."""
    return entry.step.answers["speech-rt"].result


@pytest.mark.parametrize(("spec", "period"), RECORDINGS)
async def test_the_predicted_counts_are_those_then_measured(
    shared: SharedEndpoint, spec: SourceSpec, period: int
) -> None:
    """To the period, at thresholds between the levels, and as near to them as there are any."""
    zero = StreamParameters(output_period=period, volume_threshold=0.0)
    span, truth, screen = await tuned(Monitor(spec, FAST, shared, zero), zero)
    periods = span.periods
    assert periods.loudest.size == len(truth) >= 15
    on_levels = np.quantile(periods.loudest, (0.2, 0.5, 0.8), method="nearest").tolist()
    for threshold in (0.0, 0.002, 0.01, 0.03, *on_levels):
        asked = replace(zero, volume_threshold=threshold)
        cost = periods.cost(asked.volume_threshold)
        assert measured(spec, shared, asked, span) == Counts(
            cost.silence.count,
            cost.speech_lost.count,
            cost.noise_passed.count,
            cost.mixed_silenced.count,
        )
    cost = periods.cost(0.01)
    assert f"speech lost {cost.speech_lost.count} of {cost.speech_lost.whole}" in screen
    assert f"noise passed {cost.noise_passed.count} of {cost.noise_passed.whole}" in screen
    assert f"silence {cost.silence.count} of {cost.silence.whole}" in screen
    assert f"{cost.silence.count} of {cost.silence.whole} periods are silence" in screen
    # `a` and `tune` ask the same of the same steps.
    evidence = span.evidence
    again = Evidence.cut(evidence.levels, evidence.heard, period // 64)
    assert again.starts.tolist() == evidence.starts.tolist()
    assert Judged.of(again.levels, again.heard).periods(again.starts).cost(0.01) == cost
