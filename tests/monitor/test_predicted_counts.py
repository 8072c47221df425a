"""What is said a threshold does, wherever it is said, against what the endpoint then does.

The long form (``make counts``) tries more thresholds, on more recordings.
"""

import asyncio
import base64
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import soundfile
from faults.proxy import proxied
from support.endpoints.serving_process import serving
from support.endpoints.shared_endpoint import SharedEndpoint
from support.programs.chromium import chromium
from support.screens.app_states import drawn, text_of
from support.sources.noisy_room import NOISES, Noise, noisy_room
from support.sources.sounds import write_wav
from support.time.never_idle import wait_no_longer
from textual.pilot import Pilot

from deeptone_tui.app.app import MonitorApp
from deeptone_tui.app.presenters.step_log import evidence_of, judged_span
from deeptone_tui.app.settings import ScreenSettings
from deeptone_tui.archive.analysis import SourceAnalysis, find, listen
from deeptone_tui.archive.recordings import AudioInput
from deeptone_tui.audio import SourceKind, SourceOptions, SourceSpec, file
from deeptone_tui.endpoint import LocalEndpoint
from deeptone_tui.endpoint.engine import Engine
from deeptone_tui.monitor import Monitor, PlacedResult
from deeptone_tui.protocol import STEP_MS, StreamParameters, round_threshold
from deeptone_tui.session import RemoteTarget
from deeptone_tui.tuning import MIXED, OTHER, SPEECH, Periods

DEMO = Path(file.__file__).with_name("demo.flac")
SCENES = ((NOISES[0], 27.0), (NOISES[1], 51.0), (NOISES[2], 51.0))
"""A room, and how many seconds of it."""
PERIODS = (64, 256, 1024, 4096)
FAST = SourceOptions(realtime=False)

SHORT = 3
"""Thresholds of the short form."""

pytestmark = [pytest.mark.realtime]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Name the recordings: the short form has one."""
    if "recording" in metafunc.fixturenames:
        long = metafunc.config.getoption("thresholds") > SHORT
        metafunc.parametrize("recording", [*SCENES, None] if long else SCENES[:1], indirect=True)


class Counts(NamedTuple):
    """What a threshold does, in periods."""

    silence: int
    speech_lost: int
    noise_passed: int
    mixed_silenced: int

    @classmethod
    def of(cls, results: Sequence[str | None], kinds: np.ndarray) -> "Counts":
        """Counted from the endpoint's results, by what each period is."""
        silent = np.array([result == "silence" for result in results])
        return cls(
            int(silent.sum()),
            int((silent & (kinds == SPEECH)).sum()),
            int((~silent & (kinds == OTHER)).sum()),
            int((silent & (kinds == MIXED)).sum()),
        )

    @classmethod
    def by(cls, periods: Periods, threshold: float) -> "Counts":
        """As the program counts them."""
        cost = periods.cost(threshold)
        parts = cost.silence, cost.speech_lost, cost.noise_passed, cost.mixed_silenced
        return cls(*(part.count for part in parts))


@pytest.fixture(autouse=True)
def never_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Monitors work in this process."""
    wait_no_longer(monkeypatch)


@pytest.fixture(scope="module")
def recording(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo, or a scene."""
    scene: tuple[Noise, float] | None = request.param
    if scene is None:
        return DEMO
    place = tmp_path_factory.mktemp("scene") / f"{scene[0].colour}.wav"
    return write_wav(place, noisy_room(*scene).played)


@pytest.fixture(scope="module")
def shared() -> Iterator[SharedEndpoint]:
    """One child for all recordings and thresholds."""
    endpoint = LocalEndpoint()
    yield SharedEndpoint(endpoint)
    asyncio.run(endpoint.close())


known: dict[tuple[Path, StreamParameters], list[str | None]] = {}
"""What the endpoint has answered, so that it need not be asked again."""


@dataclass(frozen=True)
class Heard:
    """A recording after its end, on the screen."""

    app: MonitorApp
    pilot: Pilot[None]
    results: list[str | None]
    periods: Periods

    async def screen(self) -> str:
        """What stands there now."""
        await drawn(self.pilot)
        return text_of(self.app)


@asynccontextmanager
async def screen_of(
    monitor: Monitor, asked: StreamParameters
) -> AsyncIterator[tuple[MonitorApp, Pilot[None]]]:
    """The screen of a monitor, which shows all there is."""
    app = MonitorApp(monitor, ScreenSettings(parameters=asked))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*["right_square_bracket"] * 5)
        yield app, pilot


