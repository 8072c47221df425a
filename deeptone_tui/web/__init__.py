"""Monitor in a browser: textual-serve behind our own access control.

Importing this package imports neither aiohttp nor textual-serve.
"""

from deeptone_tui.core.libraries import installed_version, is_checked
from deeptone_tui.web.options import WebOptions

__all__ = ["ExtraMissing", "WebOptions", "run_web"]


class ExtraMissing(Exception):  # noqa: N818  named for what is missing
    """Packages of the extra are not installed; one line with the command to install them."""


def run_web(options: WebOptions) -> int:
    """Serve until a signal and return the exit code.

    Raises:
        ExtraMissing: if textual-serve is not installed, or in a version that was not checked.
        OSError: if the address cannot be listened on.
    """
    if installed_version("textual-serve") and not is_checked("textual-serve"):
        raise ExtraMissing(
            "the monitor in a browser was not checked with the installed textual-serve"
            f" {installed_version('textual-serve')}: pip install 'deeptone-tui[web]'"
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
