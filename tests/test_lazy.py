"""Names imported when first touched."""

from __future__ import annotations

import subprocess
import sys

import pytest

import ceyx
from ceyx.lazy import lazily, likeness
from ceyx.resources.tree import Tree

HEAVY = ["aiohttp", "urllib3", "httpx", "httpx2", "msgspec", "asyncio", "pydantic", "numpy", "azure", "logging", "ssl", "trio"]


def loaded_by(program: str) -> set[str]:
    code = f"import sys; {program}; print(*sys.modules)"
    return set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())


def test_importing_ceyx_imports_next_to_nothing():
    loaded = loaded_by("import ceyx")
    assert not loaded & set(HEAVY)
    assert {name for name in loaded if name.startswith("ceyx")} <= {"ceyx", "ceyx.version"}


NETWORK = {"aiohttp", "urllib3", "httpx", "httpx2", "pydantic", "numpy", "azure", "logging", "ssl", "trio", "asyncio"}


def test_making_a_client_imports_no_network():
    loaded = loaded_by("import ceyx; ceyx.OpenAI(api_key='x').chat.completions; ceyx.AsyncOpenAI(api_key='x').models")
    assert not loaded & NETWORK


def test_touching_a_resource_imports_what_it_answers_with():
    groups = [name for name, made in vars(Tree).items() if type(made).__name__ == "child"]
    loaded = loaded_by(f"import ceyx; client = ceyx.OpenAI(api_key='x'); [getattr(client, name) for name in {groups}]")
    assert not loaded & NETWORK
    parameters = {"ceyx.types.chat.completion_create_params", "ceyx.types.responses.response_create_params"}
    assert not loaded & parameters
    assert "ceyx.types.responses.response" in loaded


def test_every_public_name_is_there_and_listed():
    for name in dir(ceyx):
        if not name.startswith("_"):
            getattr(ceyx, name)
    assert {"OpenAI", "AsyncAzureOpenAI", "NOT_GIVEN", "Timeout", "types", "errors", "chat", "BaseModel"} <= set(dir(ceyx))


def test_aliases():
    assert ceyx.Client is ceyx.OpenAI
    assert ceyx.AsyncClient is ceyx.AsyncOpenAI
    assert ceyx.NotGiven is ceyx.Omit
    assert ceyx.__version__ == ceyx.VERSION


def test_a_name_there_is_not():
    with pytest.raises(AttributeError, match="'ceyx' has no attribute 'ChatCompletions'"):
        ceyx.ChatCompletions  # noqa: B018


def test_the_types_are_lazy_too():
    loaded = loaded_by("from ceyx.types import Model")
    assert "ceyx.types.model" in loaded
    assert "ceyx.types.create_embedding_response" not in loaded
    import ceyx.types

    assert {"CreateEmbeddingResponse", "Model", "chat"} <= set(dir(ceyx.types))
    assert set(ceyx.types.__all__) <= set(dir(ceyx.types))
    with pytest.raises(AttributeError, match="has no attribute 'Nonsense'"):
        ceyx.types.Nonsense  # noqa: B018


def test_a_package_offers_what_its_modules_hold(tmp_path, monkeypatch):
    package = tmp_path / "lazy_sample"
    package.mkdir()
    (package / "some_thing.py").write_text("class SomeThing: ...\n_private = 1\n")
    (package / "rest.py").write_text("__all__ = ['Other']\nclass Other: ...\nclass Hidden: ...\n")
    (package / "inner").mkdir()
    (package / "inner" / "__init__.py").write_text("Deep = 1\n")
    (package / "__init__.py").write_text(
        "from ceyx.lazy import lazily\n__getattr__, __dir__ = lazily(__name__, 'some_thing', 'rest', packages=('inner',))\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    import lazy_sample  # type: ignore[import-not-found]

    assert lazy_sample.SomeThing.__module__ == "lazy_sample.some_thing"
    assert "lazy_sample.rest" not in sys.modules  # found by its name, without a look at the other module
    assert "SomeThing" in vars(lazy_sample)
    assert lazy_sample.Other.__name__ == "Other"
    assert lazy_sample.inner.Deep == 1
    assert lazy_sample.__all__ == ["Other", "SomeThing"]
    assert {"Other", "SomeThing", "inner", "rest"} <= set(dir(lazy_sample))
    for name in ("Hidden", "_private", "Deep", "__wrapped__"):
        with pytest.raises(AttributeError):
            getattr(lazy_sample, name)


def test_likeness():
    assert likeness("CompletionUsage", "completion_usage") > likeness("CompletionUsage", "completion") > likeness("X", "y") == 0
    assert callable(lazily)
