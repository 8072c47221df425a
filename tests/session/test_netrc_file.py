"""Users and passwords from netrc, and files of that name that are none."""

import os
from pathlib import Path

import pytest
from support.endpoints.http_proxy import proxied
from support.endpoints.scripted_endpoint import served

from deeptone_tui.protocol import StreamParameters
from deeptone_tui.session.connection import connect
from deeptone_tui.session.proxies import LONGEST_NETRC_BYTES, fault_of, login_for
from deeptone_tui.session.target import Target

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


async def test_it_is_for_the_endpoint_and_for_the_proxy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each by its own name; but what the variable says of the proxy goes first."""
    monkeypatch.setattr("deeptone_tui.session.connection._on_this_machine", lambda _url: False)
    entry = b"machine 127.0.0.1 login me password secret\n"
    monkeypatch.setenv("NETRC", given(tmp_path, entry)["NETRC"])
    async with served() as endpoint, proxied() as proxy:
        for address in (proxy.url, proxy.url.replace("//", "//user:pass@")):
            monkeypatch.setenv("http_proxy", address)
            connection = await connect(Target(endpoint.url), StreamParameters())
            await connection.abort()
    mine, named = b"Basic bWU6c2VjcmV0", b"Basic dXNlcjpwYXNz"
    assert b"\nAuthorization: " + mine in proxy.heads[0]
    assert b"Proxy-Authorization: " + mine in proxy.heads[0]
    assert b"Proxy-Authorization: " + named in proxy.heads[1]
