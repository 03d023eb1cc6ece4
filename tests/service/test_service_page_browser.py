"""/_ceyx/ in headless Chromium: what a person sees of a service, and what hostile content does there (nothing)."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import pytest
from plain_http import AZURE, Wire, said

from ceyx.service import Latency, LocalService, Settings
from ceyx.service.limits import Limit
from ceyx.service.seen import MOST

pytestmark = pytest.mark.slow

CHAT = "/v1/chat/completions"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = """
--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update
--disable-sync --host-resolver-rules=MAP\u0020service.example\u0020127.0.0.1
"""
NOT_LET_IN = "the server responded with a status of 403"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """One browser for all tests here; each has a profile of its own."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed (Debian: apt-get install chromium)")
    driver = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install --group slow")
    flags = [each.replace("\u0020", " ") for each in re.split(r"[\n\t]+| (?=--)", FLAGS.strip())]
    with driver.sync_playwright() as playing:
        launched = playing.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield launched
        launched.close()


class Looked:
    """A page that looks at a service, and all that its browser complained about."""

    def __init__(self, context: Any, address: str) -> None:
        self.context, self.address = context, address
        self.complaints: list[str] = []
        self.asked: list[str] = []
        self.page = context.new_page()
        self.page.set_default_timeout(10_000)
        self.page.on("console", lambda message: self.complaints.append(message.text) if message.type != "info" else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.complaints.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(f"{address}/_ceyx/")

    def see(self, selector: str, text: str | re.Pattern[str] = "", seconds: float = 5) -> Any:
        """The element that has this text, once there is one to be seen."""
        found = self.page.locator(selector)
        if text:
            found = found.filter(has_text=text)
        found.first.wait_for(state="visible", timeout=seconds * 1000)
        return found.first

    def text(self, selector: str) -> str:
        return str(self.page.locator(selector).first.inner_text())

    def wait_until(self, script: str) -> None:
        for _ in range(250):  # not by wait_for_function, which the page's policy forbids to evaluate texts
            if self.page.evaluate(script):
                return
            self.page.wait_for_timeout(20)
        raise AssertionError(f"not in five seconds: {script}")


@contextmanager
def looking(browser: Any, address: str, *expected: str, **options: Any) -> Iterator[Looked]:
    """Looks; what the browser complains about at the end must be `expected`."""
    context = browser.new_context(**options)
    looked = Looked(context, address)
    try:
        yield looked
        assert [each for each in looked.complaints if not any(known in each for known in expected)] == []
        assert not [each for each in looked.asked if not each.startswith((looked.address, "data:image/svg"))]
    finally:
        context.close()


@pytest.fixture
def wire() -> Iterator[Wire]:
    settings = Settings(
        {"few": "gpt-4o", "slow": "gpt-4o"}, limits={"few": Limit(10, 5000)}, latency={"slow": Latency(tokens_per_second=25)}
    )
    with LocalService(settings) as service:
        wire = Wire(service)
        yield wire
        wire.pool.clear()


@pytest.fixture
def looked(browser: Any, wire: Wire) -> Iterator[Looked]:
    with looking(browser, wire.service.azure_endpoint) as looked:
        looked.see("#connection.live")
        yield looked


def test_first_it_says_how_to_connect_and_that_works(looked: Looked, wire: Wire) -> None:
    looked.see("#first h3", "Nothing has come yet.")
    programs: list[str] = []
    for provider in ("OpenAI", "Azure"):
        looked.page.select_option("#first select >> nth=0", "Python")
        looked.page.select_option("#first select >> nth=1", provider)
        programs.append(looked.text("#first pre"))
    for program in programs:
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30)
        assert "stand-in" in done.stdout, done.stderr
    looked.see(".row", "Azure 2024-10-21")
    assert looked.page.locator(".row").count() == 2
    assert not looked.page.locator("#first").is_visible()
    looked.page.goto(f"{wire.service.azure_endpoint}/_ceyx/#/connect")
    for language in ("curl", "Python", "JavaScript", "Go", "Java"):
        for provider in ("OpenAI", "Azure"):
            looked.page.select_option("#how select >> nth=0", language)
            looked.page.select_option("#how select >> nth=1", provider)
            assert str(wire.service.azure_endpoint).partition(":")[2] in looked.text("#how pre")
    looked.page.select_option("#how select >> nth=0", "curl")
    if shutil.which("curl"):
        plain = {**os.environ, "no_proxy": "*"}
        done = subprocess.run(["/bin/sh", "-c", looked.text("#how pre")], capture_output=True, text=True, timeout=30, env=plain)
        assert "stand-in" in done.stdout, done.stderr


