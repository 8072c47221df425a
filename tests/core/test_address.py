"""Addresses: one table, on which every way in and out agrees, and this machine's own names."""

import json
import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeptone_tui.cli.info import shown_url
from deeptone_tui.core.address import (
    PLACEHOLDER,
    AddressError,
    EndpointAddress,
    displayed,
    exported,
    host_and_port,
    is_localhost,
    is_loopback,
    is_readable_on_the_way,
    look_up,
    on_loopback,
    parse_address,
)
from deeptone_tui.protocol import StreamParameters
from deeptone_tui.recording import Facts
from deeptone_tui.session import RemoteTarget, TargetError
from deeptone_tui.settings.config import ConfigurationError, load_configuration
from deeptone_tui.settings.export import ExportSettings
from deeptone_tui.settings.options import ENDPOINT

SHAPE = "an address looks like wss://HOST/stream or ws://HOST:PORT/stream"
BLANK = "an address contains no spaces, line ends or invisible characters"
FRAGMENT = "a websocket address has no '#'"
KEY = "an API key is one word of printable ASCII characters"


def option(name: str) -> str:
    """What is said of a parameter in an address."""
    return f"{name} belongs in its own option, not in the address"


TAKEN: dict[str, str] = {
    "wss://h/stream": "wss://h/stream",
    "ws://h": "ws://h/stream",
    "ws://h/": "ws://h/stream",
    "ws://h/other": "ws://h/other",
    "ws://h/stream/": "ws://h/stream/",
    "http://h/stream": "ws://h/stream",
    "https://h/stream": "wss://h/stream",
    "HTTPS://h": "wss://h/stream",
    "WS://H:8765/stream": "ws://H:8765/stream",
    "  ws://10.0.0.5:8765 ": "ws://10.0.0.5:8765/stream",
    "ws://h:1": "ws://h:1/stream",
    "ws://h:65535": "ws://h:65535/stream",
    "ws://h:/stream": "ws://h:/stream",
    "ws://[::1]:80/": "ws://[::1]:80/stream",
    "ws://[2001:db8::5]/stream": "ws://[2001:db8::5]/stream",
    "ws://127.0.0.2": "ws://127.0.0.2/stream",
    "ws://capture_box.local.": "ws://capture_box.local./stream",
    "ws://müller.example": "ws://müller.example/stream",
    "ws://h/a%20b": "ws://h/a%20b",
    "wss://user:pw@h/stream": "wss://user:pw@h/stream",
    "wss://user@h/stream": "wss://user@h/stream",
    "ws://h/stream?foo=1": "ws://h/stream?foo=1",
    "ws://h?foo=1&bar=": "ws://h/stream?foo=1&bar=",
    "wss://h/stream?sig=abcd1234": "wss://h/stream?sig=abcd1234",
    "wss://h/stream?api_key=abc": "wss://h/stream",
    "wss://h/stream?foo=1&api_key=abc": "wss://h/stream?foo=1",
    "wss://h/stream?api_key=": "wss://h/stream",
}
"""What may be typed, and the address that is connected to."""

REFUSED: dict[str, str] = {
    "": SHAPE,
    "h": SHAPE,
    "h:8765/stream": SHAPE,
    "//h/stream": SHAPE,
    "ftp://h/stream": SHAPE,
    "tcp://h:1234": SHAPE,
    "ws:/h/stream": SHAPE,
    "ws://": SHAPE,
    "ws:///stream": SHAPE,
    "ws://:8765/stream": SHAPE,
    "ws://u:hush@/stream": SHAPE,
    "ws://h:0": SHAPE,
    "ws://h:x": SHAPE,
    "ws://h:99999": SHAPE,
    "ws://h:-1": SHAPE,
    "ws://[::1": SHAPE,
    "ws://[nonsense]/": SHAPE,
    "ws://a..b/stream": SHAPE,
    "ws://.h/stream": SHAPE,
    f"ws://{'a' * 64}/stream": SHAPE,
    "ws://h\\@evil/stream": SHAPE,
    "ws://h/ stream": BLANK,
    "ws://a b/": BLANK,
    "ws://h/str\neam": BLANK,
    "ws://h\t/stream": BLANK,
    "ws://h\u200b/stream": BLANK,
    "ws://h/\x1b[31m": BLANK,
    "ws://h/stream#top": FRAGMENT,
    "ws://h/#hush": FRAGMENT,
    "ws://h/stream?models=speech": option("models"),
    "ws://h/stream?output_period=1024": option("output_period"),
    "ws://h/stream?volume_threshold=0.1": option("volume_threshold"),
    "ws://h/stream?api_key=two+words": KEY,
    "ws://h/stream?api_key=cl%C3%A9": KEY,
}
"""What may not, and why."""


