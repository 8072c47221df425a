"""Proxy and logins of the environment: which ones, and what is said of what cannot be."""

import os
from pathlib import Path

import pytest

from deeptone_tui.session.failures import ConnectionFailed
from deeptone_tui.session.proxies import (
    LONGEST_NETRC_BYTES,
    Proxy,
    fault_of,
    login_for,
    proxy_for,
    read_proxy,
)

PLAIN = "ws://voice.example.net/stream"
SECURE = "wss://voice.example.net/stream"


@pytest.mark.parametrize(
    ("value", "scheme", "place"),
    [
        ("127.0.0.1:3128", "http", "127.0.0.1:3128"),
        ("proxy.example", "http", "proxy.example:80"),
        ("user:pass@proxy.example:3128", "http", "proxy.example:3128"),
        (" http://proxy.example:3128/ ", "http", "proxy.example:3128"),
        ("HTTP://Proxy.example:3128", "http", "proxy.example:3128"),
        ("https://proxy.example", "https", "proxy.example:443"),
        ("socks5://proxy.example", "socks5", "proxy.example:1080"),
        ("socks5h://proxy.example:9050", "socks5h", "proxy.example:9050"),
        ("socks4a://proxy.example", "socks4a", "proxy.example:1080"),
        ("socks://proxy.example", "socks4", "proxy.example:1080"),
        ("http://[2001:db8::1]:3128", "http", "[2001:db8::1]:3128"),
        ("[::1]:3128", "http", "[::1]:3128"),
    ],
)
def test_what_names_a_proxy(value: str, scheme: str, place: str) -> None:
    """As for curl: without a scheme it is one of HTTP."""
    proxy = read_proxy("HTTP_PROXY", value.strip())
    assert (proxy.scheme, proxy.place) == (scheme, place)
    assert proxy.name == f"the proxy of HTTP_PROXY ({place})"


def test_user_and_password_are_used_and_never_shown() -> None:
    """Percent signs and more than one @ included."""
    proxy = read_proxy("https_proxy", "http://us%40er:p@ss%3A%2F@proxy.example:1")
    assert (proxy.user, proxy.password) == ("us@er", "p@ss:/")
    assert "us@er" not in f"{proxy!r} {proxy.name}"
    assert "p@ss" not in f"{proxy!r} {proxy.name}"


@pytest.mark.parametrize(
    "value",
    [
        *("://", "http://", "http://[::1", "http://:3128", "ftp://proxy.example:21"),
        *("http://proxy.example:notaport", "http://:99999", "http://proxy.example:99999"),
        *("http://proxy.example:0", "http://\x01:1", "http://%zz:1", "http://a b:1"),
        *("http://user:SECRET/x@proxy.example:1", "http://user:SE#CRET@proxy.example:1"),
        *("http://user:SECRET@proxy.example:port", "user:SECRET?@proxy.example:1"),
        *("http://proxy\u202e.example:1", "http://proxy\udcff.example:1", "http:proxy:3128"),
    ],
)
def test_one_that_cannot_be_is_told_by_its_variable(value: str) -> None:
    """Once, as no retry helps, and without what stands in it: that may be a password."""
    with pytest.raises(ConnectionFailed) as caught:
        read_proxy("HTTP_PROXY", value)
    failure = caught.value.failure
    assert failure.words.startswith("HTTP_PROXY")
    assert not failure.retry
    assert "SECRET" not in failure.words
    assert failure.words.isprintable()


@pytest.mark.parametrize(
    ("url", "environment", "variable"),
    [
        (PLAIN, {"http_proxy": "a", "HTTP_PROXY": "b"}, "http_proxy"),
        (PLAIN, {"HTTP_PROXY": "b", "https_proxy": "c"}, "HTTP_PROXY"),
        (PLAIN, {"http_proxy": " ", "HTTP_PROXY": "b"}, "HTTP_PROXY"),
        (PLAIN, {"Http_Proxy": "b"}, "Http_Proxy"),
        (PLAIN, {"ws_proxy": "a", "http_proxy": "b"}, "ws_proxy"),
        (PLAIN, {"https_proxy": "a"}, None),
        (SECURE, {"http_proxy": "a", "HTTPS_PROXY": "b"}, "HTTPS_PROXY"),
        (SECURE, {"all_proxy": "a", "https_proxy": "b"}, "https_proxy"),
        (SECURE, {"ALL_PROXY": "a"}, "ALL_PROXY"),
        (SECURE, {"http_proxy": "a"}, None),
        (SECURE, {"no_proxy": "*", "https_proxy": "a"}, None),
        (SECURE, {}, None),
    ],
)
def test_the_variable_that_counts(
    url: str, environment: dict[str, str], variable: str | None
) -> None:
    """The most exact one that holds something, in small letters where there are both."""
    proxy = proxy_for(url, environment)
    assert (proxy and proxy.variable) == variable


