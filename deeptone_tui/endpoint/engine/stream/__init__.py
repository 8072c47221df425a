"""One connection's audio on its own sample count, and what is concluded from it. No threads."""

from deeptone_tui.endpoint.engine.stream.track import Track

__all__ = ["Track"]
