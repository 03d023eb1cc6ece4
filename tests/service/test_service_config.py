"""The configuration file: what it says in each notation, and what is said of one that is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from plain_http import AZURE, Wire, said

from ceyx.service import LocalService, Settings
from ceyx.service.config import settings_of
from ceyx.service.documents import DocumentError, parsed
from ceyx.service.filtering import ContentFilter
from ceyx.service.latency import Latency
from ceyx.service.limits import Limit

WHOLE = """
region: swedencentral
keys: [one, two]
store: state.db
obfuscation: true
control: false
entra: {tenant: my-tenant, secrets: {app: s3cret}, without_role: guest, token_seconds: 60}
faults:
  - {deployment: flaky*, fault: "status;code=503", first: 2}
deployments:
  plain: gpt-4o
  prod:
    model: gpt-4o
    version: 2024-11-20          # no date for YAML here, but text
    engine: script:replies.yaml
    limits: {requests_per_minute: 60, tokens_per_minute: 10000, window: 1}
    latency: {first_token: 0.3, tokens_per_second: 50, jitter: 0.2, seed: 1}
    content_filter: {words: {violence: [kill, maim], hate: slur}, severity: low, asynchronous: true}
    fault: "stall;seconds=5"
  old: {model: gpt-4, version: 0613}
  ada: {model: text-embedding-ada-002, version: 2}
  gpt-4o-mini: {latency: 0.5}
  free: {model: o3, content_filter: false}
  "*": {engine: local, content_filter: true}
"""


def test_says_all_that_settings_are(tmp_path: Path) -> None:
    (tmp_path / "ceyx.yaml").write_text(WHOLE)
    (tmp_path / "replies.yaml").write_text("replies: [{reply: Hello}]")
    settings = settings_of(tmp_path / "ceyx.yaml")
    assert (settings.region, settings.keys, settings.store) == ("swedencentral", {"one", "two"}, tmp_path / "state.db")
    assert (settings.obfuscation, settings.control) == (True, False)
    entra = settings.entra
    assert entra is not None
    assert (entra.tenant, entra.secrets, entra.without_role, entra.token_seconds) == (
        "my-tenant",
        {"app": "s3cret"},
        {"guest"},
        60,
    )
    models = [settings.model(name) for name in ("plain", "prod", "old", "ada", "gpt-4o-mini")]
    assert [model and model.snapshot for model in models] == [
        "gpt-4o-2024-08-06",
        "gpt-4o-2024-11-20",
        "gpt-4-0613",
        "text-embedding-ada-002",
        "gpt-4o-mini-2024-07-18",
    ]
    assert settings.engines == {"prod": {"engine": "script", "file": str(tmp_path / "replies.yaml")}, "*": "local"}
    assert settings.limits == {"prod": Limit(60, 10_000, 1)}
    assert settings.latency == {"prod": Latency(0.3, 50, 0.2, 1), "gpt-4o-mini": Latency(0.5)}
    words = {"violence": ["kill", "maim"], "hate": ["slur"]}
    assert settings.content_filter == {"prod": ContentFilter(words, "low", True), "free": None, "*": ContentFilter()}
    assert [rule.fault.text for rule in settings.rules] == ["status;code=503", "stall;seconds=5"]


def test_toml_and_json_say_the_same(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('[deployments.prod]\nmodel = "gpt-4o"\nlatency.first_token = 1\n')
    (tmp_path / "a.json").write_text(json.dumps({"deployments": {"prod": {"model": "gpt-4o", "latency": 1}}}))
    assert settings_of(tmp_path / "a.toml") == settings_of(tmp_path / "a.json")


def test_options_of_a_command_line_add_to_it(tmp_path: Path) -> None:
    path = tmp_path / "ceyx.yaml"
    path.write_text("keys: [one]\nregion: eu\ndeployments: {a: gpt-4o, b: gpt-4o}\nfaults: {a: stall}")
    settings = Settings.of(["b=o3", "c=gpt-4.1"], keys=["two"], faults=["b=reset"], engines=["a=local"], config=path)
    assert [settings.deployments[name] for name in "abc"] == ["gpt-4o", "o3", "gpt-4.1"]
    assert (settings.keys, settings.region) == ({"one", "two"}, "eu")
    assert settings.faults == {"a": "stall", "b": "reset"}
    with pytest.raises(ValueError, match="an engine is written DEPLOYMENT=ENGINE"):
        Settings.of(engines=["a"])


def test_a_service_runs_by_it(tmp_path: Path) -> None:
    (tmp_path / "replies.yaml").write_text("replies: [{reply: Scripted}]")
    (tmp_path / "ceyx.yaml").write_text("""