@pytest.mark.parametrize(
    ("entries", "host", "direct"),
    [
        ("example.net", "voice.example.net", True),
        (".example.net", "example.net", True),
        ("*.example.net", "voice.example.net", True),
        ("EXAMPLE.NET.", "voice.example.net", True),
        ("ample.net", "voice.example.net", False),
        ("a.b, voice.example.net", "voice.example.net", True),
        ("a.b voice.example.net", "voice.example.net", True),
        ("*", "192.0.2.7", True),
        (",", "voice.example.net", False),
        ("garbage,,\udcff,[,:,/", "voice.example.net", False),
        ("192.0.2.7", "192.0.2.7", True),
        ("7", "192.0.2.7", False),
        ("192.0.2.0/24", "192.0.2.7", True),
        ("192.0.3.0/24", "192.0.2.7", False),
        ("192.0.2.0/99", "192.0.2.7", False),
        ("2001:db8::/32", "[2001:db8::7]", True),
        ("[2001:db8::7]", "[2001:db8::7]", True),
        ("[2001:db8::7]:443", "[2001:db8::7]", True),
        ("[2001:db8::7]:444", "[2001:db8::7]", False),
        ("voice.example.net:443", "voice.example.net", True),
        ("voice.example.net:8443", "voice.example.net", False),
    ],
)
@pytest.mark.parametrize("name", ["no_proxy", "NO_PROXY"])
def test_exceptions(entries: str, host: str, direct: bool, name: str) -> None:
    """Names, domains, addresses, networks, and each of them with a port."""
    environment = {"https_proxy": "proxy.example:1", name: entries}
    assert (proxy_for(f"wss://{host}/stream", environment) is None) is direct


def test_an_exception_hides_what_cannot_be_understood() -> None:
    """The variable is not needed then."""
    environment = {"https_proxy": "ftp://a", "no_proxy": "example.net"}
    assert proxy_for(SECURE, environment) is None


def test_a_proxy_is_the_same_by_what_it_names() -> None:
    """A plain value."""
    assert read_proxy("a", "b:1") == Proxy("a", "http", "b", 1)


# Users and passwords from netrc.

HOST = "voice.example.net"


def given(folder: Path, content: bytes) -> dict[str, str]:
    """An environment that names a file."""
    place = folder / "logins"
    place.write_bytes(content)
    return {"NETRC": str(place)}


@pytest.mark.parametrize(
    ("content", "login"),
    [
        (f"machine {HOST} login me password secret\n", ("me", "secret")),
        (f"machine {HOST} account me password secret\n", ("me", "secret")),
        (f"machine other login a password b\nmachine {HOST} login ü\n", ("ü", "")),
        ("default login me password secret\n", ("me", "secret")),
        ("machine other login me password secret\n", None),
        ("", None),
    ],
)
def test_the_login_of_a_host(tmp_path: Path, content: str, login: object) -> None:
    """By its name in the address, or the default."""
    assert login_for(HOST, given(tmp_path, content.encode())) == login


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"\xff\xfe", "it is not text in UTF-8"),
        (f"# für alle\nmachine {HOST} login me".encode("latin-1"), "it is not text in UTF-8"),
        (b"\n\nsecret word\n", "line 3 is not understood"),
        (b"x" * (LONGEST_NETRC_BYTES + 1), "it is too long"),
    ],
    ids=["UTF-16", "Latin-1", "prose", "long"],
)
def test_a_file_that_cannot_be_used_is_no_file(tmp_path: Path, content: bytes, fault: str) -> None:
    """The words say why, and nothing that stands in it."""
    environment = given(tmp_path, content)
    assert login_for(HOST, environment) is None
    assert fault_of(Path(environment["NETRC"])) == fault


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    """A pipe would never end, a folder cannot be read, and what is not there is just that."""
    os.mkfifo(tmp_path / "pipe")
    for name, fault in [("pipe", "it is not a file"), (".", "it is not a file")]:
        assert login_for(HOST, {"NETRC": str(tmp_path / name)}) is None
        assert fault_of(tmp_path / name) == fault
    assert fault_of(tmp_path / "missing") == "no such file or directory"
    assert fault_of(Path("nul\0")) is not None
    assert login_for(HOST, {"NETRC": str(tmp_path / "missing")}) is None
