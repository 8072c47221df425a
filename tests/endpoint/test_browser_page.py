"""``GET /`` in a real browser: microphone, level, threshold, results."""

import asyncio
import base64
import itertools
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import soundfile
import soxr
from playwright.async_api import Browser, Page, expect
from support.endpoints.serving_process import Serving, serving
from support.programs.chromium import chromium
from support.programs.program import run_program
from support.sources.scenes import captured, demo
from support.sources.sounds import write_wav

from deeptone_tui.dsp import period_is_silent, step_levels
from deeptone_tui.protocol import STEP_SAMPLES
from deeptone_tui.tuning import recut

KEY = "a-key-for-these-tests"
RATE = 48_000
PERIOD = 256
SECONDS = 24
PATIENCE = 40_000
"""Milliseconds, in which a page hangs."""
KEEP_WHAT_IS_SENT = """
    window.sent = [];
    const send = WebSocket.prototype.send;
    WebSocket.prototype.send = function (data) {
        if (data.byteLength) sent.push(new Uint8Array(data.buffer.slice(0)));
        return send.call(this, data);
    };
    window.allSent = async () => {
        const url = await new Promise((done) => {
            const reader = new FileReader();
            reader.onload = () => done(reader.result);
            reader.readAsDataURL(new Blob(sent));
        });
        return url.slice(url.indexOf(',') + 1);
    };
"""
"""Run before the page: its audio is wanted as it left."""