def in_a_file(folder: Path, text: str, profile: str | None = None) -> str | None:
    """The address that a configuration or a profile in it holds."""
    place = folder / "config.toml"
    head = "[profiles.p]\n" if profile else ""
    place.write_text(f"{head}url = {json.dumps(text)}\n", encoding="utf-8")
    place.chmod(0o600)
    return load_configuration(place).options(profile).url


@pytest.mark.parametrize("text", TAKEN)
def test_every_way_in_and_out_takes_it(text: str, tmp_path: Path) -> None:
    """Option, variable, dialog, file, profile, export, `info` and recording."""
    url = TAKEN[text]
    address = parse_address(text)
    assert address.url == url
    assert parse_address(address.whole) == address
    chosen = RemoteTarget(text)
    assert chosen.fixed.url == url
    assert chosen.fixed.api_key == address.api_key
    for kept in (
        ENDPOINT.from_text(text),
        in_a_file(tmp_path, text),
        in_a_file(tmp_path, text, "p"),
    ):
        assert kept == address.whole
        assert RemoteTarget(str(kept)) == chosen
    recorded = Facts(url=url).to_json()["endpoint"]
    assert shown_url(text) == displayed(url) == recorded["url"]  # type: ignore[index]
    passed_on = parse_address(exported(text)).url
    assert displayed(passed_on).startswith(f"{url.partition(':')[0]}://{host_and_port(url)}/")
    saved = ExportSettings(parameters=StreamParameters(), url=url).options().url
    assert saved == (None if PLACEHOLDER in passed_on else passed_on)
    if saved is not None:
        assert in_a_file(tmp_path, saved, "p") == saved


@pytest.mark.parametrize("text", REFUSED)
def test_every_way_in_refuses_it_for_the_same_reason(text: str, tmp_path: Path) -> None:
    """In words that do not repeat it, as a key may stand in it."""
    reason = REFUSED[text]
    with pytest.raises(AddressError) as caught:
        parse_address(text)
    assert str(caught.value) == reason
    assert "hush" not in reason
    with pytest.raises(TargetError) as in_the_dialog:
        RemoteTarget(text)
    assert str(in_the_dialog.value) == reason
    with pytest.raises(ValueError) as as_option:  # noqa: PT011  the words are looked at
        ENDPOINT.from_text(text)
    assert str(as_option.value).removesuffix("; or local") == reason
    if text:  # an empty one says nothing in a file
        for profile in (None, "p"):
            with pytest.raises(ConfigurationError) as in_file:
                in_a_file(tmp_path, text, profile)
            assert reason in str(in_file.value)
        assert shown_url(text).endswith(reason)


@given(st.text(), st.sampled_from(["", "ws://", "wss://h/", "ws://h?", "ws://h:"]))
def test_any_text_is_an_address_or_refused_in_one_line(text: str, before: str) -> None:
    """Nothing else comes out, and what was taken is taken again as it is."""
    try:
        address = parse_address(before + text)
    except AddressError:
        with pytest.raises(AddressError, match=r"\A[ -~]+\Z"):
            parse_address(before + text)
        return
    assert parse_address(address.url) == EndpointAddress(address.url)
    assert parse_address(address.whole) == address
    assert displayed(address.url)
    assert exported(address.url).startswith(("ws://", "wss://"))


