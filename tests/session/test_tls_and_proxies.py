"""Encrypted endpoints, and proxies from the environment."""

from pathlib import Path

import pytest
from support.certificates import make_certificate
from support.http_proxy import proxied
from support.scripted_endpoint import served

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
async def test_a_certificate_for_another_host_is_refused(tmp_path: Path) -> None:
    """Trusted, but of somebody else."""
    certificate = make_certificate(tmp_path, "DNS:other.example")
    async with served(tls=certificate.server()) as endpoint:
        with pytest.raises(ConnectionFailed) as caught:
            await connect(Target(endpoint.url), PARAMETERS, tls=certificate.client())
    assert "mismatch" in caught.value.failure.words
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
    for name in ("no_proxy", "NO_PROXY", "http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)


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
    assert words == "the proxy 127.0.0.1:9 cannot be reached"


async def test_this_machine_is_never_behind_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The local endpoint works whatever the environment says."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    async with served() as endpoint:
        connection = await connect(Target(endpoint.url), PARAMETERS)
        await connection.abort()
    assert len(endpoint.handshakes) == 1
