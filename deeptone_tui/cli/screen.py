"""The life around the screen: what is set up before it opens and said after it has closed."""

from dataclasses import replace

from deeptone_tui.audio import SourceKind, SourceSpec
from deeptone_tui.cli.settings import Settings


def with_fallback(settings: Settings, *, has_input_device: bool) -> Settings:
    """The demo instead of the default microphone, where there is no microphone at all."""
    if settings.source_named or has_input_device:
        return settings
    notice = "no input device on this machine: playing the demo"
    return replace(
        settings,
        source=SourceSpec(SourceKind.DEMO),
        notices=(*settings.notices, notice),
    )


def run(settings: Settings) -> int:
    """Show the monitor until it is left.

    Returns:
        The exit code.
    """
    raise NotImplementedError