@pytest.mark.parametrize(
    ("url", "shown", "passed_on"),
    [
        ("ws://u:p@h:1/a/b?c=d#e", "ws://h:1/a/b", "ws://h:1/a/b?c=d"),
        ("wss://h?api_key=hush", "wss://h", "wss://h/stream"),
        ("wss://h/stream?sig=abcd", "wss://h/stream", f"wss://h/stream?sig={PLACEHOLDER}"),
        ("wss://h/stream?a=12345678", "wss://h/stream", f"wss://h/stream?a={PLACEHOLDER}"),
    ],
)
def test_what_is_shown_and_passed_on_holds_no_secret(url: str, shown: str, passed_on: str) -> None:
    """Neither user, password nor what may be a key."""
    assert displayed(url) == shown
    assert exported(url) == passed_on


@pytest.mark.parametrize("text", ["local", None])
def test_our_own_endpoint_has_a_word_for_its_address(text: str | None, tmp_path: Path) -> None:
    """Which every way in takes as it is, and `info` shows."""
    assert shown_url(text) == "local"
    if text:
        assert (
            ENDPOINT.from_text(text)
            == in_a_file(tmp_path, text)
            == in_a_file(tmp_path, text, "p")
            == text
        )


def test_what_cannot_be_read_is_not_shown() -> None:
    """It may be anything."""
    assert displayed("ws://[::1") == ""


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("ws://localhost:8765/stream", True),
        ("ws://x.localhost/stream", True),
        ("ws://127.0.0.2/stream", True),
        ("ws://[::1]/stream", True),
        ("ws://10.0.0.5/stream", False),
        ("http://localhost.example/stream", False),
    ],
)
def test_this_machine_is_the_same_everywhere(url: str, loopback: bool) -> None:
    """For the warning of the dialog, for proxies, and for what the exports leave out."""
    assert on_loopback(url) is loopback
    assert is_readable_on_the_way(url) is not loopback
    assert not is_readable_on_the_way(url.replace("ws:", "wss:").replace("http:", "https:"))


@pytest.mark.parametrize("name", ["localhost", "LOCALHOST", "localhost.", "kiosk.localhost"])
def test_names_of_this_machine(name: str) -> None:
    """By RFC 6761, in any case, rooted or not."""
    assert is_localhost(name)


OTHERS = ["", "localhost.example", "mylocalhost", ".localhos", "example"]


@pytest.mark.parametrize(
    ("address", "own"),
    [
        *((name, True) for name in ("localhost", "127.0.0.1", "127.9.9.9", "::1")),
        *((name, False) for name in OTHERS),
        ("0.0.0.0", False),  # noqa: S104  only read
        ("192.0.2.1", False),
        ("fe80::1%eth0", False),
        ("::ffff:127.0.0.1", True),
        ("::ffff:192.0.2.1", False),
    ],
)
def test_addresses_of_this_machine(address: str, own: bool) -> None:
    """All of 127/8 is, and its names; a link is not, nor names that look alike."""
    assert is_loopback(address) is own
    assert not is_localhost(address) or own


def test_localhost_has_the_addresses_that_this_machine_has() -> None:
    """The older kind first, each with the port; and only of the family that is asked for."""
    found = look_up("localhost", 80)
    assert found[0][4][:2] == ("127.0.0.1", 80)
    assert {info[4][0] for info in found} <= {"127.0.0.1", "::1"}
    assert {info[1] for info in found} == {socket.SOCK_STREAM}
    only = look_up("kiosk.localhost", 80, family=socket.AF_INET, flags=socket.AI_ADDRCONFIG)
    assert [info[4] for info in only] == [("127.0.0.1", 80)]


def test_what_is_no_name_is_said_as_the_system_says_it() -> None:
    """Names of others go to the system as they are."""
    assert look_up("192.0.2.7", 1)[0][4] == ("192.0.2.7", 1)
    with pytest.raises(socket.gaierror):
        look_up("192.0.2.7", 1, family=socket.AF_INET6)
    with pytest.raises(UnicodeError):
        look_up("a" * 64 + ".example", 1)