keys: secret-key
deployments:
  prod: {model: gpt-4o, version: 2024-11-20, engine: "script:replies.yaml", limits: {requests_per_minute: 600}}
  slow: {model: gpt-4o, fault: "status;code=503"}
""")
    with LocalService(settings_of(tmp_path / "ceyx.yaml")) as service:
        wire = Wire(service)
        key = {"api-key": "secret-key"}
        answer = wire.post(AZURE.format("prod", "chat/completions"), {"messages": said("Hi")}, **key)
        assert answer.json()["model"] == "gpt-4o-2024-11-20"
        assert answer.json()["choices"][0]["message"]["content"] == "Scripted"
        assert answer.headers["x-ratelimit-limit-requests"] == "600"
        assert wire.post(AZURE.format("slow", "chat/completions"), {"messages": said("Hi")}, **key).status == 503
        wire.pool.clear()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("keys: 5", "line 1: keys: text or a list belongs here; got 5"),
        ("keys: [a, 5]", "line 1: keys: only text belongs in this list; got 5"),
        ("regon: eu", r"line 1: regon: there is no 'regon' here \(did you mean region\?\); it may have deployments, "),
        ("deployments:\n  a: {version: 0613}", "line 2: deployments.a: model is missing; say which model 'a' is a deployment of"),
        ("deployments:\n  a: {model: gpt-4o, limit: 3}", "deployments.a.limit: there is no 'limit' .*did you mean limits"),
        ("deployments:\n  a:\n    model: o3\n    engine: scrpt:x", "line 4: deployments.a.engine: 'scrpt:x' is no engine"),
        ("deployments:\n  a: {model: o3, fault: stal}", "a.fault: there is no fault 'stal' .did you mean stall"),
        ("deployments:\n  a: {model: o3, latency: {jitter: 2}}", "a.latency: jitter is 2.0; it is a number from 0 to 1"),
        ("deployments:\n  a: {model: o3, latency: {tokens_per_second: 0}}", "tokens_per_second is 0; it is a number above 0"),
        ("deployments:\n  a: {model: o3, latency: {first_token: soon}}", "first_token: a number belongs here; got 'soon'"),
        ("deployments:\n  a: {model: o3, limits: {requests_per_minute: 0}}", "a whole number from 1 on belongs here; got 0"),
        ("deployments:\n  a: {model: o3, limits: {window: 90}}", "window is 90.0; it is a number of seconds up to 60"),
        ("deployments:\n  a: {model: o3, content_filter: {words: {rude: [x]}}}", "'rude' is no category of the filter"),
        ("deployments:\n  a: {model: o3, content_filter: {severity: bad}}", "severity is 'bad'; it is low, medium or high"),
        ("deployments:\n  a: 5", "line 2: deployments.a: a table belongs here; got 5"),
        ("faults:\n  - {deployment: a}", r"line 2: faults\[1\]: fault is missing"),
        ("faults: {a: stal}", "faults.a: there is no fault 'stal'"),
        ("entra: {tokn: 1}", "entra.tokn: there is no 'tokn'"),
        ("entra: {audiences: []}", "entra: audiences is empty"),
        ("tls: yes", "tls: true or false belongs here; got 'yes'"),
        ("- a", r"a table belongs here; got \['a'\]"),
        ("a: [", "line 1 is no YAML"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "ceyx.yaml"
    path.write_text(text)
    with pytest.raises(DocumentError, match=message) as raised:
        settings_of(path)
    assert str(raised.value).startswith(str(path))


@pytest.mark.parametrize(("name", "text", "message"), [("a.toml", "a =", "is no TOML"), ("a.json", "{", "is no JSON")])
def test_what_is_no_file_of_its_kind(tmp_path: Path, name: str, text: str, message: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(DocumentError, match=message):
        settings_of(tmp_path / name)
    with pytest.raises(DocumentError, match=r"none.yaml cannot be read: No such file"):
        settings_of(tmp_path / "none.yaml")
    (tmp_path / "b.yaml").write_bytes(b"\xff")
    with pytest.raises(DocumentError, match="is no text in UTF-8"):
        settings_of(tmp_path / "b.yaml")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: no", "no"),
        ("a: 2024-10-21", "2024-10-21"),
        ("a: 0613", "0613"),
        ("a: 12:30", "12:30"),
        ("a: 1.5", 1.5),
        ("a: -3", -3),
        ("a: true", True),
        ("a: ~", None),
        ("a:", None),
        ("x: &b {c: 1}\na: {<<: *b, d: 2}", {"c": 1, "d": 2}),
    ],
)
def test_plain_values_of_yaml_are_what_they_look_like(text: str, value: Any) -> None:
    assert parsed(text, "a.yaml").value["a"] == value
