"""The websocket session: a client of the protocol with failure handling, retries and drains.

Importing this package is cheap; ``connection`` imports aiohttp and is imported only by the code
that opens a connection.
"""

from deeptone_tui.session.target import RemoteTarget, Target, TargetError, TargetProvider

__all__ = ["RemoteTarget", "Target", "TargetError", "TargetProvider"]
