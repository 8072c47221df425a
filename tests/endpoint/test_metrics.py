"""``GET /metrics``: what a Prometheus server reads."""

import re
from collections.abc import Mapping

import pytest
from aiohttp import WSServerHandshakeError
from support.endpoints.served_endpoint import Served, hear, served

from deeptone_tui.endpoint.server.metrics import DELAY_BOUNDS, Histogram

KEY = "a-key-for-these-tests"
SAMPLE = re.compile(r'([a-z_]+)(\{[a-z]+="[^"\n]*"\})? (\S+)')


async def readings(server: Served, **headers: str) -> Mapping[str, float]:
    """Every sample by name and labels; the page is checked on the way."""
    url = f"http://127.0.0.1:{server.port}/metrics"
    async with server.session.get(url, headers=headers) as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        text = await answer.text()
    assert text.endswith("\n")
    values, kinds = dict[str, float](), dict[str, str]()
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            kinds[name] = kind
        elif not line.startswith("# HELP "):
            sample = SAMPLE.fullmatch(line)
            assert sample, line
            base = re.sub(r"_(bucket|sum|count)$", "", sample[1])
            assert sample[1] in kinds or kinds[base] == "histogram"
            values[sample[1] + (sample[2] or "")] = float(sample[3])
    assert all(name.endswith("_total") for name, kind in kinds.items() if kind == "counter")
    return values


async def test_a_server_that_has_done_nothing() -> None:
    """Everything is there from the beginning, at zero."""
    async with served() as server:
        values = await readings(server)
    assert values["deeptone_streams_open"] == 0
    assert values["deeptone_audio_seconds_total"] == 0
    assert values['deeptone_streams_waiting{pace="in_time"}'] == 0
    assert values['deeptone_result_delay_seconds_bucket{le="+Inf"}'] == 0
    assert values["process_resident_memory_bytes"] > 1_000_000


async def test_what_a_stream_leaves_behind() -> None:
    """Audio, results and their delays; half a sample and a header count as dropped."""
    async with served() as server:
        async with server.connect("output_period=64") as socket:
            await socket.send_bytes(bytes(2048 * 10 + 1))
            for _ in range(11):
                await socket.receive()
            during = await readings(server)
            await socket.send_bytes(b"")
            await hear(socket)
        await server.next_ended()
        after = await readings(server)
    assert during["deeptone_streams_open"] == 1
    assert during["deeptone_connections_open"] >= 2
    assert after["deeptone_streams_open"] == 0
    assert after["deeptone_streams_total"] == 1
    assert after["deeptone_results_total"] == 10
    assert after["deeptone_audio_seconds_total"] == 0.64
    assert after["deeptone_received_bytes_total"] == 20_481
    assert after["deeptone_dropped_bytes_total"] == 1
    assert after["deeptone_result_delay_seconds_count"] == 10
    assert after['deeptone_result_delay_seconds_bucket{le="+Inf"}'] == 10


async def test_refusals_are_counted_by_reason() -> None:
    """As many as there were."""
    async with served(max_connections=1, api_key=KEY) as server:
        key = {"X-Api-Key": KEY}
        for _ in range(2):
            with pytest.raises(WSServerHandshakeError):
                await server.connect()
        async with server.connect("models=nothing", headers=key) as socket:
            await hear(socket)
        async with server.connect(headers=key) as first:
            async with server.connect(headers=key) as second:
                assert (await hear(second)).code == 1013
            await first.send_str("text")
            await hear(first)
        values = await readings(server, Authorization=f"Bearer {KEY}")
    refused = {name: value for name, value in values.items() if "refusals" in name}
    assert refused == {
        'deeptone_refusals_total{reason="key"}': 2,
        'deeptone_refusals_total{reason="parameters"}': 1,
        'deeptone_refusals_total{reason="no_room"}': 1,
        'deeptone_refusals_total{reason="text"}': 1,
    }


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"X-Api-Key": "wrong"}, 401),
        ({"Authorization": "Bearer wrong"}, 401),
        ({"Authorization": f"Basic {KEY}"}, 401),
        ({"X-Api-Key": KEY}, 200),
        ({"Authorization": f"bearer {KEY}"}, 200),
    ],
)
async def test_a_server_with_a_key_shows_them_for_the_key(
    headers: dict[str, str], status: int
) -> None:
    """A page elsewhere must not learn when somebody speaks."""
    async with served(api_key=KEY) as server:
        url = f"http://127.0.0.1:{server.port}/metrics"
        async with server.session.get(url, headers=headers) as answer:
            assert answer.status == status
            assert KEY not in await answer.text()


def test_a_histogram_counts_up_to_its_bounds() -> None:
    """A value equal to a bound is within it."""
    histogram = Histogram()
    for value in (0.001, *DELAY_BOUNDS, 0.006, 99.0):
        histogram.observe(value)
    assert histogram.counts == [2, 2, *[1] * 11]
    assert histogram.total == pytest.approx(sum(DELAY_BOUNDS) + 99.007)