async def all_results(app: MonitorApp, monitor: Monitor, pilot: Pilot[None]) -> None:
    """Wait for the end of the recording, and until the screen has all of it."""
    while not (monitor.wait(0) and len(app.results.entries) == monitor.state.counters.results):
        await pilot.pause(0.02)
    # The screen takes states and results a fifteenth of a second after they are there.
    while evidence_of(app.main.view, app.main.steps).starts.size < len(app.results.entries):
        await pilot.pause(0.02)


@asynccontextmanager
async def heard(
    place: Path, shared: SharedEndpoint, asked: StreamParameters, *keys: str
) -> AsyncIterator[Heard]:
    """Hear a recording through the endpoint, behind the screen, which shows all of it."""
    monitor = Monitor(SourceSpec(SourceKind.FILE, str(place)), FAST, shared, asked)
    async with screen_of(monitor, asked) as (app, pilot), asyncio.timeout(60):
        await all_results(app, monitor, pilot)
        found = await heard_so_far(app, pilot, *keys)
        known[place, asked] = found.results
        yield found


async def heard_so_far(app: MonitorApp, pilot: Pilot[None], *keys: str) -> Heard:
    """Press keys, and take what was answered, and what it is judged to be."""
    await pilot.press(*keys)
    await drawn(pilot)
    span = judged_span(evidence_of(app.main.view, app.main.steps))
    results = [result_of(entry) for entry in app.results.entries]
    return Heard(app, pilot, results, span.periods)


def result_of(entry: PlacedResult) -> str | None:
    """What was answered."""
    return entry.step.answers["speech-rt"].result


