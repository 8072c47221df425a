"""``GET /``: what this server is, for people and for programs."""

import base64
import hashlib
from collections.abc import Iterable, Mapping
from html import escape
from typing import Final

from deeptone_tui.endpoint.authorisation import KEY_HEADER, KEY_PARAMETER
from deeptone_tui.endpoint.options import ServerOptions
from deeptone_tui.protocol import (
    CATALOGUE,
    DEFAULT_MODELS,
    DEFAULT_OUTPUT_PERIOD,
    DEFAULT_VOLUME_THRESHOLD,
    MAX_OUTPUT_PERIOD,
    MAX_SAMPLE_RATE,
    MIN_SAMPLE_RATE,
    SAMPLE_RATE,
    STEP_MS,
)

PARAMETERS: Final[Mapping[str, tuple[str, str]]] = {
    "models": (
        ",".join(DEFAULT_MODELS),
        "names of models, separated by commas or by repeating the parameter",
    ),
    "output_period": (
        str(DEFAULT_OUTPUT_PERIOD),
        f"milliseconds of audio to a result: a multiple of {STEP_MS}, up to {MAX_OUTPUT_PERIOD}",
    ),
    "volume_threshold": (
        str(DEFAULT_VOLUME_THRESHOLD),
        "0 to 1: RMS of a 64 ms step, full scale 1, under which it is silence",
    ),
    "include_raw_values": ("false", "true adds the value of each class"),
    "sample_rate": (
        str(SAMPLE_RATE),
        f"Hz of the audio that is sent, {MIN_SAMPLE_RATE} to {MAX_SAMPLE_RATE}",
    ),
    KEY_PARAMETER: ("", f"the key, where it cannot go into the header {KEY_HEADER}"),
}
"""Name of each parameter of ``/stream``: its default, and what it means."""

STYLE: Final = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 44rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
code { font-family: ui-monospace, monospace; white-space: nowrap; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .3rem 1rem .3rem 0;
  border-top: 1px solid color-mix(in srgb, currentColor 20%, transparent); }
"""
STYLE_HASH: Final = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
"""Sent with the page: it loads nothing, runs nothing, and stands in no frame."""


def description(options: ServerOptions, offered: Iterable[str], version: str) -> dict[str, object]:
    """What the server is, as JSON values. Whether a key is needed, never which."""
    return {
        "name": "deeptone-tui",
        "version": version,
        "stream": "/stream",
        "key_needed": options.api_key is not None,
        "models": {
            name: {
                "results": list(CATALOGUE[name].results),
                "receptive_field_ms": CATALOGUE[name].receptive_field_ms,
                "summary": CATALOGUE[name].summary,
            }
            for name in offered
        },
        "parameters": {
            name: {"default": default, "meaning": meaning}
            for name, (default, meaning) in PARAMETERS.items()
        },
        "limits": {
            "connections": options.max_connections,
            "message_bytes": options.max_message_bytes,
            "query_characters": options.max_query_length,
            "idle_seconds": options.idle_timeout,
        },
    }


def page(options: ServerOptions, offered: Iterable[str], version: str) -> str:
    """The same for people: HTML that needs nothing else."""
    models = _table(
        ("Model", "Answers", "Hears at least", "What it tells"),
        (
            (
                _code(name),
                escape(", ".join(CATALOGUE[name].results)),
                f"{CATALOGUE[name].receptive_field_ms:g} ms",
                escape(CATALOGUE[name].summary),
            )
            for name in offered
        ),
    )
    parameters = _table(
        ("Parameter", "Default", "Meaning"),
        (
            (_code(name), _code(default), escape(meaning))
            for name, (default, meaning) in PARAMETERS.items()
        ),
    )
    key = "needs a key" if options.api_key is not None else "needs no key"
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>deeptone-tui endpoint</title><style>{STYLE}</style></head><body>
<h1>A local DeepTone endpoint</h1>
<p>deeptone-tui {escape(version)} speaks the streaming protocol of the DeepTone cloud service on
{_code("/stream")} and {key}. Send 16-bit little-endian mono PCM as binary websocket messages; one
JSON result comes back for each period. An empty binary message ends the audio.</p>
<h2>Models</h2>{models}
<h2>Parameters</h2>{parameters}
<h2>Limits</h2><p>{options.max_connections} connections, {options.max_message_bytes} bytes a
message, {options.max_query_length} characters of query; a stream ends after
{options.idle_timeout:g} s without audio.</p>
</body></html>
"""


def _code(text: str) -> str:
    return f"<code>{escape(text)}</code>" if text else ""


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A table of cells that are HTML already."""
    heads = "".join(f"<th>{cell}</th>" for cell in head)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"
