"""Monitor in a browser: textual-serve behind our own access control.

Importing this package imports neither aiohttp nor textual-serve.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from deeptone_tui.core.libraries import installed_version, is_checked

TOKEN_BYTES = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class WebOptions:
    """Address to listen on, and the monitor to start for each browser."""

    host: str = "127.0.0.1"
    port: int = 8000
    """TCP port; 0 selects a free one."""
    arguments: tuple[str, ...] = ()
    """Arguments of the monitor; never a key, as others can read them in the list of processes."""
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Variables added to the environment of the monitor; the key is passed here."""
    sessions: int = 4
    """Maximum of concurrent monitors; each is a process with its own endpoint."""
    token: str = field(default_factory=lambda: secrets.token_urlsafe(TOKEN_BYTES), repr=False)
    """Secret part of the address; it grants access to the monitor."""


class ExtraMissing(Exception):  # noqa: N818  named for what is missing
    """Packages of the extra are not installed; one line with the command to install them."""


def run_web(options: WebOptions) -> int:
    """Serve until a signal and return the exit code.

    Raises:
        ExtraMissing: if textual-serve is not installed, or in a version that was not checked.
        OSError: if the address cannot be listened on.
    """
    installed = installed_version("textual-serve")
    if installed and not is_checked("textual-serve"):
        raise ExtraMissing(
            "the monitor in a browser was not checked with the installed textual-serve"
            f" {installed}: pip install 'deeptone-tui[web]'"
        )
    try:
        from deeptone_tui.web import server  # noqa: PLC0415  the extra may be missing
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("textual_serve", "aiohttp_jinja2"):
            raise
        raise ExtraMissing(
            "the monitor in a browser needs an extra: pip install 'deeptone-tui[web]'"
        ) from error
    return server.run(options)
