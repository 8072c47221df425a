"""A websocket over real sockets: opened, refused, limited, closed."""

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator
from email.utils import formatdate

import pytest
from aiohttp import ClientSession, RequestInfo, WSMsgType, WSServerHandshakeError
from faults.proxy import proxied
from multidict import CIMultiDict, CIMultiDictProxy
from support.endpoints.raw_peer import raw_peer
from support.endpoints.scripted_endpoint import Peer, Refusal, served
from support.sessions.connected import PARAMETERS, connected, failure_of
from support.time.waiting import until
from yarl import URL

from deeptone_tui.protocol import (
    Answer,
    ErrorReported,
    Greeting,
    ResultsReceived,
    Step,
    UnknownReceived,
)
from deeptone_tui.session.causes import failure_of as classified
from deeptone_tui.session.connection import Connection, ConnectionOptions
from deeptone_tui.session.interfaces import LinkClosed
from deeptone_tui.session.target import Target

REPEATING = """{"message_type":"results","results":{"channels":{"hush":{"timestamp":0,
    "results":{"hush-model":{"result":"is hu\\u0073h","confidence":0.5,"speaker_top":"hush"}},
    "raw":{"m":{"hush class":1}}}}}}"""
"""A result of an endpoint that says the key ``hush`` wherever it can."""


@pytest.fixture
async def free_port() -> AsyncIterator[int]:
    """A port where nothing listens."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


async def test_the_key_goes_into_the_header_and_nowhere_else() -> None:
    """The query holds the parameters, commas as they are, and no key."""
    async with served() as endpoint, connected(endpoint.url):
        pass
    request = endpoint.handshakes[0]
    assert request.headers["X-Api-Key"] == "hush"
    assert "hush" not in str(request.url)
    assert request.query_string == PARAMETERS.to_query()
    assert "speech-rt,gender" in request.query_string


async def test_an_address_keeps_the_query_it_came_with() -> None:
    """A tenant or token of another service stays in front of the parameters."""
    async with served() as endpoint, connected(f"{endpoint.url}?tenant=a"):
        pass
    assert endpoint.handshakes[0].query_string == f"tenant=a&{PARAMETERS.to_query()}"


async def test_retry_after_reaches_who_retries() -> None:
    """The header's seconds come with the failure."""
    async with served(Refusal(503, {"Retry-After": "7"})) as endpoint:
        assert (await failure_of(endpoint.url)).retry_after == 7.0


def test_a_date_to_come_again_goes_by_our_clock_where_the_endpoint_tells_no_other() -> None:
    """A Date header may be missing."""
    headers = CIMultiDict({"Retry-After": formatdate(time.time() + 100, usegmt=True)})
    request = RequestInfo(URL("http://host/"), "GET", CIMultiDictProxy(CIMultiDict()), URL())
    refused = WSServerHandshakeError(request, (), status=503, headers=headers)
    assert 90 < classified(refused, Target("ws://host/stream")).retry_after <= 100


async def test_a_redirect_does_not_carry_the_key_elsewhere() -> None:
    """The other address is named, without being called."""
    async with served() as elsewhere:
        place = elsewhere.url.replace("ws:", "http:")
        async with served(Refusal(307, {"Location": f"{place}?x=1"})) as endpoint:
            words = (await failure_of(endpoint.url)).words
    assert place in words
    assert "x=1" not in words
    assert not elsewhere.handshakes


@pytest.mark.parametrize("headers", [{"Location": "http://[::1"}, {"Location": ""}, {}])
async def test_a_redirect_to_no_address_is_one_all_the_same(headers: dict[str, str]) -> None:
    """Not an error of a library."""
    async with served(Refusal(302, headers)) as endpoint:
        words = (await failure_of(endpoint.url)).words
    assert words.endswith((" redirects without saying where", "endpoint (HTTP 302)"))


async def test_a_refused_connection_names_where(free_port: int) -> None:
    """Nothing listens there."""
    words = (await failure_of(f"ws://127.0.0.1:{free_port}/stream")).words
    assert words == f"connection refused: nothing listens at 127.0.0.1:{free_port}"


async def test_an_unknown_host_is_named() -> None:
    """The name has no address; the port is not to blame."""
    words = (await failure_of("ws://nowhere.invalid:99/stream")).words
    assert words == "unknown host: nowhere.invalid"


@pytest.mark.parametrize("host", ["xn--a", "voice\u200d.example", "a" * 70 + ".example", "a..b"])
async def test_a_host_that_a_library_refuses_is_a_connection_that_failed(host: str) -> None:
    """As it may be pasted from a chat; whatever is raised over it."""
    await failure_of(f"ws://{host}/stream")


