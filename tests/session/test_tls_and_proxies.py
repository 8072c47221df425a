"""Encrypted endpoints, and proxies from the environment."""

import asyncio
import os
import sys
from pathlib import Path

import pytest
from support.endpoints.certificates import Certificate, make_certificate
from support.endpoints.http_proxy import proxied
from support.endpoints.raw_peer import raw_peer
from support.endpoints.scripted_endpoint import served
from support.endpoints.socks_proxy import socks_proxied
from support.sessions.connected import connected, failure_of

from deeptone_tui.protocol import Greeting

ENDPOINT = "wss://endpoint.invalid/stream"
NEEDS_EXTRA = "needs an extra: pip install 'deeptone-tui[socks]'"
needs_openssl = pytest.mark.system("openssl")


@pytest.fixture(autouse=True)
def not_local(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let 127.0.0.1 count as elsewhere, as no test may go there."""
    monkeypatch.setattr("deeptone_tui.session.connection._on_this_machine", lambda _url: False)
    for name in [each for each in os.environ if each.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("NETRC", os.devnull)


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    """For this machine."""
    return make_certificate(tmp_path, "IP:127.0.0.1")


@needs_openssl
async def test_a_self_signed_certificate_is_refused_by_name(certificate: Certificate) -> None:
    """Verification is on; the line says which fault it is and what to do, and no retry helps."""
    async with served(tls=certificate.server()) as endpoint:
        refused = await failure_of(endpoint.url)
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
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    certificate: Certificate,
    name: str | None,
    advice: str,
) -> None:
    """Who has set it to a file that is of no use is not told to set it."""
    (tmp_path / "prose.pem").write_text("not one")
    (tmp_path / "other.pem").write_bytes(certificate.pem.read_bytes())
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    if name is not None:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / name))
    async with served(tls=certificate.server()) as endpoint:
        assert (await failure_of(endpoint.url)).words.endswith(advice)


@needs_openssl
async def test_a_certificate_for_another_host_is_refused(tmp_path: Path) -> None:
    """Trusted, but of somebody else."""
    certificate = make_certificate(tmp_path, "DNS:other.example")
    async with served(tls=certificate.server()) as endpoint:
        refused = await failure_of(endpoint.url, tls=certificate.client())
    assert "mismatch" in refused.words
    assert "SSL_CERT_FILE" not in refused.words  # which has nothing to do with it
    assert not refused.retry


@needs_openssl
async def test_a_trusted_certificate_lets_the_greeting_through(certificate: Certificate) -> None:
    """The handshake, the websocket and a message, encrypted."""
    async with (
        served(tls=certificate.server()) as endpoint,
        connected(endpoint.url, tls=certificate.client()) as connection,
    ):
        assert isinstance(await connection.receive(), Greeting)


async def test_an_endpoint_without_tls_is_told_from_a_bad_certificate() -> None:
    """The scheme was wrong."""
    async with served() as endpoint:
        refused = await failure_of(endpoint.url.replace("ws:", "wss:"))
    assert "does not speak TLS: try ws://" in refused.words
    assert not refused.retry


@needs_openssl
async def test_a_plain_connection_to_a_tls_port_is_said_in_words(certificate: Certificate) -> None:
    """The other way round, all there is to see is a connection that closes."""
    async with served(tls=certificate.server()) as endpoint:
        refused = await failure_of(endpoint.url.replace("wss:", "ws:"))
    assert "closed the connection during the handshake" in refused.words


@needs_openssl
async def test_wss_goes_through_a_connect_proxy(
    certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """https_proxy is asked for a tunnel, and never sees the key."""
    async with served(tls=certificate.server()) as endpoint, proxied() as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        async with connected(endpoint.url, tls=certificate.client()) as connection:
            assert isinstance(await connection.receive(), Greeting)
    assert proxy.requests == [f"CONNECT {endpoint.url[6:].removesuffix('/stream')}"]


async def test_ws_goes_through_an_http_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a scheme, as curl has it; user and password go to it in the header."""
    async with served() as endpoint, proxied() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url.replace("http://", "us%40er:pass@"))
        async with connected(endpoint.url) as connection:
            assert isinstance(await connection.receive(), Greeting)
    assert len(proxy.requests) == 1
    assert b"Proxy-Authorization: Basic dXNAZXI6cGFzcw==" in proxy.heads[0]


