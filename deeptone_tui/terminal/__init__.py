"""The wire to the terminal: a model of its screen, and only what changes sent to it.

`parsing` reads what Textual writes onto a `canvas` of `cells` with `pens`; `difference` tells the
terminal what differs from what it has, with the cheapest `moves` and `shifts`; `pacing` says
when there is room on the link, and the `driver` joins it all to Textual. The other way, `incoming`
cuts what the terminal sends into pieces for the `keyboard`, and `admission` leaves out what the
app could not act on in time; `job` is for ctrl+z. Only the drivers and what they hand on know
Textual, threads and file descriptors.
"""

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.driver import Driver

__all__ = ["driver_class"]


def driver_class(*, diff: bool) -> "type[Driver] | None":
    """The driver for an app on a whole terminal; inline, Textual always uses its own.

    Args:
        diff: whether the terminal is to be sent only what changes.

    Returns:
        Ours; None for Textual's own, which is what a browser or another system needs.
    """
    if sys.platform == "win32" or os.environ.get("TEXTUAL_DRIVER"):
        return None
    if not diff:
        from deeptone_tui.terminal.keyboard import KeyboardDriver  # noqa: PLC0415  not for others

        return KeyboardDriver
    from deeptone_tui.terminal.driver import WireDriver  # noqa: PLC0415  not for the others

    return WireDriver
