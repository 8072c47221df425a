"""The first line, with status and losses, and the last, with the keys."""

from textual import events
from textual.binding import Binding

from deeptone_tui.app.commands import bar_keys
from deeptone_tui.app.presenters.wording import (
    fitted,
    length,
    recording_of,
    source_of,
    status_of,
    width_of,
)
from deeptone_tui.app.widgets.painted import Part, StripWidget
from deeptone_tui.core.text import clock, short_clock
from deeptone_tui.monitor.state import SourcePhase
from deeptone_tui.protocol import SAMPLE_RATE_HZ

_GAP, _NARROW_GAP = "   ", "  "
_WORTH_TELLING_SAMPLES = SAMPLE_RATE_HZ
"""Samples: a lag of less than a second is not reported."""
_WIDE_FROM_COLUMNS = 110
"""Minimum columns for more than the essentials."""
_CURSORS_FROM_COLUMNS = 150
"""Minimum columns for stating in words how far the audio was sent and answered."""
_NAMES, _NAMES_BEHIND = 28, 14
"""Cells that the names of endpoint and source keep beside those times in figures, if they need
them; fewer while the audio lags behind, because then it matters how far it got."""

_KEY_GAP = "  "
_LAST = 2
"""Number of bindings at the end of the list that are shown at any width: help and quit."""


class StatusLine(StripWidget):
    """State, endpoint and source; time and losses at the right. A click lists every action."""

    def on_click(self) -> None:
        """Open the command palette: on narrow screens the key bar has no room for every action."""
        self.app.action_command_palette()

    def content_key(self) -> object:
        """Return the texts; while the clock runs, the times reached are no reason to redraw."""
        goes = self.view.live.source.phase is SourcePhase.RUNNING
        return status_of(self.view), self._names, self._right(), None if goes else self._reached

    def paint(self) -> None:
        """Draw the line."""
        status = status_of(self.view)
        gap = self._gap
        state = f" {status.glyph} {status.word}"
        room = self.size.width - width_of(state) - 2 * len(gap) - 1
        right = self._with_reached(self._right(), room)
        counts = gap.join(text for text, _ in right)
        middle = self._middle(room - width_of(counts))
        pad = room + len(gap) - width_of(middle) - width_of(counts)
        parts: list[Part] = [(state, status.tone), (gap, "text"), (middle, "text")]
        parts.append((" " * pad, "text"))
        for index, (text, tone) in enumerate(right):
            parts += [(gap if index else "", "text"), (text, tone)]
        self.put(0, parts)

    @property
    def _gap(self) -> str:
        return _GAP if self.size.width >= _WIDE_FROM_COLUMNS else _NARROW_GAP

    def _middle(self, room: int) -> str:
        """Return endpoint and source, shortened to the room: the source before the endpoint."""
        first, source = self._names
        left = room - width_of(first) - len(self._gap)
        if left < 8:  # noqa: PLR2004  less says nothing
            return fitted(first, room)
        return f"{first}{self._gap}{fitted(source, left)}" if first else fitted(source, room)

    @property
    def _names(self) -> tuple[str, str]:
        """Endpoint, or the reason why nothing moves, and source."""
        session = self.view.live.session
        label = session.label
        if session.pending_provider is not None:
            label = f"{label} → {session.pending_provider.label}"
        return "streaming goes on" if self.view.frozen else label, source_of(self.view.live)

    def _right(self) -> tuple[tuple[str, str], ...]:
        """Return times and counts, with their tones."""
        live, wide = self.view.live, self.size.width >= _WIDE_FROM_COLUMNS
        counters = live.counters
        texts: list[tuple[str, str]] = []
        latency = live.session.latency
        if wide and latency is not None:
            texts.append((f"latency {latency:.2f} s", "dim"))
        if wide:
            texts.append((f"{counters.results} results", "dim"))
        if self.size.width >= _CURSORS_FROM_COLUMNS and live.speed is None:
            reached = f"sent {length(counters.sent)}, covered {length(counters.answered)}"
            texts.append((reached, "dim"))
        if counters.behind >= _WORTH_TELLING_SAMPLES:
            texts.append((f"behind {length(counters.behind)}", "held"))
        if counters.results_dropped:
            texts.append((f"{counters.results_dropped} results dropped", "bad"))
        if live.recording is not None:
            texts.append(recording_of(live.recording))
        if live.source.position is not None:
            duration = live.source.info.duration
            total = f"/{short_clock(duration)}" if duration is not None else ""
            tone = "text" if live.speed is None else "strong"
            texts.append((f"at {short_clock(live.source.position)}{total}", tone))
        if live.speed is not None:  # its position is its clock
            return tuple(texts)
        texts.append((clock(live.seconds), "strong"))
        lost = counters.lost + counters.dropped_by_source
        texts.append((f"lost {length(lost)}", "bad" if lost else "dim"))
        return tuple(texts)

    @property
    def _reached(self) -> str:
        """Times up to which the captured audio was sent and is covered by results."""
        counters = self.view.live.counters
        sent, covered = counters.sent / SAMPLE_RATE_HZ, counters.answered / SAMPLE_RATE_HZ
        return f"→{short_clock(sent)}→{short_clock(covered)}"

    def _with_reached(
        self, right: tuple[tuple[str, str], ...], room: int
    ) -> tuple[tuple[str, str], ...]:
        """Return times and counts, with `_reached` if no words state it and the names have room.

        Args:
            right: times and counts; the clock is the last but one.
            room: cells for times, counts and names.
        """
        live = self.view.live
        if (
            self.size.width >= _CURSORS_FROM_COLUMNS
            or live.speed is not None
            or not live.session.label
        ):
            return right
        *rest, clock_text, lost = right
        joined = [*rest, clock_text, (self._reached, "dim"), lost]
        taken = width_of(self._gap.join(text for text, _ in joined))
        names = width_of(self._gap.join(self._names))
        kept = _NAMES if live.counters.behind < _WORTH_TELLING_SAMPLES else _NAMES_BEHIND
        return tuple(joined) if room - taken >= min(names, kept) else right


