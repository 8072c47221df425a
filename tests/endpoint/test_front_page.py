"""``GET /``: what the server says about itself."""

import base64
import hashlib
import re
from html.parser import HTMLParser

from support.served_endpoint import served

KEY = "a-key-for-these-tests"


class Page(HTMLParser):
    """Collects the names of elements and what would be loaded."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.loads: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.elements.append(tag)
        self.loads += [name for name, _ in attrs if name in ("src", "href", "style", "onclick")]


async def test_people_get_a_page_that_loads_and_runs_nothing() -> None:
    """Its policy allows its own style and nothing else."""
    async with served(api_key=KEY) as server:
        url = f"http://127.0.0.1:{server.port}/"
        async with server.session.get(url, headers={"Accept": "text/html"}) as answer:
            text, headers = await answer.text(), answer.headers
    page = Page(text)
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert page.loads == []
    assert "script" not in page.elements
    assert KEY not in text
    for words in ("speech-rt", "gender", "volume_threshold", "include_raw_values", "needs a key"):
        assert words in text
    style = re.search(r"<style>(.*)</style>", text, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    policy = headers["Content-Security-Policy"]
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}'")


async def test_programs_get_json() -> None:
    """The same facts, without the key."""
    async with served(api_key=KEY, max_connections=7) as server:
        url = f"http://127.0.0.1:{server.port}/"
        async with server.session.get(url, headers={"Accept": "application/json"}) as answer:
            text, facts = await answer.text(), await answer.json()
    assert KEY not in text
    assert facts["name"] == "deeptone-tui"
    assert facts["key_needed"] is True
    assert list(facts["models"]) == ["speech-rt", "speech", "gender"]
    assert facts["models"]["gender"]["receptive_field_ms"] == 3130
    assert facts["limits"]["connections"] == 7
    assert facts["parameters"]["output_period"]["default"] == "1024"


async def test_health_and_the_name_of_the_server() -> None:
    """For supervisors; no versions of libraries for others."""
    async with served() as server:
        async with server.session.get(f"http://127.0.0.1:{server.port}/health") as answer:
            assert await answer.json() == {"status": "ok"}
            assert answer.headers["Server"] == "deeptone-tui"
        async with server.session.head(f"http://127.0.0.1:{server.port}/") as answer:
            assert answer.status == 200
