"""Encrypted endpoints, and proxies from the environment."""

import asyncio
import os
import sys
from pathlib import Path

import pytest
from support.endpoints.certificates import make_certificate
from support.endpoints.http_proxy import proxied
from support.endpoints.raw_peer import raw_peer
from support.endpoints.scripted_endpoint import served
from support.endpoints.socks_proxy import socks_proxied

from deeptone_tui.protocol import Greeting, StreamParameters
from deeptone_tui.session.connection import connect
from deeptone_tui.session.failures import ConnectionFailed, Failure
from deeptone_tui.session.target import Target

PARAMETERS = StreamParameters()
needs_openssl = pytest.mark.system("openssl")


async def failure(url: str) -> Failure:
    """Why a connection fails."""
    with pytest.raises(ConnectionFailed) as caught:
        await connect(Target(url, "hush"), PARAMETERS)
    return caught.value.failure


@needs_openssl
async def test_a_self_signed_certificate_is_refused_by_name(tmp_path: Path) -> None:
    """Verification is on; the line says which fault it is and what to do, and no retry helps."""
    certificate = make_certificate(tmp_path, "IP:127.0.0.1")
    async with served(tls=certificate.server()) as endpoint:
        refused = await failure(endpoint.url)
    assert "certificate of 127.0.0.1" in refused.words
    assert "self-signed certificate" in refused.words
    assert "SSL_CERT_FILE" in refused.words
    assert not refused.retry


@needs_openssl
@pytest.mark.parametrize(
    ("name", "advice"),
    [
        (None, "set SSL_CERT_FILE to trust your own authority"),
        ("missing.pem", "missing.pem, which is not there"),
        ("prose.pem", "prose.pem, which cannot be read, or holds no certificate"),
        ("other.pem", "other.pem, does not hold its authority"),
    ],
)
async def test_what_is_advised_knows_the_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str | None, advice: str
) -> None:
    """Who has set it to a file that is of no use is not told to set it."""
    certificate = make_certificate(tmp_path, "IP:127.0.0.1")
    (tmp_path / "prose.pem").write_text("not one")
    (tmp_path / "other.pem").write_bytes(certificate.pem.read_bytes())
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    if name is not None:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / name))
    async with served(tls=certificate.server()) as endpoint:
        assert (await failure(endpoint.url)).words.endswith(advice)


@needs_openssl
async def test_a_certificate_for_another_host_is_refused(tmp_path: Path) -> None:
    """Trusted, but of somebody else."""
    certificate = make_certificate(tmp_path, "DNS:other.example")
    async with served(tls=certificate.server()) as endpoint:
        with pytest.raises(ConnectionFailed) as caught:
            await connect(Target(endpoint.url), PARAMETERS, tls=certificate.client())
    assert "mismatch" in caught.value.failure.words
    assert "SSL_CERT_FILE" not in caught.value.failure.words  # which has nothing to do with it
    assert not caught.value.failure.retry


@needs_openssl
async def test_a_trusted_certificate_lets_the_greeting_through(tmp_path: Path) -> None:
    """The handshake, the websocket and a message, encrypted."""
    certificate = make_certificate(tmp_path, "IP:127.0.0.1")
    async with served(tls=certificate.server()) as endpoint:
        connection = await connect(Target(endpoint.url), PARAMETERS, tls=certificate.client())
        message = await connection.receive()
        await connection.abort()
    assert isinstance(message, Greeting)


async def test_an_endpoint_without_tls_is_told_from_a_bad_certificate() -> None:
    """The scheme was wrong."""
    async with served() as endpoint:
        refused = await failure(endpoint.url.replace("ws:", "wss:"))
    assert "does not speak TLS: try ws://" in refused.words
    assert not refused.retry


@needs_openssl
async def test_a_plain_connection_to_a_tls_port_is_said_in_words(tmp_path: Path) -> None:
    """The other way round, all there is to see is a connection that closes."""
    certificate = make_certificate(tmp_path, "IP:127.0.0.1")
    async with served(tls=certificate.server()) as endpoint:
        refused = await failure(endpoint.url.replace("wss:", "ws:"))
    assert "closed the connection during the handshake" in refused.words