class KeyBar(StripWidget):
    """The keys and their actions; a click runs the action too."""

    def content_key(self) -> object:
        """Return the same for each view: the keys do not change."""
        return ()

    def paint(self) -> None:
        """Draw the keys that fit; earlier bindings take precedence over later ones."""
        self._spots: list[tuple[int, int, str]] = []
        parts: list[Part] = [(" ", "text")]
        at = 1
        for binding in self._fitting():
            key, text = self._key(binding), f" {binding.description.lower()}"
            parts += [(key, "key"), (text, "dim"), (_KEY_GAP, "text")]
            self._spots.append((at, at + len(key) + len(text), binding.action))
            at += len(key) + len(text) + len(_KEY_GAP)
        self.put(0, parts)

    def _fitting(self) -> list[Binding]:
        """Return the bindings for which there is room, in their order."""
        shown = bar_keys(self.view.keys, replaying=self.view.live.speed is not None)
        room = self.size.width - 1 + len(_KEY_GAP)  # the last of them needs no gap after it
        last, first = shown[-_LAST:], shown[:-_LAST]
        room -= sum(self._width(binding) for binding in last)
        fitting = []
        for binding in first:
            if self._width(binding) > room:
                break
            room -= self._width(binding)
            fitting.append(binding)
        return fitting + last

    def _width(self, binding: Binding) -> int:
        return len(self._key(binding)) + 1 + len(binding.description) + len(_KEY_GAP)

    def _key(self, binding: Binding) -> str:
        return binding.key_display or self.app.get_key_display(binding)

    async def on_click(self, event: events.Click) -> None:
        """Run the action of the key under the mouse."""
        for left, right, action in self._spots:
            if left <= event.x < right:
                await self.app.run_action(action, self.screen)