def test_a_chat_and_a_stream_appear_as_they_come(looked: Looked, wire: Wire) -> None:
    wire.chat("Which birds dive?")
    row = looked.see(".row", "Which birds dive?")
    assert "200" in row.inner_text() and "gpt-4o" in row.inner_text()
    row.click()
    looked.see("#opened h3", "POST /v1/chat/completions")
    looked.see("#opened pre", '"content": "Which birds dive?"')
    looked.page.keyboard.press("Escape")
    assert not looked.page.locator("#opened").is_visible()

    body = {"model": "slow", "messages": said("Tell me everything that there is to tell of them"), "stream": True}
    asking = threading.Thread(target=wire.post, args=(CHAT, body))
    asking.start()
    looked.see(".row .chip", "streaming")
    looked.see(".row", "Tell me everything").click()
    looked.see("#opened pre", "This is")
    early = looked.text("#opened pre")
    asking.join()
    looked.see(".row .chip", re.compile("^stream$"))
    looked.see("#opened pre", "Tell me everything that there is to tell of them”.")
    assert looked.text("#opened pre").startswith(early) and len(looked.text("#opened pre")) > len(early)
    assert looked.see("#opened summary", "Events")


def test_requests_are_found_held_back_and_cleared(looked: Looked, wire: Wire) -> None:
    wire.chat("About kingfishers")
    wire.post(AZURE.format("few", "chat/completions"), {"messages": said("About herons")})
    wire.post(CHAT, {"model": "none", "messages": said("About gulls")})
    looked.see(".row", "gulls")
    rows = looked.page.locator(".row:visible")
    assert [rows.nth(i).locator(".asked").inner_text() for i in range(3)] == ["About gulls", "About herons", "About kingfishers"]
    looked.page.keyboard.press("/")
    looked.page.keyboard.type("azure herons")
    assert rows.count() == 1 and "herons" in rows.first.inner_text()
    looked.see("#shown", "1 of 3 shown")
    looked.page.fill("#find", "")
    looked.page.select_option("#which", "failed")
    assert rows.count() == 1 and "404" in rows.first.inner_text()
    looked.page.select_option("#which", "all")
    looked.page.locator("h1").click()

    rows.first.focus()
    looked.page.keyboard.press("ArrowDown")
    looked.page.keyboard.press("Enter")
    looked.see("#opened pre", "About herons")
    looked.page.keyboard.press("ArrowDown")
    looked.see("#opened pre", "About kingfishers")
    looked.page.keyboard.press("Escape")

    looked.page.keyboard.press("p")
    wire.chat("While it was paused")
    looked.see("#pause", "Go on (1)")
    assert rows.count() == 3
    looked.page.keyboard.press("p")
    looked.see(".row", "While it was paused")
    looked.page.click("#clear")
    looked.see("#first")
    assert rows.count() == 0 and wire.get("/_ceyx/requests").json()["count"] == 0


HOSTILE = [
    "<script>alert('script')</script>",
    "<img src=x onerror=alert('img')>",
    "<svg onload=alert('svg')><a href=javascript:alert('link')>link</a>",
    "javascript:alert('url')",
    "\u202e\u2066right to left\u2069 \u200fabc",
    "null \0 byte \x1b[31m bell \x07",
    "</pre></li></ol><h1>Not a title</h1>",
    "{{constructor.constructor('alert(1)')()}} ${alert(1)} `",
    "W" * 3000 + "ﷺ" * 50 + "Z\u0351\u0352\u0353" * 200,
    "__proto__",
]


