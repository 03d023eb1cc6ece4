"""`ceyx run` over several deployments, with shared limits, on Ray: options, and what is said where they do not go together."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ceyx.cli import main
from ceyx.service import LocalService, Settings
from ceyx.service.limits import Limit

ASK = ["run", "in.jsonl", "-p", "Say {text}", "--out", "out.jsonl"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in.jsonl").write_text("".join(f'{{"text": "row {n}"}}\n' for n in range(30)))
    return tmp_path


def test_a_file_of_deployments_is_asked_and_spills_over(folder, environment, capsys):
    environment.setenv("KEY_OF_ONE", "any")
    with LocalService(Settings(limits={"*": Limit(requests_per_minute=6)})) as one, LocalService() as other:
        (folder / "deployments.toml").write_text(
            f'[[deployment]]\nname = "one"\nbase_url = "{one.url}"\napi_key_env = "KEY_OF_ONE"\nrequests_per_minute = 6\n'
            f'[[deployment]]\nname = "other"\nazure_endpoint = "{other.azure_endpoint}"\napi_key_env = "KEY_OF_ONE"\n'
            'priority = 1\napi_version = "2024-10-21"\nazure_deployment = "gpt-4o-mini"\n'
        )
        assert main([*ASK, "--deployments", "deployments.toml", "--json"]) == 0
    summary = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (summary["done"], summary["limited"], summary["retries"]) == (30, 0, 0)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--limits", "http://me:s3cret@host"], "at redis://host:6379/0"),
        (["--engine", "spark"], "there is no engine 'spark'; there are local and ray"),
        (["--actors", "2"], "--actors goes with --engine ray"),
        (["--address", "auto"], "--address goes with --engine ray"),
        (["--engine", "ray", "--deployments", "d.toml"], "leave one of them out"),
        (["--deployments", "d.toml", "--base-url", "http://x"], "leave out --base-url"),
        (["--deployments", "d.toml", "--rpm", "5"], "limits are in its file"),
        (["--batch", "--limits", "redis://host"], "--batch leaves calls to the provider"),
    ],
)
def test_what_does_not_go_together_is_told(capsys, options, said):
    assert main([*ASK, *options]) == 2
    told = capsys.readouterr().err
    assert said in told and "s3cret" not in told


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (None, "d.toml"),
        ("[[deployment]]\nmodels = ['gpt-4o']\nbase_url = 'http://127.0.0.1:9'\napi_key = ''\n", "serves 'gpt-4o-mini'"),
        ("[[deployment]]\nbase_url = 'http://127.0.0.1:9'\nrequests_per_minute = 0\n", "requests_per_minute is a number above 0"),
    ],
)
def test_a_file_of_deployments_that_will_not_do(folder, capsys, file, said):
    if file is not None:
        (folder / "d.toml").write_text(file)
    assert main([*ASK, "--deployments", "d.toml"]) == 4
    assert said in capsys.readouterr().err


def test_redis_that_is_not_there_is_told_without_its_password(environment, capsys):
    with LocalService() as service:
        environment.setenv("OPENAI_BASE_URL", service.url)
        environment.setenv("OPENAI_API_KEY", "any")
        assert main([*ASK, "--limits", "redis://me:s3cret@127.0.0.1:1/0"]) == 3
    told = capsys.readouterr().err
    assert "cannot share limits through Redis at 127.0.0.1:1/0" in told and "s3cret" not in told


def test_on_ray_a_password_is_left_to_the_environment(capsys, monkeypatch):
    monkeypatch.setattr("ceyx.bulk.ray.installed", lambda: None)
    assert main([*ASK, "--engine", "ray", "--limits", "redis://me:s3cret@127.0.0.1:1/0"]) == 2
    told = capsys.readouterr().err
    assert "put it into CEYX_REDIS_PASSWORD" in told and "s3cret" not in told


def test_without_ray_it_says_what_to_install(capsys, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "ray", None)
    monkeypatch.setitem(__import__("sys").modules, "ray.data", None)
    assert main([*ASK, "--engine", "ray"]) == 4
    assert "pip install 'ceyx[ray]'" in capsys.readouterr().err
