"""Who may come in to the monitor in a browser."""

import pytest

from deeptone_tui.endpoint.server.stream import admits
from deeptone_tui.web import WebOptions
from deeptone_tui.web.server import host_allowed, origin_allowed


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1:8000", "127.0.0.1", "localhost:1", "LOCALHOST", "[::1]:8000", "192.168.1.7:80"],
)
def test_addresses_and_localhost_are_ours(host: str) -> None:
    """On any port, because SSH forwards change it; nobody can make an address his own."""
    assert host_allowed(host, "127.0.0.1")


@pytest.mark.parametrize(
    "host",
    [None, "", "evil.example", "evil.example:8000", "localhost.evil.example", "127.0.0.1.evil",
     "[::1", "127.0.0.1@evil.example", ":8000", "2130706433",
     '127.0.0.1:1"><script>alert(1)</script>', '127.0.0.1:1"onload="x', '"><x>@127.0.0.1',
     '127.0.0.1/"><script>', "127.0.0.1?x", "127.0.0.1#${font_size}", "127.0.0.1:", "::1",
     "127.0.0.1:٣", "127.0.0.1 ", "127.0.0.1:8000\t", "[::1]evil"],
)  # fmt: skip
def test_names_of_others_are_not(host: str | None) -> None:
    """Whatever address they lead to: that is what DNS rebinding needs."""
    assert not host_allowed(host, "127.0.0.1")


def test_the_name_that_was_given_is_ours() -> None:
    """Whoever listens on a name is called by it."""
    assert host_allowed("Monitor.Example:8000", "monitor.example")
    assert not host_allowed("other.example:8000", "monitor.example")


@pytest.mark.parametrize(
    ("origin", "ours"),
    [
        ("http://127.0.0.1:8000", True),
        ("https://127.0.0.1:8000", True),
        ("http://127.0.0.1:8001", False),
        ("http://localhost:8000", False),
        ("null", False),
        ("file://", False),
        ("http://[::1", False),
        ("http://127.0.0.1:8000/../\udcff", True),
        ("http://evil.example", False),
        (None, False),
    ],
)
def test_a_websocket_is_opened_by_our_own_page(origin: str | None, *, ours: bool) -> None:
    """A program that says nothing is no browser, and has no business here."""
    assert origin_allowed(origin, "127.0.0.1:8000") is ours


def test_each_run_has_a_token_of_its_own() -> None:
    """Long enough that nobody guesses it, and in no repr."""
    first, second = WebOptions(), WebOptions()
    assert first.token != second.token
    assert len(first.token) >= 32
    assert first.token not in repr(first)
    assert admits(first.token, first.token)
    assert not admits(first.token, second.token)
    assert not admits(first.token, "")
    assert not admits(first.token, first.token[:-1] + "é")
