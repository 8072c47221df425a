"""Users and passwords by host, from the file ``netrc``."""

import netrc
from collections.abc import Mapping
from pathlib import Path

from deeptone_tui.core.errors import reason_of

MOST_BYTES = 1_000_000
"""Of a file that is read."""
Login = tuple[str, str]
"""User and password."""


def login_for(host: str, environment: Mapping[str, str]) -> Login | None:
    """Return what the file says of a host; None for nothing, also where it cannot be used.

    Args:
        host: name as in the address.
        environment: where ``NETRC`` may name another file than ``~/.netrc``.
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
    """Return why a file cannot be used, in words without anything that stands in it."""
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
    """Read a file.

    Raises:
        OSError: when there is none.
        ValueError: when it is no file of a sensible length in UTF-8.
        netrc.NetrcParseError: when it is not understood.
    """
    if not place.is_file():
        place.stat()
        raise ValueError("it is not a file")  # and may never end
    if place.stat().st_size > MOST_BYTES:
        raise ValueError("it is too long")
    return netrc.netrc(str(place))
