"""Users and passwords by host from a ``netrc`` file."""

import netrc
from collections.abc import Mapping
from pathlib import Path

from deeptone_tui.core.errors import reason_of

MOST_BYTES = 1_000_000
"""Largest file that is read, in bytes."""
Login = tuple[str, str]
"""User and password."""


def login_for(host: str, environment: Mapping[str, str]) -> Login | None:
    """Return the login for a host; None if the file has none or cannot be used.

    Args:
        host: Name as in the address.
        environment: Environment variables; ``NETRC`` may name a file other than ``~/.netrc``.
    """
    try:
        place = Path(environment.get("NETRC") or Path.home() / ".netrc")
        entry = read_netrc(place).authenticators(host)
    except (OSError, RuntimeError, ValueError, netrc.NetrcParseError):
        return None
    if entry is None:
        return None
    user, account, password = entry
    return user or account or "", password or ""


def fault_of(place: Path) -> str | None:
    """Describe why a file cannot be used, without quoting it; None if it can be used."""
    try:
        read_netrc(place)
    except netrc.NetrcParseError as error:
        return f"line {error.lineno} is not understood"
    except UnicodeError:
        return "it is not text in UTF-8"
    except OSError as error:
        return reason_of(error)
    except ValueError as error:
        return str(error)
    return None


def read_netrc(place: Path) -> netrc.netrc:
    """Read a netrc file.

    Raises:
        OSError: If there is none.
        ValueError: If it is not a UTF-8 file of acceptable length.
        netrc.NetrcParseError: If it cannot be parsed.
    """
    if not place.is_file():
        place.stat()
        raise ValueError("it is not a file")  # such as a pipe, which may never end
    if place.stat().st_size > MOST_BYTES:
        raise ValueError("it is too long")
    return netrc.netrc(str(place))