async def test_what_nobody_has_foreseen_is_a_connection_that_failed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With the kind of the error, and without the key that its text may hold."""

    async def raising(*_: object, **__: object) -> None:
        raise LookupError("hush was not expected")

    monkeypatch.setattr(ClientSession, "ws_connect", raising)
    assert "LookupError" in (await failure_of("ws://127.0.0.1:1/stream")).words


async def test_a_peer_that_accepts_and_hangs_runs_into_the_timeout() -> None:
    """Nothing comes back."""
    async with raw_peer() as peer:
        brief = ConnectionOptions(connect_timeout=0.2)
        words = (await failure_of(f"ws://{peer}/stream", brief)).words
    assert words == f"no answer from {peer}"


async def test_a_peer_that_closes_at_once_is_no_endpoint() -> None:
    """A line, and no exception of the library."""
    async with raw_peer(b"") as peer:
        assert peer in (await failure_of(f"ws://{peer}/stream")).words


async def test_whatever_an_endpoint_says_the_key_is_not_in_it() -> None:
    """A greeting by name, a message of an unknown kind, a plain sentence: all are shown."""

    async def script(peer: Peer) -> None:
        await peer.greet(message="welcome, hush")
        await peer.socket.send_str('{"message_type":"quota hush","message":"hush has 3 left"}')
        await peer.socket.send_str("hush was here")
        await peer.socket.send_str(REPEATING)
        await peer.complain("x" * 990 + " hush")
        await peer.socket.close(code=4000, message=b"goodbye, hush")

    async with served(script) as endpoint, connected(endpoint.url) as connection:
        got = [await connection.receive() for _ in range(6)]
    answer = Answer("is ***", 0.5, {"speaker_top": "***"})
    assert got == [
        Greeting("welcome, ***", end_of_audio=True),
        UnknownReceived("quota ***", "*** has 3 left"),
        UnknownReceived(None, "*** was here"),
        ResultsReceived((Step(0.0, {"***-model": answer}, {"m": {"*** class": 1.0}}, "***"),)),
        ErrorReported("x" * 990 + " ***"),
        LinkClosed(4000, "goodbye, ***"),
    ]


@pytest.mark.parametrize("url", ["ws://{peer}/stream?x=QUERYSECRET", "ws://me:PASSWORD@{peer}/s"])
async def test_no_secret_of_an_address_is_told_by_a_library(url: str) -> None:
    """A library puts the whole address into the error of a peer that speaks no HTTP."""
    async with raw_peer(b"SSH-2.0-OpenSSH_9.6\r\n\r\n") as peer:
        words = (await failure_of(url.format(peer=peer))).words
        assert words == f"{peer} does not answer as an HTTP server does (bad status line)"


async def test_an_endpoint_that_goes_on_talking_does_not_hold_up_the_end() -> None:
    """It never answers the goodbye; whoever receives meanwhile is told of the end all the same."""

    async def script(peer: Peer) -> None:
        while not peer.socket.closed:
            await peer.greet()
            await asyncio.sleep(0)

    async def receive(connection: Connection) -> None:
        while not isinstance(await connection.receive(), LinkClosed):
            pass

    async with served(script) as endpoint, asyncio.timeout(10):
        for turns in range(20, 30):  # in one of them, a message comes just then
            async with connected(endpoint.url) as connection:
                receiving = asyncio.ensure_future(receive(connection))
                for _ in range(turns):
                    await asyncio.sleep(0)
                await connection.close()
                await receiving


async def test_a_reset_is_an_end_without_a_code() -> None:
    """1006, as the standard calls it."""

    async def script(peer: Peer) -> None:
        peer.reset()

    async with served(script) as endpoint, connected(endpoint.url) as connection:
        closed = await connection.receive()
    assert isinstance(closed, LinkClosed)
    assert closed.code == 1006


@pytest.mark.parametrize(
    ("frame", "fault"),
    [
        (b"\xc1\x01x", "received frame with non-zero reserved bits"),
        (b"\x81\x02\xff\xfe", "invalid UTF-8 text message"),
        (b"\x81\x7f" + (4 * 2**20 + 10).to_bytes(8, "big"), "message size 4194314 exceeds"),
        (b"\x81\x7f" + b"\xff" * 8, "exceeds limit 4194304"),
        (b"\x80\x01x", "continuation frame for non started message"),
        (b"\x01\x01x\x81\x01x", "the opcode in non-fin frame is expected to be zero"),
        (b"\x83\x01x", "unexpected opcode=3"),
        (b"\x09\x01x", "received fragmented control frame"),
        (b"\x89\x7e\x00\x80", "control frame payload cannot be larger than 125 bytes"),
        (b"\x88\x02\x03\xed", "invalid close code: 1005"),
        (b"\x88\x01\x03", "invalid close frame"),
        (b"\x88\x04\x03\xe8\xff\xfe", "invalid UTF-8"),
    ],
)
async def test_a_frame_against_the_rules_is_not_a_word_of_the_endpoint(
    frame: bytes, fault: str
) -> None:
    """What came before it still counts; the end is one without a close frame, and says why."""

    async def script(peer: Peer) -> None:
        await peer.greet()
        peer.transport.write(frame)
        await peer.listen()

    async with served(script) as endpoint, connected(endpoint.url) as connection:
        assert isinstance(await connection.receive(), Greeting)
        closed = await asyncio.wait_for(connection.receive(), 5)
    assert isinstance(closed, LinkClosed)
    assert closed.malformed
    assert closed.code == 1006
    assert fault in closed.reason


async def stuff(connection: Connection) -> int:
    """Fill a connection to a peer that does not read until ``send`` waits; bytes it took."""
    taken = 0
    with contextlib.suppress(TimeoutError):
        while taken < 100 * 32_768:
            await asyncio.wait_for(connection.send(bytes(32_768)), 0.5)
            taken += 32_768
    return taken


async def deaf(peer: Peer) -> None:
    """Never reads."""
    peer.transport.pause_reading()
    inside: socket.socket = peer.transport.get_extra_info("socket")
    inside.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32_768)
    await asyncio.sleep(60)


async def test_little_audio_hides_before_a_peer_that_does_not_read() -> None:
    """Sending waits while only seconds are under way, and ends at once when told to."""
    async with served(deaf) as endpoint, connected(endpoint.url) as connection:
        taken = await stuff(connection)
        begun = asyncio.get_running_loop().time()
        await connection.abort()
        assert asyncio.get_running_loop().time() - begun < 0.5
    # Our share is 64 KiB here and 64 KiB in the kernel; the rest waits at the peer.
    assert taken < 32_000 * 20


async def test_a_goodbye_to_a_peer_that_does_not_read_is_bounded() -> None:
    """Even the close frame finds no room."""
    async with served(deaf) as endpoint, connected(endpoint.url) as connection:
        await stuff(connection)
        await asyncio.wait_for(connection.close(), 3)


async def test_a_peer_that_vanishes_is_noticed_by_the_heartbeat() -> None:
    """No answer to a ping ends the connection, and says so."""
    brief = ConnectionOptions(heartbeat=0.2)
    async with served(deaf) as endpoint, connected(endpoint.url, options=brief) as connection:
        closed = await asyncio.wait_for(connection.receive(), 5)
    assert closed == LinkClosed(1006, "no answer to a ping")


async def test_pings_without_end_hide_no_message_and_are_answered() -> None:
    """The newest at least; what comes among them is received."""
    answered = asyncio.Event()

    async def pinging(peer: Peer) -> None:
        peer.socket._autoping = False
        for _ in range(5000):
            await peer.socket.ping(b"again")
        await peer.greet()
        while (await peer.socket.receive()).type is not WSMsgType.PONG:
            pass
        answered.set()

    async with served(pinging) as endpoint, connected(endpoint.url) as connection:
        assert isinstance(await asyncio.wait_for(connection.receive(), 20), Greeting)
        await asyncio.wait_for(answered.wait(), 20)


async def test_a_half_closed_connection_that_empties_by_itself_can_be_let_go() -> None:
    """The end came while audio waited; that goes out, the transport is gone, and nobody minds."""
    async with (
        served() as endpoint,
        proxied(endpoint.url) as proxy,
        connected(proxy.url) as connection,
    ):
        assert isinstance(await connection.receive(), Greeting)
        proxy.line.change(stalled=True)
        sending = asyncio.ensure_future(connection.send(bytes(1_000_000)))
        await until(lambda: connection.congested)
        proxy.half_close()
        await until(connection._websocket.transport.is_closing)
        proxy.heal()
        assert isinstance(await connection.receive(), LinkClosed)
        await connection.abort()
        await asyncio.gather(sending, return_exceptions=True)


@pytest.mark.parametrize("variable", ["http_proxy", "HTTP_PROXY", "ALL_PROXY"])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0.0.0.0"])  # noqa: S104
async def test_this_machine_is_never_behind_a_proxy(
    monkeypatch: pytest.MonkeyPatch, host: str, variable: str
) -> None:
    """The local endpoint works whatever the environment says, and however it is spelled."""
    monkeypatch.setenv(variable, "ftp://nonsense")
    async with served() as endpoint, connected(endpoint.url.replace("127.0.0.1", host)):
        pass
    assert len(endpoint.handshakes) == 1
