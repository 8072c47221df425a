"""``GET /``: the browser client and a description of the server, as HTML and as JSON."""

import base64
import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from html import escape
from importlib.resources import files
from string import Template
from typing import Final

from deeptone_tui.endpoint.options import ServerOptions
from deeptone_tui.endpoint.server.stream import KEY_HEADER, KEY_PARAMETER
from deeptone_tui.protocol import (
    CATALOGUE,
    DEFAULT_MODELS,
    DEFAULT_OUTPUT_PERIOD_MS,
    DEFAULT_VOLUME_THRESHOLD,
    MAX_OUTPUT_PERIOD_MS,
    MAX_SAMPLE_RATE,
    MIN_SAMPLE_RATE,
    SAMPLE_RATE_HZ,
    STEP_MS,
    Model,
)

PARAMETERS: Final[Mapping[str, tuple[str, str]]] = {
    "models": (
        ",".join(DEFAULT_MODELS),
        "names of models, separated by commas or by repeating the parameter",
    ),
    "output_period": (
        str(DEFAULT_OUTPUT_PERIOD_MS),
        f"milliseconds of audio to a result: a multiple of {STEP_MS}, up to {MAX_OUTPUT_PERIOD_MS}",
    ),
    "volume_threshold": (
        str(DEFAULT_VOLUME_THRESHOLD),
        "0 to 1: RMS of a 64 ms step, full scale 1, under which it is silence",
    ),
    "include_raw_values": ("false", "true adds the value of each class"),
    "sample_rate": (
        str(SAMPLE_RATE_HZ),
        f"Hz of the audio that is sent, {MIN_SAMPLE_RATE} to {MAX_SAMPLE_RATE}",
    ),
    KEY_PARAMETER: ("", f"the key, where it cannot go into the header {KEY_HEADER}"),
}
"""Default and meaning of each parameter of ``/stream``, by name."""

PERIODS: Final = (64, 128, 256, 512, 1024, 2048, 4096)
"""Output periods offered on the page, in milliseconds."""
_FILES = files("deeptone_tui.endpoint").joinpath("browser")
STYLE: Final = _FILES.joinpath("page.css").read_text("utf-8")
SCRIPT: Final = _FILES.joinpath("page.js").read_text("utf-8")
WORKLET: Final = _FILES.joinpath("worklet.js").read_text("utf-8")
_TEMPLATE: Final = Template(_FILES.joinpath("page.html").read_text("utf-8"))


def _hash(text: str) -> str:
    """Return the hash of a text as a source in a content security policy."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src {_hash(STYLE)}; script-src 'self' {_hash(SCRIPT)}; "
        "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
"""Headers of every response: the page runs only its own script and the worklet of this server,
connects to this server alone, and cannot be framed."""


def description(options: ServerOptions, offered: Iterable[str], version: str) -> dict[str, object]:
    """Return the description of the server as JSON values; never contains the key."""
    return {
        "name": "deeptone-tui",
        "version": version,
        "stream": "/stream",
        "key_needed": options.api_key is not None,
        "models": {
            model.name: {
                "results": list(model.results),
                "receptive_field_ms": model.receptive_field_ms,
                "summary": model.summary,
            }
            for model in map(CATALOGUE.__getitem__, offered)
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
    """Return the HTML page: the browser client and the description of the server below it."""
    models = [CATALOGUE[name] for name in offered]
    facts = {
        "key_needed": options.api_key is not None,
        "volume_threshold": DEFAULT_VOLUME_THRESHOLD,
    }
    return _TEMPLATE.substitute(
        style=STYLE,
        script=SCRIPT,
        facts=json.dumps(facts).replace("<", "\\u003c"),
        version=escape(version),
        periods="".join(map(_option, PERIODS)),
        models="".join(map(_checkbox, models)),
        threshold_db=f"{20 * math.log10(DEFAULT_VOLUME_THRESHOLD):.1f}",
        key="needs a key" if options.api_key is not None else "needs no key",
        model_table=_table(
            ("Model", "Answers", "Hears at least", "What it tells"), map(_model_row, models)
        ),
        parameter_table=_table(
            ("Parameter", "Default", "Meaning"),
            (
                (_code(name), _code(default), escape(meaning))
                for name, (default, meaning) in PARAMETERS.items()
            ),
        ),
        limits=(
            f"{options.max_connections} connections, {options.max_message_bytes} bytes a message, "
            f"{options.max_query_length} characters of query; a stream ends after "
            f"{options.idle_timeout:g} s without audio."
        ),
    )


def _option(milliseconds: int) -> str:
    selected = " selected" if milliseconds == DEFAULT_OUTPUT_PERIOD_MS else ""
    return f'<option value="{milliseconds}"{selected}>{milliseconds} ms</option>'


def _checkbox(model: Model) -> str:
    name, checked = escape(model.name), " checked" if model.name in DEFAULT_MODELS else ""
    return (
        f'<label title="{escape(model.summary)}">'
        f'<input type="checkbox" value="{name}"{checked}>{name}</label>'
    )


def _model_row(model: Model) -> tuple[str, ...]:
    results, field = escape(", ".join(model.results)), f"{model.receptive_field_ms:g} ms"
    return _code(model.name), results, field, escape(model.summary)


def _code(text: str) -> str:
    return f"<code>{escape(text)}</code>" if text else ""


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Return a table whose cells are HTML already."""
    heads = "".join(f'<th scope="col">{cell}</th>' for cell in head)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"
