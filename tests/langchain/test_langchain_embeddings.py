"""`OpenAIEmbeddings` and `AzureOpenAIEmbeddings`: what is asked, in how many requests, and what becomes of long texts."""

from __future__ import annotations

import asyncio
import pickle
import sys
from math import isclose, sqrt
from types import ModuleType, SimpleNamespace

import pytest
from langchain_core.embeddings import Embeddings
from langchain_core.exceptions import ModelRateLimitError
from langchain_server import Recorder, failure
from langchain_tests.integration_tests import EmbeddingsIntegrationTests
from langchain_tests.unit_tests import EmbeddingsUnitTests

from ceyx import tokens
from ceyx.errors import OpenAIError, RateLimitError
from ceyx.langchain import AzureOpenAIEmbeddings, OpenAIEmbeddings
from ceyx.tokens import Tokenizer


def vectors(asked):
    """For each input a vector that tells which it is: of length 1, in the direction of its size."""
    made = []
    for index, given in enumerate(asked.body["input"]):
        size = len(given)
        norm = sqrt(size * size + 1)
        made.append({"object": "embedding", "index": index, "embedding": [size / norm, 1 / norm, 0.0]})
    usage = {"prompt_tokens": sum(map(len, asked.body["input"])), "total_tokens": 0}
    return {"object": "list", "data": made, "model": "text-embedding-3-small", "usage": usage}


def of_size(size):
    return [pytest.approx(size / sqrt(size * size + 1)), pytest.approx(1 / sqrt(size * size + 1)), 0.0]


@pytest.fixture
def server():
    with Recorder(vectors) as running:
        yield running


@pytest.fixture
def model(server):
    return OpenAIEmbeddings(base_url=server.url, api_key="key", model="text-embedding-3-small")


@pytest.fixture
def lettered(monkeypatch):
    """A table in which each letter is a token."""
    table = Tokenizer(
        "letters",
        lambda text: [ord(letter) for letter in text],
        lambda ids: "".join(map(chr, ids)),
        lambda ids: [chr(one).encode() for one in ids],
    )
    monkeypatch.setattr(tokens, "tokenizer", lambda model: table)


@pytest.fixture
def tableless(monkeypatch):
    monkeypatch.setattr(tokens, "tokenizer", lambda model: None)


def inputs(server):
    return [asked.body["input"] for asked in server.asked]


# ---- langchain-core's own tests


class TestUnit(EmbeddingsUnitTests):
    @property
    def embeddings_class(self) -> type[Embeddings]:
        return OpenAIEmbeddings

    @property
    def embedding_model_params(self):
        return {"api_key": "any"}

    @property
    def init_from_env_params(self):
        variables = {"OPENAI_API_KEY": "key", "OPENAI_ORG_ID": "org", "OPENAI_API_BASE": "https://host/v1"}
        return variables, {}, {"openai_api_key": "key", "openai_organization": "org", "openai_api_base": "https://host/v1"}


class TestUnitAzure(EmbeddingsUnitTests):
    @property
    def embeddings_class(self) -> type[Embeddings]:
        return AzureOpenAIEmbeddings

    @property
    def embedding_model_params(self):
        return {"api_key": "any", "azure_endpoint": "https://name.openai.azure.com"}

    @property
    def init_from_env_params(self):
        variables = {
            "AZURE_OPENAI_API_KEY": "key",
            "AZURE_OPENAI_ENDPOINT": "https://name.openai.azure.com",
            "AZURE_OPENAI_AD_TOKEN": "token",
            "OPENAI_ORG_ID": "org",
            "OPENAI_API_VERSION": "2024-10-21",
            "OPENAI_API_TYPE": "type",
        }
        fields = {
            "openai_api_key": "key",
            "azure_endpoint": "https://name.openai.azure.com",
            "azure_ad_token": "token",
            "openai_organization": "org",
            "openai_api_version": "2024-10-21",
            "openai_api_type": "type",
        }
        return variables, {}, fields


class OnService(EmbeddingsIntegrationTests):
    @pytest.fixture(autouse=True)
    def _service(self, service):
        type(self).running = service


class TestIntegration(OnService):
    @property
    def embeddings_class(self) -> type[Embeddings]:
        return OpenAIEmbeddings

    @property
    def embedding_model_params(self):
        return {"base_url": self.running.url, "api_key": "any", "model": "text-embedding-3-small", "dimensions": 128}


class TestIntegrationAzure(OnService):
    @property
    def embeddings_class(self) -> type[Embeddings]:
        return AzureOpenAIEmbeddings

    @property
    def embedding_model_params(self):
        return {"azure_endpoint": self.running.url.removesuffix("/v1"), "api_key": "any", "model": "text-embedding-ada-002"}


# ---- what is asked


