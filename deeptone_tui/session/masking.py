"""Words that came from elsewhere, made fit to be shown."""

from urllib.parse import quote

LONGEST = 240


def masked(text: str, api_key: str | None) -> str:
    """Text of an endpoint or a library as one line without the key.

    An endpoint may repeat the key it was given; a terminal must not be steered by control
    characters from the network; and a page of HTML is no reason.

    Args:
        text: what was said.
        api_key: what must not appear, neither plain nor percent-encoded.
    """
    if api_key:
        for spelling in (api_key, quote(api_key, safe="")):
            text = text.replace(spelling, "***")
    printable = "".join(c if c.isprintable() else " " for c in text)
    line = " ".join(printable.split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"
