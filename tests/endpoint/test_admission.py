"""Who may stream, and with which parameters."""

import asyncio
import json

import pytest
from aiohttp import WSServerHandshakeError
from support.endpoints.served_endpoint import hear, served

from deeptone_tui.endpoint.server.acceptor import HANDSHAKE_HEADERS
from deeptone_tui.endpoint.server.stream import admits

KEY = "correct-horse_battery~staple"
NO_KEY = "no API key: send it as header X-Api-Key or as parameter api_key"
WRONG_KEY = "the API key is wrong"
OFFERED = "does not run here; these do: speech-rt, speech, gender"


@pytest.mark.parametrize(
    ("headers", "query"),
    [
        ({"x-api-KEY": KEY}, ""),
        ({}, f"api_key={KEY}"),
        ({"X-Api-Key": KEY}, "api_key=wrong"),
    ],
)
async def test_the_right_key_opens(headers: dict[str, str], query: str) -> None:
    """By header in any case, or by parameter; the header wins."""
    async with served(api_key=KEY) as server:
        assert (await server.answers(query=query, headers=headers)).code == 1000


@pytest.mark.parametrize(
    ("headers", "query", "line"),
    [
        ({}, "", NO_KEY),
        ({"X-Api-Key": KEY + "x"}, "", WRONG_KEY),
        ({"X-Api-Key": KEY[:-1]}, "", WRONG_KEY),
        ({"X-Api-Key": ""}, f"api_key={KEY}", WRONG_KEY),
        ({}, "api_key=wrong", WRONG_KEY),
        ({}, "api_key=", WRONG_KEY),
        ({}, f"api_key=wrong&api_key={KEY}", WRONG_KEY),
        ({}, f"API_KEY={KEY}", NO_KEY),
    ],
)
async def test_any_other_key_is_turned_away(headers: dict[str, str], query: str, line: str) -> None:
    """The handshake fails with 401, and its body says why."""
    async with served(api_key=KEY) as server:
        with pytest.raises(WSServerHandshakeError) as refusal:
            await server.connect(query, headers=headers)
        assert refusal.value.status == 401
        ended = await server.next_ended()
        assert ended.reason == f"refused: {line}"
        upgrade = {
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        }
        url = server.stream.replace("ws:", "http:")
        async with server.session.get(f"{url}?{query}", headers=headers | upgrade) as answer:
            body = await answer.text()
    assert json.loads(body) == {"message_type": "error", "message": line}
    assert KEY not in body


async def test_a_key_that_is_not_text_is_turned_away() -> None:
    """Bytes that are no UTF-8 must not become an internal error."""
    assert not admits(KEY, "\udcff\udc80")


@pytest.mark.parametrize("name", HANDSHAKE_HEADERS)
async def test_a_handshake_that_is_not_text_is_refused(name: str) -> None:
    """Bytes that are no UTF-8 must not become an internal error, in any of its headers."""
    good = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    good["Sec-WebSocket-Key"] = "dGhlIHNhbXBsZSBub25jZQ=="
    lines = [f"{each}: {value}".encode() for each, value in good.items() if each != name]
    lines += [
        b"Host: 127.0.0.1",
        name.encode() + b": " + good.get(name, "x").encode() + b", \xed\xa0\x80",
    ]
    async with served() as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"GET /stream HTTP/1.1\r\n" + b"\r\n".join(lines) + b"\r\n\r\n")
        answer = await reader.read()
        writer.close()
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert f"the header {name} is not ASCII".encode() in answer


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ("", {"X-Api-Key": "any"}),
        ("", {"Origin": "null"}),
        ("", {"Origin": "https://example.org"}),
        ("channel=0&include_summary=true", {}),
    ],
)
async def test_what_does_not_matter_keeps_nobody_out(query: str, headers: dict[str, str]) -> None:
    """A key where none is set, as the documentation's clients send it, and what newer ones add.

    Nor a page of any origin: the documentation's is opened as a file.
    """
    async with served() as server:
        assert (await server.answers(query=query, headers=headers)).code == 1000


@pytest.mark.parametrize(
    ("query", "line"),
    [
        ("output_period=100", "output_period 100 is not allowed"),
        ("output_period=", "output_period '' is not allowed"),
        ("volume_threshold=nan", "volume_threshold nan is not allowed"),
        ("models=", "models is empty"),
        ("models=speech,", "models '' is not allowed"),
        ("include_raw_values=maybe", "include_raw_values maybe is not allowed"),
        ("sample_rate=1000", "sample_rate 1000 is not allowed"),
        ("output_period=64&output_period=128", "output_period is given more than once"),
        ("models=speech,language", f"model language {OFFERED}"),
        ("x=" + "y" * 3000, "the query has 3002 characters, the limit is 2048"),
    ],
)
async def test_a_wrong_parameter_is_answered_by_an_error_and_1008(query: str, line: str) -> None:
    """In one line that names the parameter; nothing is analysed."""
    async with served() as server, server.connect(query) as socket:
        heard = await hear(socket)
        ended = await server.next_ended()
        assert server.engine.analyses == []
    assert [message["message_type"] for message in heard.messages] == ["error"]
    assert heard.error.startswith(line)
    assert "\n" not in heard.error
    assert heard.code == 1008
    assert heard.reason
    assert heard.error.startswith(heard.reason)
    assert ended.reason == f"refused: {heard.error}"


async def test_the_error_reaches_a_client_that_is_already_sending() -> None:
    """A reset in place of the error would leave its user guessing."""
    async with served() as server, server.connect("output_period=7") as socket:
        for _ in range(50):
            await socket.send_bytes(bytes(65_536))
        heard = await hear(socket)
    assert heard.error.startswith("output_period 7")
    assert heard.code == 1008


@pytest.mark.parametrize("path", ["/", "/stream/", "/streams", "/v2/stream"])
async def test_other_addresses_are_no_streams(path: str) -> None:
    """A wrong path is an HTTP error, not a stream that never answers."""
    async with served() as server:
        with pytest.raises(WSServerHandshakeError) as refusal:
            await server.session.ws_connect(f"ws://127.0.0.1:{server.port}{path}")
    assert refusal.value.status in (200, 404)


async def test_the_stream_without_a_websocket_says_what_it_is() -> None:
    """Somebody may open it in a browser."""
    async with (
        served() as server,
        server.session.get(server.stream.replace("ws:", "http:")) as answer,
    ):
        assert answer.status == 426
        assert answer.headers["Upgrade"] == "websocket"
        assert (await answer.json())["message"] == "this address speaks websocket only"
