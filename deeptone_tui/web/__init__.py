"""The monitor in a browser: textual-serve behind a door of our own.

Importing this package imports neither aiohttp nor textual-serve.
"""

from deeptone_tui.web.options import WebOptions

__all__ = ["ExtraMissing", "WebOptions", "run_web"]


class ExtraMissing(Exception):  # noqa: N818  named for what is missing
    """The packages of the extra are not installed: one line, with what to type."""


def run_web(options: WebOptions) -> int:
    """Serve until a signal; the exit code.

    Raises:
        ExtraMissing: when textual-serve is not installed.
        OSError: when the address cannot be listened on.
    """
    try:
        from deeptone_tui.web import server  # noqa: PLC0415  the extra may be missing
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("textual_serve", "aiohttp_jinja2"):
            raise
        raise ExtraMissing(
            "the monitor in a browser needs an extra: pip install 'deeptone-tui[web]'"
        ) from error
    return server.run(options)