def test_hostile_content_does_nothing(looked: Looked, wire: Wire) -> None:
    page = looked.page
    titles, links = page.locator("h1").count(), page.locator("a").count()
    for text in HOSTILE:
        name = re.sub(r"[\0-\x1f]", "", text)[:80].encode("ascii", "replace").decode()
        wire.post("/_ceyx/script", {"replies": [{"reply": text}]})
        wire.chat(text, tools=[{"type": "function", "function": {"name": "a", "description": text}}])
        wire.post(CHAT, {"model": text, "messages": said(text), "stream": True}, **{"x-hostile": name, "user-agent": name})
        wire.post(CHAT, {"model": "gpt-4o", "messages": said(text), "stream": True, "__proto__": {"polluted": text}})
        wire.get(f"/v1/{quote(text)}")
    wire.post(CHAT, b"<script>alert('body')</script>", **{"content-type": "text/html"})
    wire.post(CHAT, {"model": "gpt-4o", "messages": said("<b>" * 1_700_000)})
    wire.post(CHAT, b"\x00\xff" * 2_500_000)
    wire.post(
        "/_ceyx/faults",
        {"fault": 'stall;seconds=0;key="<img src=x onerror=alert(1)>"', "deployment": "<script>alert(2)</script>"},
    )
    count = wire.get("/_ceyx/requests?limit=0").json()["count"]
    looked.see(".row", f"#{count}")
    for row in page.locator(".row").all():
        row.click()
        looked.wait_until("document.querySelector('#opened pre').textContent !== ''")
        page.evaluate("for (const each of document.querySelectorAll('#opened details')) each.open = true")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page has become wider than the window"
    for section in ("deployments", "faults", "control", "connect"):
        page.goto(f"{looked.address}/_ceyx/#/{section}")
        looked.see(f"#{section} h2")
        page.wait_for_timeout(100)
    page.check("#well-known") if page.locator("#well-known").is_visible() else None
    assert (page.locator("h1").count(), page.locator("img, iframe, object, svg, a[href^=javascript]").count()) == (titles, 0)
    assert page.locator("a").count() == links
    assert page.evaluate("({}).polluted") is None
    assert page.locator("script").count() == 1


def test_text_that_turns_around_is_spelled_out(looked: Looked, wire: Wire) -> None:
    wire.chat("safe \u202eexe.txt\u202c \0 end")
    looked.see(".row .asked", "safe \\u{202e}exe.txt\\u{202c} \\u{0} end")


def test_a_fault_that_is_switched_on_happens(looked: Looked, wire: Wire) -> None:
    page = looked.page
    page.click("nav >> text=Faults")
    page.fill("#find-fault", "provider error")
    looked.see("#catalogue button", "status").click()
    page.fill("[data-parameter=code]", "503")
    page.fill("#fault-deployment", "few")
    page.select_option("#fault-often", "first")
    page.fill("#fault-number", "1")
    looked.see("#fault-text", '{"fault":"status;code=503","deployment":"few","first":1}')
    page.click("#fault button[type=submit]")
    rule = looked.see("#rules li", "status;code=503")
    assert "deployment few, first 1" in rule.inner_text()
    looked.see("#rules-active", "1")
    body = {"model": "few", "messages": said("Hi")}
    assert [wire.post(CHAT, body).status for _ in range(2)] == [503, 200]
    looked.see("#rules li", "status happened once")

    looked.see("#rules button", "Switch off").click()
    looked.see("#rules li.off", "status;code=503")
    assert wire.get("/_ceyx/faults").json() == {"rules": []}
    looked.see("#rules button", "Switch on").click()
    looked.see("#rules li.on", "status;code=503")
    assert wire.post(CHAT, body).status == 503
    page.click("#drop-rules")
    looked.see("#rules", "None: nothing goes wrong on purpose")

    page.fill("[data-parameter=code]", "abc")
    page.click("#fault button[type=submit]")
    looked.see("#fault-wrong", "code is")
    looked.complaints.clear()  # the browser mentions the 400


