"""What is seen of a run while it lasts: the words, where they break, and how fast it is said to go."""

from __future__ import annotations

import asyncio
import json
import sys
from decimal import Decimal

import pytest

from ceyx.bulk.limiter import Limiter
from ceyx.bulk.progress import LATELY, Pace, Progress
from ceyx.cli import showing
from ceyx.cli.showing import View, folded, spoken


def halfway() -> Progress:
    progress = Progress(read=70, before=10, done=35, failed=5, in_flight=8, retries=3, limited=2, nanodollars=12_300_000)
    progress.input_tokens, progress.output_tokens = 4000, 1000
    progress.errors.update({"InternalServerError 500": 4, "bad row": 1})
    return progress


def test_it_says_how_far_how_fast_and_what_goes_wrong():
    progress = halfway()
    view = View(progress, 100, Limiter(tokens_per_minute=60_000), Decimal(5))
    view.pace.look(progress.started + 10)
    assert view.rows() == ["50 of about 100 rows", "50 %", "12 s left"]
    assert view.speed() == [
        *("4.0 rows/s", "30,000 of 60,000 tokens/min", "$0.0123 of $5", "8 on their way", "3 retries, 2 for limits"),
        "5 failed: InternalServerError 500 4, bad row 1",
    ]
    told = view.as_dict()
    assert (told["total"], told["rows_per_second"], told["seconds_left"]) == (100, 4.0, 12.5)
    assert (told["tokens_per_minute"], told["tokens_per_minute_limit"]) == (30_000, 60_000)
    json.dumps(told)
    progress.whole, progress.stopped = True, "interrupted"
    assert view.rows() == ["50 of 70 rows", "71 %", "ending: interrupted"]


def test_an_input_of_unknown_length_has_no_end_in_sight():
    view = View(halfway(), None)
    view.pace.look()
    assert view.rows() == ["50 rows"] and view.as_dict()["seconds_left"] is None
    assert View(Progress(), 0).share is None


def test_the_pace_is_that_of_late():
    progress = Progress()
    pace = Pace(progress)
    assert pace.seconds_for(10) is None
    for second in range(1, 101):
        progress.done += 10 if second <= 50 else 2
        progress.input_tokens += 60
        pace.look(progress.started + second)
    assert pace.rows_per_second == pytest.approx(2) and pace.tokens_per_minute == pytest.approx(3600)
    assert pace.seconds_for(20) == pytest.approx(10)
    assert len(pace._looks) <= LATELY + 2
    for second in range(101, 140):  # it stands still
        pace.look(progress.started + second)
    assert pace.rows_per_second == 0 and pace.seconds_for(20) is None


@pytest.mark.parametrize("width", range(1, 120, 7))
def test_no_line_is_wider_than_the_terminal(width):
    view = View(halfway(), 100)
    lines = list(folded(view.speed(), " · ", width))
    assert all(len(line) <= max(width, 2) for line in lines)
    if width > 50:
        assert " · ".join(lines) == " · ".join(view.speed())


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.2, "0 s"), (98.6, "99 s"), (99.9, "2 min"), (5940, "99 min"), (7500, "2 h 5 min"), (200_000, "2 d 7 h")],
)
def test_times_are_said_as_people_do(seconds, said):
    assert spoken(seconds) == said


async def test_programs_get_a_line_of_json_again_and_again(monkeypatch, capsys):
    monkeypatch.setattr(showing, "EVERY_LINE", 0.01)
    async with showing.shown(View(halfway(), 100), as_json=True, quiet=False):
        await asyncio.sleep(0.1)
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(events) >= 2 and {event["event"] for event in events} == {"progress"} and events[0]["total"] == 100


async def test_a_log_gets_a_line_now_and_then_and_quiet_nothing(monkeypatch, capsys):
    monkeypatch.setattr(showing, "EVERY_NOTE", 0.01)
    async with showing.shown(View(halfway(), 100), as_json=False, quiet=False):
        await asyncio.sleep(0.05)
    said = capsys.readouterr()
    assert said.out == "" and said.err.startswith("50 of about 100 rows, 50 %")
    async with showing.shown(View(halfway(), 100), as_json=False, quiet=True):
        await asyncio.sleep(0.05)
    assert capsys.readouterr() == ("", "")


async def test_that_nobody_reads_any_more_ends_no_run(monkeypatch):
    class Closed:
        def write(self, _: str) -> int:
            raise BrokenPipeError

    monkeypatch.setattr(showing, "EVERY_LINE", 0.01)
    monkeypatch.setattr(sys, "stdout", Closed())
    done = False
    async with showing.shown(View(halfway(), 100), as_json=True, quiet=False):
        await asyncio.sleep(0.05)
        done = True
    assert done
