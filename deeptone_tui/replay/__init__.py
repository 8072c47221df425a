"""A recording shown again: its audio at the pace of the clock, its results where they belong."""

from deeptone_tui.replay.playback import replay_monitor

__all__ = ["replay_monitor"]
