"""The spans that the timeline can show."""

SPANS = {
    30: "Last 30 seconds",
    60: "Last minute",
    120: "Last 2 minutes",
    300: "Last 5 minutes",
    900: "Last 15 minutes",
}
"""Seconds, and how the timeline is called then."""

DEFAULT_SPAN = 60
LONGEST_SPAN = max(SPANS)


def stepped(span: int, steps: int) -> int:
    """The span some steps longer (or shorter, when negative), which ends at either end."""
    spans = list(SPANS)
    return spans[min(max(spans.index(span) + steps, 0), len(spans) - 1)]


def known_span(span: int) -> int:
    """The span if it is one of ours, as one remembered may not be; otherwise the default."""
    return span if span in SPANS else DEFAULT_SPAN
