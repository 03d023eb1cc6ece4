"""Which requests a fault happens to: headers, deployments, scenarios, `times`; and what the service counts."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from raw_wire import ASK, CHAT, STREAM, address, ask, counters, request

from ceyx.service import LocalService, Settings
from ceyx.service.faults.catalogue import parse
from ceyx.service.faults.fault import FaultError

AZURE = "/openai/deployments/{}/chat/completions?api-version=2024-10-21"


@pytest.fixture
def service() -> Iterator[LocalService]:
    with LocalService() as running:
        yield running


def statuses(service: LocalService, fault: str | None, count: int) -> list[int]:
    return [ask(service, fault).status for _ in range(count)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("stal", r"no fault 'stal' \(did you mean stall"),
        ("", "there is no fault ''"),
        ("nothing-like-it", "there is no fault 'nothing-like-it'; ceyx serve --list-faults"),
        ("stall=5", "there is no fault 'stall'"),
        ("stall;second=5", r"'stall' has no parameter 'second' \(did you mean seconds\?\); it takes at, seconds"),
        ("stall;seconds", "seconds is given no value"),
        ("stall;seconds=1;seconds=2", "seconds is given twice"),
        ("stall;seconds=soon", "stall: seconds is a number of seconds, such as 0.5, or inf; got 'soon'"),
        ("stall;seconds=nan", "got 'nan'"),
        ("stall;seconds=-1", "got '-1'"),
        ("cut;framing=odd", "framing is one of own, length, chunked, close; got 'odd'"),
        ("cut;events=-1", "a whole number"),
        ("status;code=99", "a status from 200 to 599"),
        ("status;times=0", "a whole number above 0"),
        ("gzip-bomb;size=big", "512MiB"),
        ('body;text="a', "cannot be read"),
        ('body;text={"a":"b;c"}', "in quotes"),
    ],
)
def test_what_is_no_fault_is_said_to_be_none(service: LocalService, text: str, said: str) -> None:
    with pytest.raises(FaultError, match=said) as raised:
        parse(text)
    raw = ask(service, text)
    assert raw.status == 400
    assert raw.json["error"]["message"] == f"x-ceyx-fault: {raised.value}"
    assert raw.json["error"]["param"] == "x-ceyx-fault"


def test_sizes_and_quotes() -> None:
    assert parse("gzip-bomb;size=1.5MiB").values["size"] == 3 * 512 * 1024
    assert parse("big-body ; size = 2 GB ;").values["size"] == 2 * 1024**3
    assert parse('status;message="a \\"b\\"; c";code=400').values["message"] == 'a "b"; c'


def test_a_fault_that_cannot_happen_is_refused(service: LocalService) -> None:
    assert "ask with stream true" in ask(service, "stream-end").json["error"]["message"]
    assert "ask without stream" in ask(service, "cut-json", STREAM).json["error"]["message"]
    assert counters(service)["faults"] == {}


class TestTimes:
    def test_a_call_fails_so_often_and_then_succeeds(self, service: LocalService) -> None:
        assert statuses(service, "status;times=2", 7) == [500, 500, 200, 500, 500, 200, 500]

    def test_calls_count_for_themselves(self, service: LocalService) -> None:
        fault = "status;times=1"
        assert [ask(service, fault, x_ceyx_request=call).status for call in "abba"] == [500, 500, 200, 200]
        assert [ask(service, fault, idempotency_key=call).status for call in "cddc"] == [500, 500, 200, 200]
        other = {**ASK, "seed": 1}
        assert [ask(service, fault, body).status for body in (ASK, other, other, ASK)] == [500, 500, 200, 200]

    def test_a_key_counts_until_a_reset(self, service: LocalService) -> None:
        fault = "status;times=2;key=mine"
        assert [ask(service, fault, x_ceyx_request=str(call)).status for call in range(5)] == [500, 500, 200, 200, 200]
        assert statuses(service, "status;times=2;key=other", 1) == [500]
        ask(service, None, {}, "/_ceyx/counters/reset")
        assert statuses(service, fault, 1) == [500]


class TestDeployments:
    def test_each_has_its_own(self) -> None:
        faults = {"gpt-4o": "status;code=503", "*": "status;code=529", "a[b]*": "status;code=502"}
        with LocalService(Settings({"a[b]*": "gpt-4o"}, faults=faults)) as service:
            assert ask(service, None).status == 503
            assert ask(service, None, ASK, AZURE.format("gpt-4o")).status == 503
            assert ask(service, None, ASK, AZURE.format("gpt-4.1")).status == 529
            assert ask(service, None, ASK, AZURE.format("a%5Bb%5D*")).status == 502
            assert ask(service, None, None, "/v1/models").status == 529
            assert ask(service, "none").status == 200
            assert ask(service, "status;code=418").status == 418

    def test_a_fault_of_streams_passes_others_by(self) -> None:
        with LocalService(Settings(faults={"*": "stream-end"})) as service:
            assert ask(service, None).json["choices"]
            assert ask(service, None, STREAM).text == "This is"
            assert ask(service, None, None, "/v1/models").json["data"]

    def test_as_on_a_command_line(self) -> None:
        settings = Settings.of(["prod=gpt-4o"], faults=["prod=status;code=429", "*=stall"])
        assert dict(settings.faults) == {"prod": "status;code=429", "*": "stall"}
        for wrong in (["stall"], ["=stall"], ["prod="], ["prod=stall", "prod=cut"]):
            with pytest.raises(ValueError, match="DEPLOYMENT=FAULT"):
                Settings.of(faults=wrong)
        with pytest.raises(FaultError, match="did you mean stall"):
            Settings(faults={"prod": "stal"})


def scenario(folder: Path, text: str) -> Path:
    path = folder / "bad-day.toml"
    path.write_text(text)
    return path


class TestScenarios:
    def test_the_first_and_every_nth(self, tmp_path: Path) -> None:
        text = """
            [[rule]]
            model = "gpt-4o"
            stream = false
            first = 2
            fault = "status;code=503"

            [[rule]]
            path = "*/chat/*"
            every = 3
            fault = "status;code=529"
        """
        with LocalService(Settings({"prod": "gpt-4o"}, scenario=scenario(tmp_path, text))) as service:
            asked = {**ASK, "model": "prod"}
            assert [ask(service, None, asked).status for _ in range(8)] == [503, 503, 200, 200, 529, 200, 200, 529]
            assert ask(service, None, {**STREAM, "model": "prod"}).status == 200
            ask(service, None, {}, "/_ceyx/counters/reset")
            assert ask(service, None, asked).status == 503

    def test_chance_repeats(self, tmp_path: Path) -> None:
        text = 'seed = 7\n[[rule]]\ndeployment = "gpt-*"\nprobability = 0.5\nfault = "status"'
        runs: list[list[int]] = []
        for _ in range(2):
            with LocalService(Settings(scenario=scenario(tmp_path, text))) as service:
                runs.append(statuses(service, None, 20))
                ask(service, None, {}, "/_ceyx/counters/reset")
                runs.append(statuses(service, None, 20))
        assert runs[1:] == runs[:1] * 3
        assert 3 < runs[0].count(500) < 17

    def test_they_come_before_deployments(self, tmp_path: Path) -> None:
        path = scenario(tmp_path, '[[rule]]\nfirst = 1\nfault = "status;code=503"')
        with LocalService(Settings(faults={"*": "status;code=529"}, scenario=path)) as service:
            assert statuses(service, None, 3) == [503, 529, 529]

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("[[rule]", "is no TOML"),
            ("", "is no scenario"),
            ("rules = 1", "it has rules"),
            ('[[rule]]\nfault = "stal"', "rule 1: there is no fault 'stal'"),
            ('[[rule]]\nfault = "stall"\n[[rule]]\nmodel = "x"', "rule 2: fault is missing"),
            ('[[rule]]\nfault = "stall"\nfirts = 1', r"no 'firts' \(did you mean first\?\)"),
            ('[[rule]]\nfault = "stall"\nfirst = 0', "numbers above 0"),
            ('[[rule]]\nfault = "stall"\nstream = 1', "stream is true or false; got 1"),
            ('[[rule]]\nfault = "stall"\nfirst = true', "first is a whole number; got True"),
            ('[[rule]]\nfault = "stall"\nprobability = 2', "between 0 and 1; got 2"),
        ],
    )
    def test_mistakes_are_named(self, tmp_path: Path, text: str, said: str) -> None:
        with pytest.raises(FaultError, match=said) as raised:
            Settings(scenario=scenario(tmp_path, text))
        assert "bad-day.toml" in str(raised.value)


class TestCounters:
    def test_requests_answers_and_faults(self, service: LocalService) -> None:
        for fault in (None, None, "reset;at=head", "cut", "status;code=429", "status;code=429", "unknown"):
            ask(service, fault)
        ask(service, "cut", {**ASK, "messages": []})
        assert counters(service) == {
            "requests": 8,
            "open": 0,
            "answers": {"200": 3, "none": 1, "429": 2, "400": 2},
            "clean": {"200": 2, "400": 2},
            "faults": {"reset": 1, "cut": 1, "status": 2},
            "calls": {"distinct": 0, "not_kept": 0, "repeated": {}, "answered_again": {}},
        }
        ask(service, None, {}, "/_ceyx/counters/reset")
        assert counters(service)["requests"] == 0 and counters(service)["answers"] == {}

    def test_a_request_on_its_way_is_open(self, service: LocalService) -> None:
        with socket.create_connection(address(service)) as connection:
            connection.sendall(request(ASK, CHAT, x_ceyx_fault="stall"))
            until(lambda: counters(service)["open"] == 1)
            assert counters(service)["faults"] == {"stall": 1}
        until(lambda: counters(service)["open"] == 0)
        assert counters(service)["answers"] == {"none": 1}

    def test_calls_that_came_twice(self, service: LocalService) -> None:
        ask(service, "status;times=1", x_ceyx_request="retried")
        ask(service, "status;times=1", x_ceyx_request="retried")
        for call in ("once", "doubled", "doubled"):
            ask(service, None, x_ceyx_request=call)
        calls = counters(service)["calls"]
        assert calls == {
            "distinct": 3,
            "not_kept": 0,
            "repeated": {"retried": 2, "doubled": 2},
            "answered_again": {"doubled": 2},
        }
        assert counters(service, "?calls=all")["calls"]["arrived"] == {"retried": 2, "once": 1, "doubled": 2}

    def test_ids_are_bounded(self, service: LocalService, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("ceyx.service.counters.MOST_CALLS", 2)
        for call in "abcab":
            ask(service, None, x_ceyx_request=call)
        calls = counters(service)["calls"]
        assert (calls["distinct"], calls["not_kept"], calls["repeated"]) == (2, 1, {"a": 2, "b": 2})


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 5
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)
