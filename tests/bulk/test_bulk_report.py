"""The page about a job: whole in itself, without a script, and whatever rows and servers say stays text."""

from __future__ import annotations

import base64
import re
import shutil
import subprocess
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from random import Random
from typing import Any
from xml.etree import ElementTree

import msgspec
import pytest
from hypothesis import given, settings, strategies as st

from ceyx.bulk import plots
from ceyx.bulk.digest import Digest
from ceyx.bulk.history import PastJob
from ceyx.bulk.ledger import Item
from ceyx.bulk.report import LONGEST, page

HOSTILE = "</pre></style><script>alert(1)</script><img src=x onerror=alert(2)> \" ' & \u202e \x00\x1b[31m"


def items(count: int, text: str = "kingfisher") -> list[Item]:
    chance, at, found = Random(1), 1.7e9, []
    for n in range(1, count + 1):
        at += chance.expovariate(20) + (7200 if n == count // 2 else 0)
        told: dict[str, Any] = {"at": at, "seconds": round(chance.lognormvariate(-1, 0.5), 3)}
        if n % 40 == 0:
            state, told = "failed", {"at": at, "error": text, "kind": f"InternalServerError {text}"}
        else:
            state = "done"
            told |= {"answer": {"label": text}, "model": text, "finish_reason": "stop", "priced": True}
            told |= {"input_tokens": 90, "output_tokens": 9}
        found.append(Item(n, b"i", state, 1, 20_000, msgspec.json.encode({"text": text}), msgspec.json.encode(told)))
    return found


def job(text: str = "gpt-4o-mini") -> PastJob:
    return PastJob(
        id="5" * 16, model=text, out=f"/data/{text}.jsonl", inputs=[text], began=1.7e9, runs=2, state="finished", rows=400
    )


def made(count: int = 400, text: str = "kingfisher") -> str:
    return page(job(text), Digest.of(items(count, text)), {"model": text, "prompt": text})


class Tags(HTMLParser):
    """The elements and attributes of a page, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str | None] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value for name, value in attrs if name in ("src", "href", "action", "srcset")]
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_it_says_what_there_is_to_say():
    seen = Tags(made())
    for said in (
        "390",
        "10 failed",
        "Latency",
        "Rows a second",
        "Tokens a minute",
        "Cost",
        "Errors",
        "$0.0078",
        "up to $0.0002 more",
        "kingfisher",
    ):
        assert said in seen.text, said
    assert "paused for 2 h" in seen.text and seen.open == []


def test_it_loads_and_runs_nothing():
    html = made()
    seen = Tags(html)
    assert not seen.tags & {"script", "link", "img", "iframe", "object", "form", "base"}
    assert seen.links == [] and not any(name.startswith("on") or name == "style" for name in seen.attributes)
    assert "url(" not in html and "@import" not in html
    [policy] = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', html)
    [style] = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    assert "default-src 'none'" in policy
    assert f"style-src 'sha256-{base64.b64encode(sha256(style.encode()).digest()).decode()}'" in policy
    assert "prefers-color-scheme: dark" in style and 'name="viewport"' in html


@pytest.mark.parametrize("text", [HOSTILE, "\ud800", "x" * 10 * LONGEST, ""], ids=["html", "surrogate", "long", "empty"])
def test_what_others_wrote_is_text(text):
    plain = text.encode("utf-8", "replace").decode()  # JSON has no lone surrogate
    html = made(80, plain)
    html.encode("utf-8")
    seen = Tags(html)
    assert not seen.tags & {"script", "img"} and seen.open == []
    assert seen.text.count("alert(1)") == html.count("alert(1)")
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", html)
    assert len(html) < 2_000_000


@given(st.text(max_size=200))
@settings(max_examples=25, deadline=None)
def test_any_text_leaves_the_page_whole(text):
    seen = Tags(made(40, text.encode("utf-8", "replace").decode()))
    assert seen.open == [] and "script" not in seen.tags


@pytest.mark.parametrize("count", [0, 1, 2])
def test_a_job_of_few_rows_has_a_page(count):
    seen = Tags(page(msgspec.structs.replace(job(), rows=count), Digest.of(items(count)), {}))
    assert "Rows answered" in seen.text and f"all of {count}" in seen.text


def test_a_job_without_times_or_answers_has_a_page():
    rows = [Item(1, b"i", "poison", 0, 0, b"{}", b'{"error":"no text"}'), Item(2, b"i", "sent"), Item(3, b"i", "skipped")]
    seen = Tags(page(job(), Digest.of(rows), {}))
    assert "1 failed, 1 not asked, 1 sent, no answer" in seen.text and "bad row" in seen.text


# ---- plots


@given(
    st.lists(st.floats(0, 1e12, allow_nan=False), min_size=1, max_size=60),
    st.floats(0.25, 1e6),
    st.lists(st.tuples(st.floats(0, 1e6), st.floats(60, 1e7)), max_size=3),
)
def test_plots_stay_in_their_frame(values, stretch, pauses):
    halves = [value / 2 for value in values]
    series = [plots.Series("a", "blue", values), plots.Series("b", "red", halves)]
    whole = stretch * len(values)
    pauses = [(min(at, whole), long) for at, long in pauses]
    for svg in (
        plots.columns("two", series, stretch, plots.short, pauses),
        plots.rising("one", series[0], stretch, plots.short, pauses),
        plots.histogram("all", sorted(values), [("half", values[0])], "blue"),
    ):
        drawn = ElementTree.fromstring(svg)
        numbers = [
            (float(value), limit)
            for each in drawn.iter()
            for name, limit in (("x", plots.WIDTH), ("x1", plots.WIDTH), ("y", plots.HEIGHT), ("y1", plots.HEIGHT))
            if (value := each.get(name)) is not None
        ]
        assert all(-0.1 <= number <= limit + 0.1 for number, limit in numbers)


@given(st.floats(1e-9, 1e15))
def test_axes_have_a_few_round_numbers(most):
    ticks = plots.nice(most)
    assert ticks[0] == 0 and 2 <= len(ticks) <= 7
    assert ticks[-1] <= most * 1.0001 and most - ticks[-1] <= ticks[1] * 1.0001


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        *[(0, "0 s"), (0.25, "0.25 s"), (60, "1 min"), (90, "90 s"), (120, "2 min"), (150, "2 min 30 s")],
        *[(9000, "2 h 30 min"), (86_400, "24 h"), (201_600, "2 d 8 h")],
    ],
)
def test_times_are_said_as_people_do(seconds, said):
    assert plots.time_of(seconds) == said


@pytest.mark.parametrize(("value", "said"), [(0.0, "0"), (0.000123, "0.000123"), (1234.5, "1,234"), (1.5, "1.5"), (99.96, "100")])
def test_numbers_are_never_in_powers_of_ten(value, said):
    assert plots.plain(value) == said


@pytest.mark.slow
def test_a_browser_shows_it_and_runs_nothing(tmp_path: Path):
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("needs a browser: apt-get install chromium")
    (tmp_path / "report.html").write_text(made(400, HOSTILE.replace("alert(1)", "document.title='run'")), "utf-8")
    quiet = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    more = "--disable-component-update --disable-sync --hide-scrollbars --window-size=420,2000 --enable-logging=stderr"
    command = [browser, *quiet.split(), *more.split(), f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom"]
    done = subprocess.run(
        [*command, (tmp_path / "report.html").as_uri()], capture_output=True, text=True, timeout=60, check=False
    )
    assert "<title>" in done.stdout and ": report</title>" in done.stdout
    assert "CONSOLE" not in done.stderr  # as a policy that is broken would be said there