pytestmark = [pytest.mark.realtime, pytest.mark.system("chromium")]
Samples = npt.NDArray[np.int16]


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Speech, music and silence for the fake microphone, at the rate of most sound cards."""
    audio = demo()[: 16_000 * (SECONDS + 10)].astype(np.float32)
    samples = captured(soxr.resample(audio, 16_000, RATE))
    return write_wav(tmp_path_factory.mktemp("microphone") / "input.wav", samples, rate=RATE)


@pytest.fixture
async def browser(recording: Path) -> AsyncIterator[Browser]:
    """A browser that hears the recording."""
    async with chromium(recording) as opened:
        yield opened


async def opened(browser: Browser, server: Serving) -> Page:
    """The page, with every complaint of the browser turned into a failure of the test."""
    page = await browser.new_page()
    await page.add_init_script(KEEP_WHAT_IS_SENT)
    page.set_default_timeout(PATIENCE)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text))
    complaints.clear()
    await page.goto(f"http://127.0.0.1:{server.port}/")
    return page


complaints: list[str] = []
"""What the browser had to say; a broken policy is said here too."""


async def shown(page: Page) -> list[tuple[float, str]]:
    """Time in milliseconds and result of each period in the log, oldest first."""
    rows: list[list[Any]] = await page.evaluate(
        "[...document.querySelectorAll('#log tr[data-ms]')].reverse()"
        ".map(row => [Number(row.dataset.ms), row.cells[1].dataset.result])"
    )
    return [(ms, result) for ms, result in rows]


async def silence_shown(page: Page) -> str:
    """How many periods are silence at the threshold under the hand."""
    return await page.locator("#silence").inner_text()


async def rows_reach(page: Page, count: int) -> None:
    """Wait until the log holds so many rows."""
    rows = page.locator("#log tr")
    async with asyncio.timeout(PATIENCE / 1000):
        while await rows.count() < count:  # noqa: ASYNC110  the page tells nobody
            await asyncio.sleep(0.05)


async def heard_by(page: Page) -> Samples:
    """What the page has sent."""
    return np.frombuffer(base64.b64decode(await page.evaluate("allSent()")), "<i2")


def place_of(part: Samples, whole: Samples) -> int:
    """Where in the whole the part begins: the peak of their correlation."""
    size = 1 << (len(whole) + len(part)).bit_length()
    spectrum = np.fft.rfft(whole, size) * np.conj(np.fft.rfft(part, size))
    return int(np.argmax(np.fft.irfft(spectrum, size)[: len(whole)]))


def streamed(file: Path) -> list[tuple[float, str]]:
    """The same from ``deeptone-tui stream``."""
    words = ("--fast", "--models", "speech-rt", "--output-period", str(PERIOD))
    ran = run_program(file.parent, "stream", str(file), *words)
    assert ran.returncode == 0
    results = [json.loads(line) for line in ran.stdout.splitlines()]
    return [(one["timestamp"], one["results"]["speech-rt"]["result"]) for one in results]


async def test_its_results_are_those_of_stream(
    browser: Browser, recording: Path, tmp_path: Path
) -> None:
    """In at least 95 of 100 periods, for the same audio.

    A browser gives the page sound from an unknown moment on. So the place where its audio begins
    in the recording is searched for, and `deeptone-tui stream` gets the recording from there on,
    as it was before the browser, at its 48 kHz: the page's resampling is part of what is compared.
    """
    with serving() as server:
        page = await opened(browser, server)
        await page.get_by_label("A result every").select_option(str(PERIOD))
        await page.get_by_role("button", name="Start").click()
        await rows_reach(page, SECONDS * 1000 // PERIOD)
        await page.get_by_role("button", name="Stop").click()
        await expect(page.locator("#state")).to_have_text("Not listening", timeout=PATIENCE)
        of_page, sent = await shown(page), await heard_by(page)
        counted = tuple(int(one) for one in re.findall(r"\d+", await silence_shown(page)))
        ended = server.next_line()
    whole, _ = soundfile.read(recording, dtype="int16")
    begun = int(np.flatnonzero(sent)[0])
    at_16 = soxr.resample(whole, RATE, 16_000)
    place = place_of(sent[begun : begun + 16_000 * 12], at_16) - begun
    before = np.zeros(max(0, -place) * 3, np.int16)
    after = np.zeros(len(sent) * 3, np.int16)  # the page may have listened past the recording's end
    rest = np.concatenate([before, whole[max(0, place) * 3 :], after])[: len(sent) * 3]
    of_stream = streamed(write_wav(tmp_path / "same.wav", rest, rate=RATE))
    assert [ms for ms, _ in of_page] == [float(PERIOD * n) for n in range(len(of_page))]
    assert abs(len(of_page) - len(of_stream)) <= 1
    same = [a == b for a, b in zip(of_page, of_stream, strict=False)]
    assert np.mean(same) >= 0.95, f"{sum(same)} of {len(same)} are equal"
    assert {"speech", "silence"} <= {result for _, result in of_page}
    complete = [result for _, result in of_page[: len(sent) // (16 * PERIOD)]]
    assert counted == (complete.count("silence"), len(complete))
    assert "end of audio" in ended
    assert complaints == []


async def test_it_counts_silence_as_the_endpoint_gives_it(browser: Browser) -> None:
    """In whole periods, at thresholds on and between the levels, and where connections begin."""
    levels = step_levels(demo()[: len(demo()) // STEP_SAMPLES * STEP_SAMPLES])
    on_levels = np.quantile(levels, (0.2, 0.5, 0.8), method="nearest").tolist()
    asked, expected = [], []
    for size, begins in itertools.product((1, 4, 16, 64), ([0], [0, 101, 350])):
        starts = recut(np.array(begins), levels.size, size)
        ends = np.append(starts[1:], levels.size)
        for threshold in (0.0, 0.002, 0.01, 0.1, *on_levels):
            whole = [(a, b) for a, b in zip(starts, ends, strict=True) if b - a == size]
            silent = [period_is_silent(levels[a:b], threshold) for a, b in whole]
            asked.append([begins, size, threshold])
            expected.append([sum(silent), len(whole)])
    with serving() as server:
        page = await opened(browser, server)
        told = await page.evaluate(
            "([levels, all]) => all.map(([begins, size, threshold]) => {"
            " const told = silenceAt(levels, 0, begins, size, threshold);"
            " return [told.silent, told.whole]; })",
            [levels.tolist(), asked],
        )
    assert told == expected
    assert complaints == []


@pytest.mark.parametrize(
    "rate", [44_100, *(pytest.param(rate, marks=pytest.mark.thorough) for rate in (48_000, 96_000))]
)
async def test_the_resampling_is_clean(browser: Browser, rate: int) -> None:
    """The worklet's own code: a tone keeps its level to 0.1 dB, one over 8 kHz is gone."""
    with serving() as server:
        page = await opened(browser, server)
        source = (await (await page.request.get(f"{page.url}worklet.js")).text()).split(
            "class Capture"
        )[0]
        await page.close()
    async with chromium() as other:
        bare = await other.new_page()
        low, high = [
            await bare.evaluate(
                f"""([rate, hertz]) => {{
                    {source}
                    const resampler = new Resampler(rate);
                    const out = [];
                    for (let n = 0; n < rate; n += 128) {{
                        const piece = Float32Array.from({{length: 128}},
                            (_, i) => Math.sin(2 * Math.PI * hertz * (n + i) / rate));
                        out.push(...resampler.feed(piece));
                    }}
                    const kept = out.slice(1000, 15000);
                    return Math.sqrt(kept.reduce((sum, x) => sum + x * x, 0) / kept.length);
                }}""",
                [rate, hertz],
            )
            for hertz in (3000, 9000)
        ]
    assert abs(20 * np.log10(low * np.sqrt(2))) < 0.1
    assert 20 * np.log10(high) < -80


