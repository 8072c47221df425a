"""``deeptone-tui web``: the monitor in a real browser, and nobody else at it."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import ClientSession, WSServerHandshakeError, web
from aiohttp.test_utils import TestClient, TestServer
from playwright.async_api import FloatRect, Page, WebSocket
from support.programs.chromium import chromium
from support.programs.program import PROGRAM, REPOSITORY, run_program, surroundings
from support.terminals.terminal import children_of, is_running
from support.time.waiting import until

from deeptone_tui.endpoint.server.acceptor import run_application
from deeptone_tui.web import WebOptions
from deeptone_tui.web.server import STATIC, application
from deeptone_tui.web.session import MonitorProcess

PATIENCE = 30
TOKEN = "a-token-for-these-tests"  # noqa: S105  that is what it is
KEY = "a-key-for-these-tests"


@dataclass
class Running:
    """The program, and the address that it printed."""

    process: "subprocess.Popen[str]"
    address: str


@contextlib.contextmanager
def running(folder: Path, *arguments: str) -> Iterator[Running]:
    """``deeptone-tui web`` on a free port; killed in the end if it still runs."""
    with subprocess.Popen(
        [*PROGRAM, "web", "--port", "0", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=REPOSITORY,
        env=surroundings(folder),
    ) as process:
        assert process.stdout is not None
        try:
            yield Running(process, process.stdout.readline().strip())
        finally:
            process.kill()


@pytest.fixture
async def client() -> AsyncIterator[TestClient[web.Request, web.Application]]:
    """A client of the server in this process."""
    async with TestClient(TestServer(application(WebOptions(token=TOKEN, sessions=1)))) as made:
        yield made


OF_THE_MACHINE = ("ping=", "task queue exceeded allotted deadline")
"""How the terminal's page (xterm.js) tells how long it waited, and that a machine was slow."""
METER: FloatRect = {"x": 0, "y": 42, "width": 740, "height": 42}
"""Where the level's two rows are, below the status line: the third and the fourth of 21 pixels."""


async def shows_streaming(page: Page, address: str) -> None:
    """Open the monitor and wait until results come."""
    seen = bytearray()

    def watch(socket: WebSocket) -> None:
        socket.on("framereceived", lambda data: seen.extend(as_bytes(data)))

    page.on("websocket", watch)
    await page.goto(address)
    await until(lambda: b"STREAMING" in seen, within=PATIENCE)


def as_bytes(data: bytes | str) -> bytes:
    """A frame of either kind."""
    return data.encode() if isinstance(data, str) else data


@pytest.mark.realtime
@pytest.mark.system("chromium")
async def test_the_meter_moves_in_a_browser(tmp_path: Path) -> None:
    """With the demo; the page needs nothing from elsewhere and breaks no policy."""
    complaints: list[str] = []
    asked: list[str] = []
    with running(tmp_path, "demo") as program:
        async with chromium() as browser:
            page = await browser.new_page(viewport={"width": 1000, "height": 620})
            page.on("console", lambda message: complaints.append(message.text))
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.on("request", lambda request: asked.append(request.url))
            await shows_streaming(page, program.address)
            first = await page.screenshot(clip=METER)
            async with asyncio.timeout(PATIENCE):
                while await page.screenshot(clip=METER) == first:  # noqa: ASYNC110  as it is seen
                    await asyncio.sleep(0.1)
            monitors = children_of(program.process.pid)
            assert monitors
        await until(lambda: not any(map(is_running, monitors)), within=PATIENCE)
        program.process.send_signal(signal.SIGTERM)
        assert program.process.wait(PATIENCE) == 0
    assert [words for words in complaints if not words.startswith(OF_THE_MACHINE)] == []
    assert all(url.startswith((program.address, "data:")) for url in asked), asked


@pytest.mark.realtime
@pytest.mark.system("chromium")
async def test_keys_reach_the_monitor_and_its_end_is_told(tmp_path: Path) -> None:
    """``q`` ends the one monitor; the server goes on, and says how to begin again."""
    with running(tmp_path, "demo") as program:
        async with chromium() as browser:
            page = await browser.new_page()
            await shows_streaming(page, program.address)
            await page.keyboard.press("q")
            await page.get_by_text("The monitor has ended").wait_for(timeout=PATIENCE * 1000)
        assert program.process.poll() is None
        program.process.send_signal(signal.SIGINT)
        assert program.process.wait(PATIENCE) == 130


