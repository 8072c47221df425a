"""This machine's own names: which they are, and that nobody is asked for them."""

import socket

import pytest

from deeptone_tui.core.address import is_localhost, is_loopback, look_up


@pytest.mark.parametrize("name", ["localhost", "LOCALHOST", "localhost.", "kiosk.localhost"])
def test_names_of_this_machine(name: str) -> None:
    """By RFC 6761, in any case, rooted or not."""
    assert is_localhost(name)
    assert is_loopback(name)


@pytest.mark.parametrize("name", ["", "localhost.example", "mylocalhost", ".localhos", "example"])
def test_names_of_others(name: str) -> None:
    """Also those that look alike."""
    assert not is_localhost(name)
    assert not is_loopback(name)


@pytest.mark.parametrize(
    ("address", "own"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("0.0.0.0", False),  # noqa: S104  only read
        ("192.0.2.1", False),
        ("fe80::1%eth0", False),
        ("::ffff:127.0.0.1", True),
        ("::ffff:192.0.2.1", False),
    ],
)
def test_addresses_of_this_machine(address: str, own: bool) -> None:
    """All of 127/8 is; a link is not."""
    assert is_loopback(address) is own


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