def test_scripts_the_clock_and_reset(looked: Looked, wire: Wire) -> None:
    page = looked.page
    page.click("nav >> text=Control")
    page.fill("#script-text", '{"replies": [{"reply": "Scripted"}]}')
    page.click("#script button[type=submit]")
    looked.see("#done", "The script is used from now on.")
    looked.see("#scripts", "* (1)")
    assert wire.chat("Hi")["choices"][0]["message"]["content"] == "Scripted"
    page.fill("#script-text", "{")
    page.click("#script button[type=submit]")
    looked.see("#done", "That is no JSON")
    page.click("text=+ 1 hour")
    looked.see("#clock", "3600 seconds ahead")
    assert wire.get("/_ceyx/clock").json()["ahead"] == 3600
    page.click("#reset")
    looked.see("#done", "All is as at the start.")
    assert wire.get("/_ceyx/clock").json()["ahead"] == 0
    assert "stand-in" in wire.chat("Hi")["choices"][0]["message"]["content"]
    page.click("nav >> text=Requests")
    looked.see(".row")
    assert page.locator(".row").count() == 1


def test_limits_and_usage(looked: Looked, wire: Wire) -> None:
    body = {"model": "few", "messages": said("Hi"), "max_tokens": 5}
    for _ in range(9):
        wire.post(CHAT, body)
    looked.page.click("nav >> text=Deployments")
    card = looked.see(".card", "few")
    looked.wait_until("document.querySelector('.meter')?.getAttribute('aria-valuenow') > 8")
    assert "gpt-4o-2024-08-06" in card.inner_text() and "9 of 10" in card.inner_text()
    assert card.locator(".meter .full.much").count() == 1
    looked.see("#usage tr", "gpt-4o")
    assert [int(each) for each in looked.page.locator("#usage td").all_inner_texts()[:2]] == [9, 0]
    looked.page.check("#well-known")
    looked.see(".card", "whisper-1")


@pytest.mark.parametrize("host", ["127.0.0.1", "service.example"])
def test_who_needs_a_key_is_asked_for_it(browser: Any, host: str) -> None:
    with LocalService(Settings(keys=frozenset({"right-key"}))) as service:
        address = service.azure_endpoint.replace("127.0.0.1", host)
        with looking(browser, address, NOT_LET_IN) as looked:
            if host == "127.0.0.1":  # from this machine none is needed
                looked.see("#connection.live")
                assert not looked.page.locator("#keys").is_visible()
            else:
                looked.see("#keys-why", "one of its keys")
                looked.page.fill("#key", "wrong-key")
                looked.page.keyboard.press("Enter")
                looked.see("#keys-wrong", "That is none of its keys.")
                looked.page.fill("#key", "right-key")
                looked.page.keyboard.press("Enter")
                looked.see("#connection.live")
                assert not looked.page.locator("#keys").is_visible()
                Wire(service).post(CHAT, {"model": "gpt-4o", "messages": said("Hi")}, **{"api-key": "right-key"})
                looked.see(".row").click()
                looked.see("#opened pre", '"content": "Hi"')
                assert "right-key" not in looked.page.content()
                looked.page.reload()
                looked.see("#connection.live")  # it has kept the key
                assert not any("right-key" in url for url in looked.asked)


def test_pages_of_others_get_nowhere(browser: Any, wire: Wire) -> None:
    """A page at another port of this machine, which browsers take for the same site."""
    with LocalService() as other:
        address = wire.service.azure_endpoint
        tried = """async (address) => {
            const made = [];
            const ways = [["GET", "state", "cors"], ["GET", "state", "no-cors"], ["POST", "reset", "no-cors"],
                ["POST", "faults", "no-cors"], ["DELETE", "faults", "cors"]];
            for (const [method, path, mode] of ways) {
                try {
                    const body = method === "POST" ? JSON.stringify(path === "faults" ? {fault: "hang-up"} : {}) : undefined;
                    const answer = await fetch(`${address}/_ceyx/${path}`, {method, mode, body});
                    made.push(answer.type);
                } catch { made.push("refused"); }
            }
            return made;
        }"""
        wire.chat("Before")
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"{other.azure_endpoint}/v1/models")  # which has no policy of its own
        assert page.evaluate(tried, address) == ["refused", "opaque", "opaque", "opaque", "refused"]
        page.set_content(f'<iframe src="{address}/_ceyx/"></iframe>')
        page.wait_for_timeout(300)
        assert not [frame for frame in page.frames[1:] if frame.locator("#connection").count()]
        context.close()
        assert wire.get("/_ceyx/faults").json() == {"rules": []}
        assert wire.get("/_ceyx/requests").json()["count"] == 1


