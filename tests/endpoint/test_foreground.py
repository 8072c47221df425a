"""``serve``: what it says, how it ends, and where it refuses to begin."""

import asyncio
import os
import re
import signal
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from aiohttp import ClientSession
from support.endpoints.served_endpoint import Heard, hear
from support.endpoints.serving_process import Serving, serving

from deeptone_tui.endpoint import OptionError, ServerOptions, run_server

KEY = "a-key-for-these-tests"
Refused = Callable[..., tuple[int, str]]
"""Starts a server that cannot start: exit code and stderr."""


async def streamed(server: Serving, query: str, audio: bytes, key: str = KEY) -> Heard:
    """What a client gets for this audio."""
    url = f"{server.stream}?{query}"
    async with (
        ClientSession() as session,
        session.ws_connect(url, headers={"X-Api-Key": key}) as client,
    ):
        await client.send_bytes(audio)
        await client.send_bytes(b"")
        return await hear(client)


@pytest.fixture
def refused(capfd: pytest.CaptureFixture[str]) -> Refused:
    """Exit code and stderr of a server that cannot start."""

    def run(**options: object) -> tuple[int, str]:
        code = run_server(ServerOptions(**options))  # type: ignore[arg-type]  # by name
        return code, capfd.readouterr().err

    return run


async def test_it_says_where_it_listens_and_one_line_for_each_connection() -> None:
    """The key is never among them."""
    with serving(key=KEY) as server:
        heard = await streamed(server, f"models=speech-rt,gender&api_key={KEY}", bytes(65_536))
        line = server.next_line()
        assert server.end() == 0
    assert len(heard.steps) == 2
    assert re.fullmatch(
        r"deeptone-tui \S+ listens on ws://127\.0\.0\.1:\d+/stream", server.opening[0]
    )
    assert server.opening[1].startswith("clients need the key")
    assert re.fullmatch(
        r"127\.0\.0\.1:\d+  speech-rt,gender  2\.0 s of audio, 2 results; end of audio", line
    )
    assert KEY not in "".join([*server.opening, line, *server.lines.queue])


async def test_a_strange_request_puts_no_key_on_stderr() -> None:
    """HTTP libraries like to repeat in their log what they did not understand."""
    with serving(key=KEY) as server:
        async with (
            ClientSession() as session,
            session.ws_connect(
                server.stream, protocols=["token", KEY], headers={"X-Api-Key": KEY}
            ) as client,
        ):
            await client.receive()
        assert "closed by the client" in server.next_line()
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(f"GET /stream?api_key={KEY} HTTP/9.9 what\r\n\r\n".encode())
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
        assert server.end() == 0
    assert answer.startswith(b"HTTP/1.")
    assert KEY not in "".join(server.lines.queue)


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130), (signal.SIGHUP, 0)]
)
async def test_a_signal_ends_it_and_open_streams_are_told(
    number: signal.Signals, code: int
) -> None:
    """With close code 1001; one that does not answer is not waited for."""
    with serving() as server:
        async with (
            ClientSession() as session,
            session.ws_connect(server.stream) as client,
            session.ws_connect(server.stream, autoclose=False) as silent,
        ):
            await client.receive()
            await silent.receive()
            ending = asyncio.create_task(asyncio.to_thread(server.end, number))
            heard = await hear(client)
            assert await ending == code
        assert (heard.code, heard.reason) == (1001, "the server was stopped")
        lines = {server.next_line().partition("; ")[2] for _ in range(2)}
    assert lines == {"the server was stopped"}


@pytest.mark.system("nohup")
def test_a_hang_up_that_is_ignored_stays_ignored() -> None:
    """As nohup does it."""
    with serving(before=["nohup"]) as server:
        server.process.send_signal(signal.SIGHUP)
        with pytest.raises(subprocess.TimeoutExpired):
            server.process.wait(0.3)
        assert server.end() == 0


def test_a_port_in_use_is_one_line(refused: Refused) -> None:
    """With what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, text = refused(port=port)
    assert code == 1
    assert text == (
        f"deeptone-tui: port {port} of 127.0.0.1 is in use: choose another, or 0 for a free one\n"
    )


@pytest.mark.parametrize(
    ("host", "line"),
    [
        ("no-such-host.invalid", "cannot listen on no-such-host.invalid: there is no such host"),
        ("x" * 80, f"cannot listen on {'x' * 80}: there is no such host"),
        ("192.0.2.1", "192.0.2.1 is no address of this machine"),  # nobody's: for documentation
    ],
)
def test_a_host_of_somebody_else_is_one_line(refused: Refused, host: str, line: str) -> None:
    """Not a traceback of the resolver."""
    assert refused(host=host, port=0, api_key=KEY) == (1, f"deeptone-tui: {line}\n")


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])  # noqa: S104  that is the point
def test_other_machines_are_not_let_in_without_a_key(refused: Refused, host: str) -> None:
    """Wrong usage, found before anything is opened."""
    code, text = refused(host=host, port=0)
    assert code == 2
    assert text.endswith(
        "can be reached from other machines: set an API key, or listen on 127.0.0.1\n"
    )


@pytest.mark.skipif(os.name != "posix", reason="asks the kernel for the limit")
def test_a_privileged_port_is_one_line(refused: Refused) -> None:
    """Asked of the kernel by a user without rights; root may have the port."""
    limit = int(Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text())
    if os.geteuid() == 0 or limit == 0:
        from deeptone_tui.endpoint.server.acceptor import _in_words  # noqa: PLC0415  only here

        text = _in_words(PermissionError(13, "Permission denied"), "127.0.0.1", 80)
        assert text == "port 80 needs administrator's rights: choose one from 1024 on"
        return
    code, text = refused(port=limit - 1)
    assert code == 1
    assert "needs administrator's rights" in text


async def test_a_key_opens_it_to_other_addresses() -> None:
    """And the name localhost to both of its families, on one port."""
    with serving("--host", "0.0.0.0", key=KEY) as server:  # noqa: S104
        assert len((await streamed(server, "", bytes(32_768))).steps) == 1
    with serving("--host", "localhost") as server:
        assert len((await streamed(server, "", bytes(32_768))).steps) == 1


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ({"host": ""}, "host is empty: 127.0.0.1, or 0.0.0.0 for every address"),
        ({"port": -1}, "port -1 does not exist: 0 (any free one) to 65535"),
        ({"port": 65_536}, "port 65536 does not exist: 0 (any free one) to 65535"),
        ({"api_key": ""}, "an API key is one word of printable ASCII characters"),
        ({"api_key": "two words"}, "an API key is one word of printable ASCII characters"),
        ({"api_key": "clé"}, "an API key is one word of printable ASCII characters"),
        ({"max_connections": 0}, "max_connections is at least 1"),
        ({"max_message_bytes": 0}, "max_message_bytes is at least 1"),
        ({"idle_timeout": 0}, "idle_timeout is a number of seconds over 0"),
        ({"idle_timeout": float("inf")}, "idle_timeout is a number of seconds over 0"),
        ({"idle_timeout": float("nan")}, "idle_timeout is a number of seconds over 0"),
    ],
)
def test_wrong_options_are_one_line(options: dict[str, object], line: str) -> None:
    """Found when they are made, before anything is opened."""
    with pytest.raises(OptionError) as error:
        ServerOptions(**options)  # type: ignore[arg-type]  # wrong on purpose
    assert str(error.value).startswith(line)
    assert "two words" not in str(error.value)


def test_the_key_is_in_no_repr() -> None:
    """Options are printed when something is looked for."""
    assert KEY not in repr(ServerOptions(api_key=KEY))
