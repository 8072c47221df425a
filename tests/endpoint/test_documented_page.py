"""The documentation's browser page against ``serve``, in a real browser."""

import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, WebSocket
from support.endpoints.serving_process import serving
from support.programs.chromium import chromium
from support.programs.readme import changed
from support.sources.sounds import noise, write_wav
from support.time.waiting import until

PUBLISHED = Path(__file__).parent / "clients" / "browser.html"
RECORDRTC = os.environ.get("DEEPTONE_RECORDRTC", "")
KEY = "a-key-for-these-tests"
WAV_HEADER = 44
ENOUGH = 8
"""Results after which the recording is stopped."""
PERIOD_BYTES = 512 * 16 * 2
"""The page asks for a result each 512 ms."""
NOTE_WHAT_IS_SENT = """
    window.sent = [];
    const send = WebSocket.prototype.send;
    WebSocket.prototype.send = function (blob) {
        const note = [blob.size, ''];
        sent.push(note);
        blob.slice(0, 4).text().then((text) => { note[1] = text; });
        return send.call(this, blob);
    };
"""
"""Run before the page: Chromium does not tell its debugger of blobs that are sent."""

pytestmark = [
    pytest.mark.realtime,
    pytest.mark.system("chromium"),
    pytest.mark.skipif(
        not RECORDRTC and os.environ.get("CI") != "true",
        reason="DEEPTONE_RECORDRTC names no RecordRTC.js (npm install recordrtc@5.6.2)",
    ),
]


def steps_of(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The results among the messages that the page got, in order."""
    results = [message for message in messages if message["message_type"] == "results"]
    return [message["results"]["channels"]["0"] for message in results]


async def due(page: Page) -> int:
    """Results for all complete periods that the page has sent so far."""
    sizes: list[int] = await page.evaluate("sent.map(([size]) => size)")
    return sum(size - WAV_HEADER for size in sizes) // PERIOD_BYTES


@pytest.fixture
async def page(tmp_path: Path) -> AsyncIterator[Page]:
    """A page of Chromium whose microphone hears noise and silence in turn."""
    samples = noise(48_000 * 6)
    samples[48_000 * 2 : 48_000 * 4] = 0
    file = write_wav(tmp_path / "input.wav", samples, rate=48_000)
    async with chromium(file) as browser:
        page = await browser.new_page()
        await page.add_init_script(NOTE_WHAT_IS_SENT)
        yield page


async def test_the_page_gets_every_result_that_is_due(page: Page, tmp_path: Path) -> None:
    """Opened as a file, as the documentation says; each of its messages is a WAV file."""
    messages: list[dict[str, Any]] = []

    def watch(socket: WebSocket) -> None:
        socket.on("framereceived", lambda text: messages.append(json.loads(text)))

    page.on("websocket", watch)
    with serving(key=KEY) as server:
        ours = tmp_path / "page.html"
        ours.write_text(_changed(server.port))
        await page.goto(ours.as_uri())
        await page.get_by_text("Start Recording").click()
        await until(lambda: bool(messages), within=20)
        greeting = await page.locator("#message").inner_text()
        await until(lambda: len(steps_of(messages)) >= ENOUGH, within=20)
        sent = await due(page)
        await until(lambda: len(steps_of(messages)) >= sent)
        await page.get_by_text("Stop Recording").click()
        await until(lambda: not server.lines.empty())
        ended = server.next_line()
    steps = steps_of(messages)
    assert greeting.startswith("deeptone-tui: speech-rt every 512 ms")
    assert set(await page.evaluate("sent.map(([, name]) => name)")) == {"RIFF"}
    assert [step["timestamp"] for step in steps] == [512.0 * n for n in range(len(steps))]
    assert await page.locator("#results li").count() >= sent
    assert f" {await due(page)} results; closed by the client (1000)" in ended


def _changed(port: int) -> str:
    """The published page, changed in where RecordRTC, the server and the key are."""
    assert Path(RECORDRTC).is_file(), "DEEPTONE_RECORDRTC must name RecordRTC.js"
    return changed(
        PUBLISHED.read_text(),
        ("https://www.WebRTC-Experiment.com/RecordRTC.js", Path(RECORDRTC).resolve().as_uri()),
        ("wss://api.oto.ai", f"ws://127.0.0.1:{port}"),
        ("<YOUR_API_KEY>", KEY),
    )