async def test_every_monitor_ends_with_the_server(tmp_path: Path) -> None:
    """Also one whose browser would have stayed."""
    with running(tmp_path, "demo") as program:
        origin = program.address.rsplit("/", 2)[0]
        async with (
            ClientSession() as session,
            session.ws_connect(f"{program.address}ws", headers={"Origin": origin}) as socket,
        ):
            await socket.receive()
            monitors = children_of(program.process.pid)
            program.process.send_signal(signal.SIGTERM)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE):
                    async for _ in socket:
                        pass
        assert program.process.wait(PATIENCE) == 0
        assert monitors
        assert not any(map(is_running, monitors))


@pytest.mark.parametrize(
    "path", ["/", "/ws", "/wrong/", "/wrong/ws", "/static/page.css", "/wrong/static/page.css", "//"]
)
async def test_without_the_token_there_is_nothing(
    client: TestClient[web.Request, web.Application], path: str
) -> None:
    """The same words for all of it, and not a word of the token."""
    answer = await client.get(path)
    assert answer.status == 403
    assert await answer.text() == "403: open the address that deeptone-tui web has printed\n"


async def test_a_name_of_somebody_else_is_refused(
    client: TestClient[web.Request, web.Application],
) -> None:
    """Even with the token: a page that rebinds its name to 127.0.0.1 gets nothing."""
    for path in ("", "ws", "static/page.css"):
        answer = await client.get(f"/{TOKEN}/{path}", headers={"Host": "evil.example:8000"})
        assert answer.status == 403


@pytest.mark.parametrize("origin", [None, "http://evil.example", "null"])
async def test_a_websocket_of_another_page_is_refused(
    client: TestClient[web.Request, web.Application], origin: str | None
) -> None:
    """Or of no page at all."""
    headers = {} if origin is None else {"Origin": origin}
    with pytest.raises(WSServerHandshakeError) as refused:
        await client.ws_connect(f"/{TOKEN}/ws", headers=headers)
    assert refused.value.status == 403


async def test_the_page_and_its_files(client: TestClient[web.Request, web.Application]) -> None:
    """All from here, and with a strict policy."""
    answer = await client.get(f"/{TOKEN}/")
    text = await answer.text()
    assert answer.status == 200
    assert f"/{TOKEN}/ws" in text
    assert "https:" not in text
    assert "script-src 'self';" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    for name in STATIC:
        assert (await client.get(f"/{TOKEN}/static/{name}")).status == 200
    assert (await client.get(f"/{TOKEN}/static/../page.html")).status in (403, 404)
    assert (await client.get(f"/{TOKEN}/static/server.py")).status == 404


STRANGERS = {
    "no path": b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
    "a tunnel": b"CONNECT a:1 HTTP/1.1\r\nHost: x\r\n\r\n",
    "another server": b"GET http://x HTTP/1.1\r\nHost: x\r\n\r\n",
    "a word": b"GET foo HTTP/1.1\r\nHost: x\r\n\r\n",
    "not text": b"GET /\xff\xfe/ HTTP/1.1\r\nHost: x\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",
    "no origin": f"GET /{TOKEN}/ws HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: http://[::1\r\n\r\n".encode(),
    "a host of markup": f'GET /{TOKEN}/ HTTP/1.1\r\nHost: 127.0.0.1:1"><b>\r\n\r\n'.encode(),
}


@contextlib.asynccontextmanager
async def house(limit: int) -> AsyncIterator[int]:
    """The server in this process as the command runs it; its port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        app = application(WebOptions(token=TOKEN, sessions=1))
        async with run_application(app, limit=limit, silent_give_way=True) as acceptor:
            acceptor.open([listening])
            yield listening.getsockname()[1]


async def answer_to(port: int, request: bytes) -> bytes:
    """All that comes back until the server has closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    try:
        async with asyncio.timeout(PATIENCE):
            return await reader.read()
    finally:
        writer.close()


