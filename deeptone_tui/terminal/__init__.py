"""Terminal layer: a model of the screen, of which only the differences are sent.

Output: `frames` draws Textual's frames onto a `canvas` of cells. `difference` compares it with what
the terminal shows and encodes the difference in the shortest `sequences`. `screen_output` sends it
when the flow control of `writer` leaves room, and `driver` connects all of this to Textual.

Input: `incoming` cuts what the terminal sends into whole sequences, pastes and text, and drops what
the app could not act on in time. `keyboard` is the driver that reads it; it also does the job
control for ctrl+z.

`canvas`, `difference` and `sequences` depend on neither Textual, threads nor file descriptors.
"""

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.driver import Driver

__all__ = ["driver_class"]


def driver_class(*, diff: bool) -> "type[Driver] | None":
    """Return the driver class for a full-screen app; inline, Textual always uses its own.

    Args:
        diff: True to send the terminal only what changes.

    Returns:
        Our driver class; None for Textual's own, which a browser or Windows needs.
    """
    if sys.platform == "win32" or os.environ.get("TEXTUAL_DRIVER"):
        return None
    if not diff:
        from deeptone_tui.terminal.keyboard import KeyboardDriver  # noqa: PLC0415  only if used

        return KeyboardDriver
    from deeptone_tui.terminal.driver import ScreenDriver  # noqa: PLC0415  only if used

    return ScreenDriver