def grid(levels: np.ndarray, count: int) -> list[float]:
    """So many thresholds: on levels, next to levels, and from nothing to full scale.

    What a threshold is stands in four digits, so a neighbour is one unit of the last of them away.
    """
    quantiles = np.linspace(0.0, 1.0, max(1, count // 4) + 2)[1:-1]
    on_levels = np.quantile(levels[levels > 0], quantiles, method="nearest").tolist()
    beside = [level * factor for level in on_levels for factor in (0.9995, 1.0005)]
    over_all = 10 ** (np.linspace(-75.0, -5.0, count - 3 * len(on_levels) + 2)[1:-1] / 20)
    return sorted({round_threshold(at) for at in (0.0, *on_levels, *beside, *over_all)})


@cache
def levels_of(place: Path) -> np.ndarray:
    """By the definition, not by the program: RMS of 1,024 samples, full scale 1."""
    samples, _ = soundfile.read(place, dtype="int16")
    steps = samples[: len(samples) // 1024 * 1024].reshape(-1, 1024) / 32_768
    return np.asarray(np.sqrt(np.mean(steps**2, axis=1)))


@pytest.mark.parametrize("period", [*PERIODS, 192])
async def test_every_figure_is_what_the_endpoint_then_does(
    shared: SharedEndpoint,
    recording: Path,
    period: int,
    pytestconfig: pytest.Config,
) -> None:
    """To the period: of `t`, of `a`, of the share over the history, and of `tune`."""
    asked = StreamParameters(output_period=period, volume_threshold=0.0)
    hearing = await heard_by_tune(recording)
    offline = find(hearing, output_period=period).periods
    thresholds = grid(levels_of(recording), pytestconfig.getoption("thresholds"))
    async with heard(recording, shared, asked, "a") as at_zero:
        suggested = at_zero.app.main.view.proposed
        assert suggested is not None
        panel = await at_zero.screen()
        await at_zero.pilot.press("escape")
        compare_applied(at_zero, panel)
        at_zero.app.main.change(tuning=True)
        if suggested.suggestion.threshold is not None:
            thresholds.append(suggested.suggestion.threshold)
        for threshold in thresholds:
            at_zero.app.main.move_mark(threshold)
            tuned = await at_zero.screen()
            if threshold == 0:
                compare(at_zero, offline, threshold, tuned, at_zero)
                continue
            at = replace(asked, volume_threshold=threshold)
            async with heard(recording, shared, at, "a") as again:
                compare(at_zero, offline, threshold, tuned, again)
                compare_applied(again, await again.screen())
            if threshold == suggested.suggestion.threshold:
                kinds = at_zero.periods.kinds
                assert costs(panel, "with it:") == costs_in(Counts.of(again.results, kinds), kinds)


async def test_a_connection_that_breaks_changes_no_count(tmp_path: Path) -> None:
    """The next one begins its periods anew, wherever that is."""
    place = write_wav(tmp_path / "room.wav", noisy_room(NOISES[0], 7.0).played)
    asked = StreamParameters(output_period=512, volume_threshold=0.01)
    spec = SourceSpec(SourceKind.FILE, str(place))
    with serving() as server:
        async with proxied(server.stream) as proxy:
            monitor = Monitor(spec, SourceOptions(), RemoteTarget(proxy.url), asked)
            async with screen_of(monitor, asked) as (app, pilot), asyncio.timeout(60):
                for _ in range(3):
                    seen = monitor.state.counters.results
                    while monitor.state.counters.results < seen + 2:
                        await pilot.pause(0.02)
                    proxy.reset()
                await all_results(app, monitor, pilot)
                compare_applied(await heard_so_far(app, pilot, "a"), text_of(app))
            assert proxy.accepted >= 4


def compare(at_zero: Heard, offline: Periods, threshold: float, tuned: str, again: Heard) -> None:
    """What `t`, the history and `tune` said before, against the results after."""
    kinds = at_zero.periods.kinds
    assert len(again.results) == len(kinds) == len(offline.kinds)
    measured, whole = Counts.of(again.results, kinds), len(kinds)
    assert Counts.by(at_zero.periods, threshold) == measured
    assert Counts.by(offline, threshold) == Counts.of(again.results, offline.kinds)
    assert f"─ {words(measured, kinds)}" in tuned.replace("   · ", ", ")
    assert f"silence {measured.silence} of {whole}" in tuned
    assert f"{measured.silence} of {whole} periods are silence" in tuned


def compare_applied(again: Heard, screen: str) -> None:
    """What the history and the panel of `a` say of the threshold in force."""
    kinds = again.periods.kinds
    measured = Counts.of(again.results, kinds)
    assert f"{measured.silence} of {len(kinds)} periods are silence" in screen
    if "applied:" in screen:  # where nothing is suggested, nothing is compared
        assert costs(screen, "applied:") == costs_in(measured, kinds)


def words(counts: Counts, kinds: np.ndarray) -> str:
    """The costs as they are shown."""
    speech, others = int((kinds == SPEECH).sum()), int((kinds == OTHER).sum())
    lost, passed = f"{counts.speech_lost} of {speech}", f"{counts.noise_passed} of {others}"
    return f"speech lost {lost}, noise passed {passed}"


def costs_in(counts: Counts, kinds: np.ndarray) -> list[int]:
    """The four numbers of the costs."""
    return [int(number) for number in re.findall(r"\d+", words(counts, kinds))]


def costs(screen: str, head: str) -> list[int]:
    """The four numbers in a line of the panel."""
    line = next(line for line in screen.splitlines() if head in line)
    return [int(number) for number in re.findall(r"\d+", line)][:4]


async def heard_by_tune(place: Path) -> SourceAnalysis:
    """The recording, as `tune` hears it."""
    named, engine = AudioInput(place.name, SourceSpec(SourceKind.FILE, str(place))), Engine()
    await engine.start()
    try:
        return await listen(named, FAST, engine, limit=None, advance=lambda *_: None)
    finally:
        await engine.close()


@pytest.mark.system("chromium")
async def test_the_page_counts_as_the_endpoint_does(
    shared: SharedEndpoint, recording: Path, pytestconfig: pytest.Config
) -> None:
    """From the samples on: its own levels, its own count."""
    asked, expected = list[tuple[int, float]](), list[list[int]]()
    for period in PERIODS:
        for threshold in grid(levels_of(recording), pytestconfig.getoption("thresholds")):
            at = StreamParameters(output_period=period, volume_threshold=threshold)
            if (recording, at) not in known:
                async with heard(recording, shared, at):
                    pass
            size = period // STEP_MS
            whole = known[recording, at][: levels_of(recording).size // size]
            asked.append((size, threshold))
            expected.append([whole.count("silence"), len(whole)])
    samples = soundfile.read(recording, dtype="int16")[0]
    with serving() as server:
        async with chromium() as browser:
            page = await browser.new_page()
            await page.goto(f"http://127.0.0.1:{server.port}/")
            told = await page.evaluate(
                """([text, asked]) => {
                    const bytes = Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
                    const samples = new Int16Array(bytes.buffer);
                    const levels = [];
                    for (let at = 0; at + 1024 <= samples.length; at += 1024)
                        levels.push(levelOf(samples.slice(at, at + 1024)));
                    return asked.map(([size, threshold]) => {
                        const { silent, whole } = silenceAt(levels, 0, [0], size, threshold);
                        return [silent, whole];
                    });
                }""",
                [base64.b64encode(samples.astype("<i2").tobytes()).decode(), asked],
            )
    assert told == expected
