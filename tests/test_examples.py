"""Every example runs alone, in a process of its own and without a network."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ceyx.service import LocalService

EXAMPLES = Path(__file__).parent.parent / "examples"
SHOWN = {
    "demo.py": [
        '== ceyx chat "Translate to French: I love programming."',
        "You asked: “Translate to French: I love programming.”",
        "== OpenAI, in Python",
        "== Azure OpenAI, in Python",
        "streaming: This is ceyx's local stand-in",
        "finish_reason stop",
        "\nNext: ",
    ],
    "chat.py": ["You asked: “I love programming.”", "request req_", "NotFoundError 404, code model_not_found"],
    "azure.py": ["assistant: This is ceyx's local stand-in", "hate: safe, finish_reason: stop"],
    "stream_async.py": ["Name a river. This is", "Name a mountain. This is", "Name a city. This is"],
    "embeddings.py": ["3 vectors of 256 numbers"],
    "audio.py": ["speech.mp3: ", "\nThe kingfisher is a bird. It lives near rivers.\n", "--> 00:00:01,800", "It| lives| near"],
    "images.py": ["image_generation.completed: 1024x1024", "edited: 1536x1024", "/_ceyx/images/"],
    "moderations.py": ["beautiful. -> nothing", "-> self_harm_intent, violence", "flagged: False"],
    "responses.py": ['get_weather({"city":"Oslo"})', "returned “4 degrees, rain”", "City(name='Oslo'", "background: completed"],
    "conversations.py": ["user: My name is Ann.", "assistant: This is", "deleted: True"],
    "files.py": ["sums.jsonl: 900 bytes for fine-tune", "listed: sums.jsonl", "10 lines", "deleted: 404"],
    "uploads.py": ["completed: requests.jsonl, 2900000 bytes", "completed: Tyger Tyger, burning bright"],
    "batches.py": ["completed: 2 of 3 answered", "question-2 -> This is", "question-1 failed: 400 temperature"],
    "vector_stores.py": ["completed: 2 files", "nest? birds.txt", "bread? bread.txt", "before 1900: ['old.txt'] of 3"],
    "fine_tuning.py": ["validating_files\n", "\nsucceeded\n", "step 36: loss", ":captain -> This is"],
    "models.py": [" of them for embeddings", "gpt-4o of 10 May 2024, owned by ceyx-local", "delete: 404 model_not_found"],
    "completions.py": ["1: … This is", "continue “Once upon a time”.\n", "' is': "],
    "stored_chats.py": ["heron: What does a heron eat? -> This is", "as it now reads: grey heron", "deleted: 404"],
    "streaming.py": ["79 characters\nstop, ", "get_weather is called with {'city': 'Oslo'}", "This| is| ceyx|", "\ncompleted\n"],
    "structured.py": [
        "City(name='Oslo', kind='capital', population=700000)",
        "1 in a list, the first: Oslo",
        "look_up: City(",
        "not sent: tags: a dict with free keys",
    ],
    "webhooks.py": ["response.completed: resp_1", "forged: none of the 1 signatures", "late: the webhook is too old"],
    "evals.py": ["completed: 2 of 3 passed", "pass: The software is slow. -> {", "fail: I want my money back."],
    "routing.py": [
        "  limited: sweden 429",
        "\n  answered: france 200\nwhat goes on from it, at the same place:\n  answered: france 200\n",
        "  failed: france cannot connect",
        "  opened: france cannot connect",
        "answered by openai\n",
        "sweden: limited, asked 1 times\nfrance: open, asked 5 times\nopenai: ready, asked 3 times",
    ],
    "langchain_chain.py": [
        "You asked: “I love programming.”",
        "City(name='Oslo'",
        "City(name='Lima'",
        "4 requests, 320 tokens, $0.0014",
    ],
    "langchain_agent.py": [
        "ai: get_weather({'city': 'Oslo'})",
        "tool: 4 degrees and rain in Oslo",
        "Advice(city='Oslo', umbrella=True)",
        "2 requests, $0.00",
    ],
    "langgraph_agent.py": [
        "model: {'city': 'Oslo'}\ntools: 4 degrees",
        "returned “4 degrees",
        "“Thank you.”",
        "6 messages remembered",
    ],
    "langchain_retrieval.py": [
        "Where do kingfishers nest? -> Kingfishers nest in tunnels",
        "KF-7? -> Model KF-7 of our bird box",
        "Kingfishers nest in tunnels that they dig in river banks. Herons",
        "5 requests, $0.000",
    ],
    "containers.py": ["analysis: running", "/mnt/data/prices.csv, 18 bytes: item,price", "containers left: 0"],
}


def run(name: str, **variables: str) -> subprocess.CompletedProcess[str]:
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("OPENAI_", "AZURE_", "CEYX_"))}
    return subprocess.run(
        [sys.executable, "-W", "error", EXAMPLES / name],
        env={**clean, "PYTHONUTF8": "1", **variables},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def test_every_example_is_run() -> None:
    assert {path.name for path in EXAMPLES.glob("*.py")} == SHOWN.keys()


@pytest.mark.parametrize("name", SHOWN)
def test_an_example_shows_what_it_is_about(name: str) -> None:
    done = run(name)
    assert done.returncode == 0, done.stderr
    assert [part for part in SHOWN[name] if part not in done.stdout] == []
    if name != "demo.py":
        assert done.stderr == ""


def test_the_demo_asks_what_is_configured() -> None:
    with LocalService() as service:
        done = run("demo.py", OPENAI_BASE_URL=service.url)
    assert done.returncode == 0 and "No model is configured" not in done.stderr and "gpt-4o-mini" in done.stderr


def test_alike_texts_have_alike_vectors() -> None:
    near, far = (float(line.split()[0]) for line in run("embeddings.py").stdout.splitlines()[1:])
    assert near > far
