"""``GET /``: what the server says about itself."""

import base64
import hashlib
import re
from html.parser import HTMLParser

from support.endpoints.served_endpoint import served

KEY = "a-key-for-these-tests"


class Page(HTMLParser):
    """Collects what would be loaded."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.feed(text)

    def handle_starttag(self, _: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what an element loads."""
        self.loads += [
            str(value).partition("image")[0]
            for name, value in attrs
            if name in ("src", "href", "style", "onclick", "action")
        ]


def hashed(text: str) -> str:
    """As a source in a policy."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


async def test_people_get_one_page_that_holds_all_it_runs() -> None:
    """Its policy allows its own style, its own script and this server, and nothing else."""
    async with served(api_key=KEY) as server:
        url = f"http://127.0.0.1:{server.port}/"
        async with server.session.get(url, headers={"Accept": "text/html"}) as answer:
            text, headers = await answer.text(), answer.headers
    page = Page(text)
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert page.loads == ["data:"]
    assert KEY not in text
    for words in ("speech-rt", "gender", "volume_threshold", "include_raw_values", "needs a key"):
        assert words in text
    style = re.search(r"<style>(.*)</style>", text, re.DOTALL)
    script = re.search(r"<script>(.*)</script>", text, re.DOTALL)
    assert style is not None
    assert script is not None
    assert headers["Content-Security-Policy"] == (
        f"default-src 'none'; style-src {hashed(style[1])}; script-src 'self' {hashed(script[1])}; "
        "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )
    assert headers["Permissions-Policy"].startswith("microphone=(self)")


async def test_what_the_page_loads_is_the_worklet_of_this_server() -> None:
    """The only address in its scripts; browsers want a worklet to have one."""
    async with served() as server:
        url = f"http://127.0.0.1:{server.port}"
        async with server.session.get(f"{url}/") as answer:
            text = await answer.text()
        async with server.session.get(f"{url}/worklet.js") as answer:
            assert answer.headers["Content-Type"].startswith("text/javascript")
            worklet = await answer.text()
    assert "registerProcessor" in worklet
    assert "http" not in re.sub(r"http://www\.w3\.org/2000/svg|https?:?[\"' ]", "", text)
    assert "//" not in re.sub(r"//[ -].*", "", worklet)


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