def test_texts_go_out_as_texts(model, server):
    assert model.embed_documents(["one", "three"]) == [of_size(3), of_size(5)]
    assert server.body == {"model": "text-embedding-3-small", "input": ["one", "three"], "encoding_format": "base64"}
    assert server.asked[-1].path == "/v1/embeddings"
    assert model.embed_query("four") == of_size(4)
    assert all(type(value) is float for value in model.embed_query("four"))


def test_fields_that_are_set_are_sent(server):
    with pytest.warns(UserWarning, match="user is not default parameter"):
        model = OpenAIEmbeddings(
            base_url=server.url, api_key="key", dimensions=256, headers={"x-team": "one"}, user="me", chunk_size=9
        )
    model.embed_documents(["x"], encoding_format="float")
    asked = server.asked[-1]
    assert asked.headers["x-team"] == "one"
    assert asked.body == {
        "model": "text-embedding-ada-002",
        "input": ["x"],
        "dimensions": 256,
        "user": "me",
        "encoding_format": "float",
    }


def test_chunks(model, server):
    texts = [str(number) for number in range(5)]
    assert model.chunk_size == 1000
    assert model.embed_documents(texts, chunk_size=2) == [of_size(1)] * 5
    assert inputs(server) == [["0", "1"], ["2", "3"], ["4"]]
    assert model.embed_documents([]) == [] and len(server.asked) == 3


def test_a_request_has_room_for_so_many_tokens(model, server):
    text = "x" * 8000
    model.embed_documents([text] * 40)
    assert [len(each) for each in inputs(server)] == [37, 3]  # 300,000


@pytest.mark.parametrize("shuffled", [False, True])
def test_vectors_come_in_the_order_of_their_texts(model, server, shuffled):
    def backwards(asked):
        answer = vectors(asked)
        answer["data"].reverse()
        return answer

    server.answer = backwards if shuffled else vectors
    assert model.embed_documents(["a", "bb", "ccc"]) == [of_size(1), of_size(2), of_size(3)]


def test_a_server_that_leaves_one_out_is_found_out(model, server):
    server.answer = lambda asked: {**vectors(asked), "data": vectors(asked)["data"][:1]}
    with pytest.raises(OpenAIError, match="1 vectors for 2 texts"):
        model.embed_documents(["a", "b"])


def test_awaited(model, server):
    async def run():
        return await model.aembed_documents(["a", "bb"], chunk_size=1), await model.aembed_query("ccc")

    assert asyncio.run(run()) == ([of_size(1), of_size(2)], of_size(3))
    assert inputs(server) == [["a"], ["bb"], ["ccc"]]


def test_errors_are_of_both_libraries(server):
    model = OpenAIEmbeddings(base_url=server.url, api_key="key", max_retries=0)
    server.answer = failure(429, "slow down")
    with pytest.raises(RateLimitError) as caught:
        model.embed_query("x")
    assert isinstance(caught.value, ModelRateLimitError)


# ---- long texts


def test_long_texts_are_parted_by_the_table(model, server, lettered):
    model.embedding_ctx_length = 10
    long, short = model.embed_documents(["x" * 25, "yyy"])
    assert inputs(server) == [[[120] * 10, [120] * 10, [120] * 5, [121] * 3]]  # all as numbers: a request takes one or the other
    assert short == of_size(3)
    mean = [
        (20 * tens + 5 * fives) / 25
        for tens, fives in zip((10 / sqrt(101), 1 / sqrt(101)), (5 / sqrt(26), 1 / sqrt(26)), strict=True)
    ]
    length = sqrt(sum(value * value for value in mean))
    assert long == [pytest.approx(value / length) for value in (*mean, 0.0)]
    assert isclose(sum(value * value for value in long), 1)


def test_short_texts_are_not_counted(model, server, monkeypatch):
    monkeypatch.setattr(tokens, "tokenizer", lambda model: pytest.fail("there is nothing to count"))
    model.embed_documents(["x" * 8191, "é" * 4095])
    assert len(inputs(server)[0]) == 2


@pytest.mark.usefixtures("tableless")
def test_long_texts_are_parted_by_estimate_without_a_table(model, server):
    words = "several words in a row " * 3000
    long, short = model.embed_documents([words, "yyy"])
    parts = inputs(server)[0][:-1]
    assert "".join(parts) == words and inputs(server)[0][-1] == "yyy" and short == of_size(3)
    assert all(tokens.count(part, "text-embedding-3-small") * 1.25 <= 8191 for part in parts) and len(parts) == 3
    assert all(part[0] == " " for part in parts[1:])  # between words
    assert isclose(sum(value * value for value in long), 1)