@pytest.fixture
def not_local(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let 127.0.0.1 count as elsewhere, as no test may go there."""
    monkeypatch.setattr("deeptone_tui.session.connection._on_this_machine", lambda _url: False)
    for name in [each for each in os.environ if each.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("NETRC", os.devnull)


@needs_openssl
@pytest.mark.usefixtures("not_local")
async def test_wss_goes_through_a_connect_proxy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """https_proxy is asked for a tunnel, and never sees the key."""
    certificate = make_certificate(tmp_path, "IP:127.0.0.1")
    async with served(tls=certificate.server()) as endpoint, proxied() as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        target = Target(endpoint.url, "hush")
        connection = await connect(target, PARAMETERS, tls=certificate.client())
        message = await connection.receive()
        await connection.abort()
    assert isinstance(message, Greeting)
    assert proxy.requests == [f"CONNECT {endpoint.url[6:].removesuffix('/stream')}"]


@pytest.mark.usefixtures("not_local")
async def test_ws_goes_through_an_http_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """http_proxy is for ws:// what https_proxy is for wss://."""
    async with served() as endpoint, proxied() as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        connection = await connect(Target(endpoint.url), PARAMETERS)
        message = await connection.receive()
        await connection.abort()
    assert isinstance(message, Greeting)
    assert len(proxy.requests) == 1


@pytest.mark.usefixtures("not_local")
@pytest.mark.parametrize(
    ("status", "said", "retry"), [(407, "user and password", False), (502, "HTTP 502", True)]
)
async def test_a_proxy_that_refuses_is_to_blame(
    monkeypatch: pytest.MonkeyPatch, status: int, said: str, *, retry: bool
) -> None:
    """Not the endpoint, which was never reached."""
    async with proxied(status=status) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        refused = await failure("wss://endpoint.invalid/stream")
    assert refused.words.startswith("the proxy")
    assert said in refused.words
    assert refused.retry is retry


@pytest.mark.usefixtures("not_local")
async def test_a_proxy_that_is_not_there_is_named_without_its_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its address is enough."""
    monkeypatch.setenv("https_proxy", "http://user:secret@127.0.0.1:9")
    words = (await failure("wss://endpoint.invalid/stream")).words
    named = "the proxy of https_proxy (127.0.0.1:9)"
    assert words == f"{named} cannot be reached: connection refused"


@pytest.mark.usefixtures("not_local")
async def test_a_proxy_that_has_no_address_is_named_and_not_the_endpoint(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its name is the one that was looked up."""
    monkeypatch.setenv("ALL_PROXY", "nowhere.invalid:3128")
    missing = await failure("wss://endpoint.invalid/stream")
    assert missing.words == "the proxy of ALL_PROXY (nowhere.invalid:3128) could not be found"
    assert missing.retry


@pytest.mark.usefixtures("not_local")
async def test_a_variable_that_cannot_be_understood_is_not_gone_round(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The endpoint is there, and is not called."""
    monkeypatch.setenv("http_proxy", "http://proxy.invalid:notaport")
    async with served() as endpoint:
        refused = await failure(endpoint.url)
    assert refused.words.startswith("http_proxy: the port of the proxy")
    assert not endpoint.handshakes


@pytest.mark.usefixtures("not_local")
async def test_a_proxy_without_a_scheme_is_one_of_http(monkeypatch: pytest.MonkeyPatch) -> None:
    """As curl has it. User and password go to it in the header, with ws:// as with wss://."""
    async with served() as endpoint, proxied() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url.replace("http://", "us%40er:pass@"))
        connection = await connect(Target(endpoint.url), PARAMETERS)
        await connection.abort()
    assert len(proxy.requests) == 1
    assert b"Proxy-Authorization: Basic dXNAZXI6cGFzcw==" in proxy.heads[0]


@needs_openssl
@pytest.mark.usefixtures("not_local")
async def test_a_proxy_may_be_behind_tls_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then there is TLS in TLS, and what is for the proxy goes to the proxy alone."""
    certificate = make_certificate(tmp_path, "IP:127.0.0.1")
    async with (
        served(tls=certificate.server()) as endpoint,
        proxied(tls=certificate.server()) as proxy,
    ):
        monkeypatch.setenv("https_proxy", proxy.url.replace("//", "//user:pass@"))
        target = Target(endpoint.url, "hush")
        connection = await connect(target, PARAMETERS, tls=certificate.client())
        assert isinstance(await connection.receive(), Greeting)
        await connection.abort()
    assert b"Proxy-Authorization: Basic dXNlcjpwYXNz" in proxy.heads[0]
    assert b"hush" not in proxy.heads[0]
    assert "Proxy-Authorization" not in endpoint.handshakes[0].headers


@needs_openssl
@pytest.mark.usefixtures("not_local")
async def test_a_proxy_whose_certificate_is_not_trusted_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not the endpoint, whose certificate nobody has seen."""
    certificate = make_certificate(tmp_path, "IP:127.0.0.1")
    async with proxied(tls=certificate.server()) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        words = (await failure("wss://endpoint.invalid/stream")).words
    assert words.startswith("the certificate of the proxy of https_proxy (127.0.0.1:")
    assert "SSL_CERT_FILE" in words


@pytest.mark.usefixtures("not_local")
async def test_a_proxy_without_tls_is_told_from_an_endpoint_without(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The scheme of the variable was wrong, not the one of the address."""
    async with served() as plain:
        monkeypatch.setenv("https_proxy", plain.url.replace("ws:", "https:"))
        words = (await failure("wss://endpoint.invalid/stream")).words
    assert words.startswith("the proxy of https_proxy (127.0.0.1:")
    assert "try http:// instead" in words


@pytest.mark.usefixtures("not_local")
async def test_a_proxy_that_ends_the_handshake_is_not_called_without_tls(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No advice to go there in plain text: its alert says that it speaks another version."""

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(bytes.fromhex("15 0303 0002 02 46"))  # a fatal alert: protocol version
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        monkeypatch.setenv("https_proxy", f"https://{host}:{port}")
        found = await failure("wss://endpoint.invalid/stream")
    assert found.words.startswith("TLS with the proxy of https_proxy (127.0.0.1:")
    assert "protocol version" in found.words
    assert "http://" not in found.words
    assert found.retry


@pytest.mark.usefixtures("not_local")
@pytest.mark.parametrize("scheme", ["ws", "wss"])
@pytest.mark.parametrize("said", [b"", b"SSH-2.0-OpenSSH_9.6\r\n\r\n"])
async def test_what_may_be_either_ones_doing_names_both(
    monkeypatch: pytest.MonkeyPatch, scheme: str, said: bytes
) -> None:
    """A connection that closes, or that speaks no HTTP."""
    async with raw_peer(said) as peer:
        monkeypatch.setenv("all_proxy", peer)
        words = (await failure(f"{scheme}://endpoint.invalid/stream")).words
    assert "endpoint.invalid" in words
    assert words.endswith(f", through the proxy of all_proxy ({peer})")
    assert "unknown host" not in words


@pytest.mark.usefixtures("not_local")
async def test_a_proxy_may_say_when_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """As an endpoint may."""
    async with proxied(status=503, headers={"Retry-After": "7"}) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        assert (await failure("wss://endpoint.invalid/stream")).retry_after == 7.0


@pytest.mark.usefixtures("not_local")
async def test_without_its_package_a_socks_proxy_is_not_gone_round(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One line that names the variable, and what to install."""
    monkeypatch.setitem(sys.modules, "aiohttp_socks", None)
    monkeypatch.setenv("all_proxy", "socks5h://127.0.0.1:1080")
    async with served() as endpoint:
        refused = await failure(endpoint.url)
    assert refused.words == (
        "the proxy of all_proxy (127.0.0.1:1080) speaks SOCKS, which needs an extra:"
        " pip install 'deeptone-tui[socks]'"
    )
    assert not refused.retry
    assert not endpoint.handshakes


@pytest.mark.usefixtures("not_local")
@pytest.mark.parametrize("kind", ["socks5", "socks5h"])
async def test_a_socks_proxy_is_used(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """The name of the endpoint is looked up there, where the variable says so."""
    pytest.importorskip("aiohttp_socks")
    async with served() as endpoint, socks_proxied() as proxy:
        monkeypatch.setenv("all_proxy", f"{kind}://user:pass@{proxy.place}")
        url = endpoint.url.replace("127.0.0.1", "localhost")
        connection = await connect(Target(url), PARAMETERS)
        assert isinstance(await connection.receive(), Greeting)
        await connection.abort()
    assert proxy.asked == (["localhost"] if kind == "socks5h" else ["127.0.0.1"])


@pytest.mark.usefixtures("not_local")
async def test_a_socks_proxy_that_cannot_be_had_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not found, not there, or without a way to the endpoint."""
    pytest.importorskip("aiohttp_socks")
    for place, said in [
        ("nowhere.invalid", "could not be found"),
        ("127.0.0.1:9", "cannot be reached"),
    ]:
        monkeypatch.setenv("all_proxy", f"socks5h://user:secret@{place}")
        words = (await failure("wss://endpoint.invalid/stream")).words
        assert words.startswith("the proxy of all_proxy (")
        assert said in words
        assert "secret" not in words
    async with socks_proxied(refuses=True) as proxy:
        monkeypatch.setenv("all_proxy", f"socks5h://{proxy.place}")
        words = (await failure("wss://endpoint.invalid/stream")).words
    assert words.startswith(f"the proxy of all_proxy ({proxy.place}) makes no connection: ")


@pytest.mark.parametrize("variable", ["http_proxy", "HTTP_PROXY", "ALL_PROXY"])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0.0.0.0"])  # noqa: S104
async def test_this_machine_is_never_behind_a_proxy(
    monkeypatch: pytest.MonkeyPatch, host: str, variable: str
) -> None:
    """The local endpoint works whatever the environment says, and however it is spelled."""
    monkeypatch.setenv(variable, "ftp://nonsense")
    async with served() as endpoint:
        url = endpoint.url.replace("127.0.0.1", host)
        connection = await connect(Target(url), PARAMETERS)
        await connection.abort()
    assert len(endpoint.handshakes) == 1