async def test_the_threshold_moves_while_it_listens(browser: Browser) -> None:
    """At once on the meter; for the results with a connection of its own, without a gap."""
    with serving() as server:
        page = await opened(browser, server)
        await page.get_by_label("A result every").select_option("64")
        await page.get_by_role("button", name="Start").click()
        await rows_reach(page, 60)
        slider = page.get_by_label("Volume threshold in decibels")
        assert await slider.get_attribute("aria-valuetext") == "0.0050  −46.0 dBFS"
        await slider.focus()
        await page.keyboard.press("End")
        assert await slider.get_attribute("aria-valuetext") == "1.0000  0.0 dBFS"
        await expect(page.locator("#log tr.note")).to_have_count(1, timeout=PATIENCE)
        before = await page.locator("#log tr").count()
        await rows_reach(page, before + 30)
        await page.get_by_role("button", name="Stop").click()
        await expect(page.locator("#state")).to_have_text("Not listening", timeout=PATIENCE)
        rows = await shown(page)
    times = [ms for ms, _ in rows]
    assert sorted(times) == [64.0 * n for n in range(len(times))]
    assert {result for ms, result in sorted(rows)[-20:]} == {"silence"}
    assert complaints == []


async def test_a_server_with_a_key_asks_for_it(browser: Browser) -> None:
    """It is kept in the page: neither in its address, nor stored, nor on the server's stderr."""
    with serving(key=KEY) as server:
        page = await opened(browser, server)
        field = page.get_by_label("Key of this endpoint")
        await field.fill("wrong")
        await page.get_by_role("button", name="Start").click()
        await expect(page.locator("#state")).to_contain_text("is the key right?", timeout=PATIENCE)
        await field.fill(KEY)
        await page.get_by_role("button", name="Start").click()
        await rows_reach(page, 2)
        assert KEY not in page.url
        kept = "JSON.stringify([localStorage, sessionStorage, document.cookie, history.state])"
        assert KEY not in await page.evaluate(kept)
        await page.close()
        lines = [server.next_line() for _ in range(2)]
    assert KEY not in "".join(lines)


async def test_without_a_microphone_it_says_so() -> None:
    """In words, where a screen reader finds them."""
    async with chromium() as browser:
        with serving() as server:
            page = await opened(browser, server)
            await page.get_by_role("button", name="Start").click()
            state = page.get_by_role("status").first
            await expect(state).to_contain_text("microphone", timeout=PATIENCE)
            await expect(state).to_have_attribute("data-state", "failed")
            await expect(page.get_by_role("button", name="Start")).to_be_enabled()


async def test_every_control_has_a_name(browser: Browser) -> None:
    """And all of them can be reached by the keyboard, in the order in which they stand."""
    with serving(key=KEY) as server:
        page = await opened(browser, server)
        names: list[Any] = []
        for _ in range(9):
            await page.keyboard.press("Tab")
            names.append(
                await page.evaluate(
                    "(e => e.labels?.[0]?.innerText.split('\\n')[0].trim() || e.ariaLabel"
                    " || e.getAttribute('aria-labelledby') || e.innerText.trim())"
                    "(document.activeElement)"
                )
            )
    assert names == [
        "Microphone",
        "A result every",
        "speech-rt",
        "speech",
        "gender",
        "Key of this endpoint",
        "Start",
        "Volume threshold in decibels",
        "log-title",
    ]
