"""Server for the protocol of the DeepTone cloud service, with its own models.

It runs in the foreground (`run_server`), or as a child process of the monitor (`LocalEndpoint`).
Importing this package imports neither aiohttp nor onnxruntime.
"""

from deeptone_tui.endpoint.child import LocalEndpoint
from deeptone_tui.endpoint.options import EndpointError, OptionError, ServerOptions

__all__ = ["EndpointError", "LocalEndpoint", "OptionError", "ServerOptions", "run_server"]


def run_server(options: ServerOptions) -> int:
    """Serve in the foreground until a signal and return the exit code; see `serve.run_server`."""
    from deeptone_tui.endpoint.server import server  # noqa: PLC0415  loads aiohttp

    return server.run_server(options)