def test_ten_thousand_requests_do_not_slow_it_down(looked: Looked, wire: Wire) -> None:
    page = looked.page
    page.evaluate("""() => {
        window.longest = 0;
        let last = performance.now();
        const beat = () => {
            const now = performance.now();
            window.longest = Math.max(window.longest, now - last);
            last = now;
            setTimeout(beat, 10);
        };
        beat();
    }""")
    body = {"model": "gpt-4o", "messages": said("Hello")}

    def many() -> None:
        mine = Wire(wire.service)
        for _ in range(2500):
            mine.post(CHAT, body)
        mine.pool.clear()

    threads = [threading.Thread(target=many) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    looked.see(".row", "#10000", seconds=20)
    assert page.locator(".row").count() == MOST
    assert page.evaluate("window.longest") < 2000  # milliseconds; a machine that does other things takes some
    began = time.perf_counter()
    page.fill("#find", "#9999")
    looked.see("#shown", f"1 of {MOST} shown")
    page.fill("#find", "")
    page.locator(".row:visible").first.click()
    looked.see("#opened pre", '"content": "Hello"')
    assert time.perf_counter() - began < 5


def test_the_service_goes_and_comes_back(browser: Any) -> None:
    with LocalService() as service:
        port = int(service.azure_endpoint.rpartition(":")[2])
        with looking(browser, service.azure_endpoint, "ERR_", "Failed to load") as looked:
            Wire(service).chat("Before")
            looked.see(".row", "Before")
            service.close()
            looked.see("#connection.lost")
            with LocalService(port=port) as again:
                looked.see("#connection.live")
                Wire(again).chat("After")
                looked.see(".row", "After")
                assert looked.page.locator(".row").count() == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1400])
def test_it_can_be_read(browser: Any, wire: Wire, width: int, scheme: str) -> None:
    """Nothing is wider than the window, every control has a name, and texts stand out from what is behind them (WCAG, AA)."""
    wire.chat("A word of some length, so that there is something to be cut off where the window is narrow")
    wire.post(
        AZURE.format("few", "chat/completions"), {"messages": said("Hi"), "stream": True}, **{"x-ceyx-fault": "stall;seconds=0"}
    )
    wire.post("/_ceyx/faults", {"fault": "status;code=503", "deployment": "nobody"})
    options = {"viewport": {"width": width, "height": 800}, "color_scheme": scheme}
    with looking(browser, wire.service.azure_endpoint, **options) as looked:
        looked.see(".row", "A word of").click()
        looked.see("#opened pre", "A word of")
        for section in ("requests", "deployments", "faults", "control", "connect"):
            if section != "requests":
                looked.page.goto(f"{looked.address}/_ceyx/#/{section}")
            looked.see(f"#{section} h2" if section != "requests" else "#opened")
            looked.page.wait_for_timeout(50)
            assert looked.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), section
            assert looked.page.evaluate(NAMELESS) == [], section
            assert looked.page.evaluate(TOO_FAINT) == [], section


NAMELESS = """() => [...document.querySelectorAll("button, input, select, textarea, a, [role=meter], [role=img], [role=region]")]
    .filter((each) => each.checkVisibility())
    .filter((each) => !(each.textContent.trim() || each.getAttribute("aria-label") || each.labels?.length))
    .map((each) => each.outerHTML)"""

TOO_FAINT = """() => {
    const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const parts = (colour) => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const light = (colour) => {
        const linear = (part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
        const [r, g, b] = parts(colour).map((each) => linear(each / 255));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = (element) => {
        for (let each = element; each; each = each.parentElement) {
            const colour = getComputedStyle(each).backgroundColor;
            if (parts(colour)[3] > 250) return colour;
        }
        return "white";
    };
    const faint = [];
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const text = texts.currentNode.data.trim();
        const element = texts.currentNode.parentElement;
        if (!text || !element.checkVisibility() || element.closest(".unseen, noscript, option, .skip")) continue;
        const [dark, bright] = [light(getComputedStyle(element).color), light(behind(element))].sort((one, other) => one - other);
        const contrast = (bright + 0.05) / (dark + 0.05);
        if (contrast < 4.5) faint.push(`${text.slice(0, 40)} (${element.className}): ${contrast.toFixed(2)}`);
    }
    return faint;
}"""