@pytest.mark.parametrize("request_", STRANGERS.values(), ids=STRANGERS)
async def test_strangers_are_answered_and_nothing_fails(
    request_: bytes, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Whatever they ask for: a refusal, and not a word in a log or on the terminal."""
    async with house(limit=8) as port:
        answer = await answer_to(port, request_)
    assert answer.split()[1] in (b"400", b"403")
    assert b"<b>" not in answer
    assert not caplog.records
    assert capfd.readouterr() == ("", "")


async def test_who_says_nothing_keeps_nobody_out() -> None:
    """At the limit the one that has been silent for longest makes room, and the page is served."""
    asking = f"GET /{TOKEN}/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
    async with house(limit=3) as port:
        silent = [await asyncio.open_connection("127.0.0.1", port) for _ in range(8)]
        for _ in range(4):
            assert (await answer_to(port, asking)).startswith(b"HTTP/1.1 200")
        async with asyncio.timeout(PATIENCE):
            for reader, _ in silent[:5]:
                with contextlib.suppress(ConnectionError):
                    assert await reader.read() == b""
        for _, writer in silent:
            writer.close()


async def test_who_says_nothing_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also while there is room, and in the middle of a request."""
    monkeypatch.setattr("deeptone_tui.endpoint.server.acceptor.KEEPALIVE_SECONDS", 0.05)
    async with house(limit=8) as port:
        for said in (b"", b"GET / HTTP/1.1\r\nHost: 127."):
            assert await answer_to(port, said) == b""


async def test_a_monitor_that_nobody_reads_from_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its place is for the next browser, though it cannot write what would let it end."""
    monkeypatch.setattr("deeptone_tui.web.session.ENDING_SECONDS", 0.2)
    writes = "while True: os.write(1, b'D' + bytes(4))"
    stuck = f"import os; os.write(1, b'__GANGLION__\\n')\n{writes}"
    monkeypatch.setattr("deeptone_tui.web.session.PROGRAM", (sys.executable, "-c", stuck))
    deaf = asyncio.Event()

    async def never(_: bytes) -> None:
        await deaf.wait()

    monitor = MonitorProcess(web.WebSocketResponse(), WebOptions())
    monitor.remote_write_bytes = never
    await monitor.start(80, 24)
    process = monitor._process
    assert process is not None
    async with asyncio.timeout(PATIENCE):
        await monitor.end()
        await process.wait()
    assert process.returncode == -signal.SIGKILL


async def test_numbers_that_make_no_sense_are_passed_over(
    client: TestClient[web.Request, web.Application],
) -> None:
    """Of any length, in any script."""
    for size in ("9" * 5000, "²", "-1", "٣"):
        answer = await client.get(f"/{TOKEN}/", params={"fontsize": size})
        assert answer.status == 200


def test_the_key_reaches_the_monitor_by_its_environment() -> None:
    """And stands in no list of processes."""
    options = WebOptions(arguments=("demo",), environment={"DEEPTONE_API_KEY": KEY})
    monitor = MonitorProcess(web.WebSocketResponse(), options)
    environment = monitor._build_environment(100, 30)
    assert KEY not in monitor.command
    assert environment["DEEPTONE_API_KEY"] == KEY
    assert environment["COLUMNS"] == "100"
    assert KEY not in repr(options)


def test_without_the_extra_there_is_one_line(tmp_path: Path) -> None:
    """With what to type."""
    hidden = "import sys; sys.modules['textual_serve'] = None\n"
    (tmp_path / "sitecustomize.py").write_text(hidden)
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    ran = run_program(tmp_path, "web", "demo", env={"PYTHONPATH": path})
    assert ran.returncode == 1
    assert ran.stderr.decode() == (
        "deeptone-tui: the monitor in a browser needs an extra: pip install 'deeptone-tui[web]'\n"
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--port", "70000"], "65535"),
        (["demo", "--models", "nonsense"], "nonsense"),
        (["demo", "--no-such-option"], "--no-such-option"),
        (["-"], "stdin"),
    ],
)
def test_wrong_usage_is_found_before_a_browser_comes(
    tmp_path: Path, arguments: list[str], words: str
) -> None:
    """The monitor's options too."""
    ran = run_program(tmp_path, "web", *arguments)
    assert ran.returncode == 2
    assert words in ran.stderr.decode()
    assert b"Traceback" not in ran.stderr


def test_a_port_in_use_is_one_line(tmp_path: Path) -> None:
    """As everywhere."""
    with running(tmp_path, "demo") as program:
        port = program.address.split(":")[2].split("/")[0]
        ran = run_program(tmp_path, "web", "--port", port, "demo")
    assert ran.returncode == 1
    assert ran.stderr.decode().startswith(
        f"deeptone-tui: cannot listen on 127.0.0.1, port {port}: "
    )
