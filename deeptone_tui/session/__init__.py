"""The websocket session: one client of the protocol, with its failures, retries and drains.

Importing this package is cheap; ``connection`` brings in aiohttp and is imported by whoever
opens a connection.
"""

from deeptone_tui.session.target import RemoteTarget, Target, TargetError, TargetProvider

__all__ = ["RemoteTarget", "Target", "TargetError", "TargetProvider"]