@pytest.mark.usefixtures("tableless")
def test_a_text_that_is_not_as_long_as_its_bytes_stays_whole(model, server):
    words = "several words in a row " * 1000  # 23,000 bytes, 5,000 tokens
    model.embed_documents([words])
    assert inputs(server) == [[words]]


def test_lengths_need_not_be_checked(server):
    model = OpenAIEmbeddings(base_url=server.url, api_key="key", check_embedding_ctx_length=False)
    model.embed_documents(["x" * 100_000])
    assert inputs(server) == [["x" * 100_000]]


def test_tokenizers_of_others(server, monkeypatch):
    class AutoTokenizer:
        @staticmethod
        def from_pretrained(name):
            assert name == "their/model"
            return AutoTokenizer()

        def encode(self, text, add_special_tokens):
            return text.split()

        def decode(self, words):
            return " ".join(words)

    module = ModuleType("transformers")
    module.AutoTokenizer = AutoTokenizer
    monkeypatch.setitem(sys.modules, "transformers", module)
    model = OpenAIEmbeddings(
        base_url=server.url, api_key="key", model="their/model", tiktoken_enabled=False, embedding_ctx_length=3
    )
    model.embed_documents(["a b c d"])
    assert inputs(server) == [["a b c", "d"]]
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(ImportError, match="pip install transformers"):
        model.embed_documents(["a b c d"])


def test_line_ends_of_the_first_generation(server):
    OpenAIEmbeddings(base_url=server.url, api_key="key", model="text-search-ada-doc-001").embed_query("a\nb")
    assert inputs(server) == [["a b"]]


def test_empty_texts(model, server):
    model.embed_documents(["a", ""])
    assert inputs(server) == [["a", ""]]
    model.skip_empty = True
    assert model.embed_documents(["", "a"]) == [[0.0, 0.0, 0.0], of_size(1)]
    assert inputs(server)[1:] == [["a"]]


def test_progress_is_shown(model, server, monkeypatch):
    shown = []
    module = ModuleType("tqdm.auto")
    module.tqdm = lambda batches: shown.append(len(batches)) or batches
    monkeypatch.setitem(sys.modules, "tqdm", ModuleType("tqdm"))
    monkeypatch.setitem(sys.modules, "tqdm.auto", module)
    model.show_progress_bar = True
    model.embed_documents(["a", "b", "c"], chunk_size=2)
    assert shown == [2]
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    assert len(model.embed_documents(["a"])) == 1


# ---- Azure


@pytest.mark.parametrize("name", ["azure_deployment", "deployment", "deployment_name", "engine"])
def test_a_deployment_on_azure(server, name):
    model = AzureOpenAIEmbeddings(azure_endpoint=server.origin, api_key="key", **{name: "mine"})
    assert model.embed_query("x") == of_size(1)
    asked = server.asked[-1]
    assert asked.path == "/openai/deployments/mine/embeddings?api-version=2023-05-15"
    assert (asked.headers["api-key"], model.deployment, model.chunk_size) == ("key", "mine", 2048)


def test_without_a_deployment_the_model_is_its_name(server, environment):
    environment.setenv("OPENAI_API_VERSION", "2024-10-21")
    AzureOpenAIEmbeddings(azure_endpoint=server.origin, api_key="key", model="ada").embed_query("x")
    assert server.asked[-1].path == "/openai/deployments/ada/embeddings?api-version=2024-10-21"


def test_the_wrong_class_for_azure(environment):
    environment.setenv("OPENAI_API_TYPE", "azure")
    with pytest.raises(ValueError, match="AzureOpenAIEmbeddings"):
        OpenAIEmbeddings(api_key="key")


# ---- as others keep them


def test_pickles_hold_no_secret(model, environment, server):
    written = pickle.dumps(model)
    assert b'key"' not in written
    environment.setenv("OPENAI_API_KEY", "other")
    assert pickle.loads(written).embed_query("a") == of_size(1)
    assert server.asked[-1].headers["authorization"] == "Bearer other"


def test_other_clients_may_be_given():
    class Given:
        def create(self, **params):
            return {"data": [{"embedding": [1.0]} for _ in params["input"]], "model": "m", "usage": {"prompt_tokens": 1}}

    assert OpenAIEmbeddings(api_key="k", client=Given()).embed_documents(["a", "b"]) == [[1.0], [1.0]]


def test_vectors_that_are_of_one_text_are_not_shared_out() -> None:
    data = [{"index": 0, "embedding": [0.6, 0.8]}, {"index": 0, "embedding": [0.8, 0.6]}]
    model = OpenAIEmbeddings(client=SimpleNamespace(create=lambda **_: {"data": data, "model": "text-embedding-3-small"}))
    with pytest.raises(OpenAIError, match="two vectors for one of 2 texts"):
        model.embed_documents(["one", "two"])