async def test_netrc_is_for_the_endpoint_and_for_the_proxy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each by its own name; but what the variable says of the proxy goes first."""
    (tmp_path / "logins").write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "logins"))
    async with served() as endpoint, proxied() as proxy:
        for address in (proxy.url, proxy.url.replace("//", "//user:pass@")):
            monkeypatch.setenv("http_proxy", address)
            async with connected(endpoint.url):
                pass
    mine, named = b"Basic bWU6c2VjcmV0", b"Basic dXNlcjpwYXNz"
    assert b"\nAuthorization: " + mine in proxy.heads[0]
    assert b"Proxy-Authorization: " + mine in proxy.heads[0]
    assert b"Proxy-Authorization: " + named in proxy.heads[1]


@pytest.mark.parametrize(
    ("status", "said", "retry", "retry_after"),
    [
        (407, "user and password", False, 0.0),
        (502, "HTTP 502", True, 0.0),
        (503, "HTTP 503", True, 7.0),
    ],
)
async def test_a_proxy_that_refuses_is_to_blame(
    monkeypatch: pytest.MonkeyPatch, status: int, said: str, retry: bool, retry_after: float
) -> None:
    """Not the endpoint, which was never reached; and it may say when to come again."""
    headers = {"Retry-After": "7"} if retry_after else {}
    async with proxied(status=status, headers=headers) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        refused = await failure_of(ENDPOINT)
    assert refused.words.startswith("the proxy")
    assert said in refused.words
    assert (refused.retry, refused.retry_after) == (retry, retry_after)


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("https_proxy", "http://user:secret@127.0.0.1:9", "(127.0.0.1:9) cannot be reached: conn"),
        ("ALL_PROXY", "nowhere.invalid:3128", "(nowhere.invalid:3128) could not be found"),
        ("all_proxy", "socks5h://user:secret@127.0.0.1:9", "(127.0.0.1:9) cannot be reached"),
        ("all_proxy", "socks5h://user:secret@nowhere.invalid", "invalid:1080) could not be found"),
    ],
)
async def test_a_proxy_that_cannot_be_had_is_named_without_its_password(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, words: str
) -> None:
    """Not found, or not there; its name is the one that was looked up, not the endpoint's."""
    if "socks" in value:
        pytest.importorskip("aiohttp_socks")
    monkeypatch.setenv(variable, value)
    missing = await failure_of(ENDPOINT)
    assert missing.words.startswith(f"the proxy of {variable} (")
    assert words in missing.words
    assert "secret" not in missing.words
    assert missing.retry


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("http_proxy", "http://proxy.invalid:notaport", "http_proxy: the port of the proxy"),
        (
            "all_proxy",
            "socks5h://127.0.0.1:1080",
            f"the proxy of all_proxy (127.0.0.1:1080) speaks SOCKS, which {NEEDS_EXTRA}",
        ),
    ],
    ids=["no port", "no package for SOCKS"],
)
async def test_a_proxy_that_cannot_be_used_is_not_gone_round(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, words: str
) -> None:
    """The endpoint is there, and is not called."""
    monkeypatch.setitem(sys.modules, "aiohttp_socks", None)
    monkeypatch.setenv(variable, value)
    async with served() as endpoint:
        refused = await failure_of(endpoint.url)
    assert refused.words.startswith(words)
    assert not refused.retry
    assert not endpoint.handshakes


@needs_openssl
async def test_a_proxy_may_be_behind_tls_itself(
    certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then there is TLS in TLS, and what is for the proxy goes to the proxy alone."""
    async with (
        served(tls=certificate.server()) as endpoint,
        proxied(tls=certificate.server()) as proxy,
    ):
        monkeypatch.setenv("https_proxy", proxy.url.replace("//", "//user:pass@"))
        async with connected(endpoint.url, tls=certificate.client()) as connection:
            assert isinstance(await connection.receive(), Greeting)
    assert b"Proxy-Authorization: Basic dXNlcjpwYXNz" in proxy.heads[0]
    assert b"hush" not in proxy.heads[0]
    assert "Proxy-Authorization" not in endpoint.handshakes[0].headers


@needs_openssl
async def test_a_proxy_whose_certificate_is_not_trusted_is_named(
    certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not the endpoint, whose certificate nobody has seen."""
    async with proxied(tls=certificate.server()) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        words = (await failure_of(ENDPOINT)).words
    assert words.startswith("the certificate of the proxy of https_proxy (127.0.0.1:")
    assert "SSL_CERT_FILE" in words


async def test_a_proxy_without_tls_is_told_from_an_endpoint_without(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The scheme of the variable was wrong, not the one of the address."""
    async with served() as plain:
        monkeypatch.setenv("https_proxy", plain.url.replace("ws:", "https:"))
        words = (await failure_of(ENDPOINT)).words
    assert words.startswith("the proxy of https_proxy (127.0.0.1:")
    assert "try http:// instead" in words


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
        found = await failure_of(ENDPOINT)
    assert found.words.startswith("TLS with the proxy of https_proxy (127.0.0.1:")
    assert "protocol version" in found.words
    assert "http://" not in found.words
    assert found.retry


@pytest.mark.parametrize("scheme", ["ws", "wss"])
@pytest.mark.parametrize("said", [b"", b"SSH-2.0-OpenSSH_9.6\r\n\r\n"])
async def test_what_may_be_either_ones_doing_names_both(
    monkeypatch: pytest.MonkeyPatch, scheme: str, said: bytes
) -> None:
    """A connection that closes, or that speaks no HTTP."""
    async with raw_peer(said) as peer:
        monkeypatch.setenv("all_proxy", peer)
        words = (await failure_of(f"{scheme}://endpoint.invalid/stream")).words
    assert "endpoint.invalid" in words
    assert words.endswith(f", through the proxy of all_proxy ({peer})")
    assert "unknown host" not in words


@pytest.mark.parametrize("kind", ["socks5", "socks5h"])
async def test_a_socks_proxy_is_used(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """The name of the endpoint is looked up there, where the variable says so."""
    pytest.importorskip("aiohttp_socks")
    async with served() as endpoint, socks_proxied() as proxy:
        monkeypatch.setenv("all_proxy", f"{kind}://user:pass@{proxy.place}")
        async with connected(endpoint.url.replace("127.0.0.1", "localhost")) as connection:
            assert isinstance(await connection.receive(), Greeting)
    assert proxy.asked == (["localhost"] if kind == "socks5h" else ["127.0.0.1"])


async def test_a_socks_proxy_that_makes_no_connection_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without a way to the endpoint."""
    pytest.importorskip("aiohttp_socks")
    async with socks_proxied(refuses=True) as proxy:
        monkeypatch.setenv("all_proxy", f"socks5h://{proxy.place}")
        words = (await failure_of(ENDPOINT)).words
    assert words.startswith(f"the proxy of all_proxy ({proxy.place}) makes no connection: ")
