"""`OpenAI` and `AzureOpenAI` for LangChain: what is asked, what comes back, and the notebook that shows them."""

from __future__ import annotations

import asyncio
import pickle

import pytest
from langchain_core.callbacks import BaseCallbackHandler, get_usage_metadata_callback
from langchain_core.exceptions import ModelInvalidRequestError, ModelNotFoundError
from langchain_core.load import dumps
from langchain_core.outputs import GenerationChunk
from langchain_server import SAFE, Recorder, failure

from ceyx import tokens
from ceyx.errors import BadRequestError, NotFoundError
from ceyx.langchain import AzureOpenAI, OpenAI
from ceyx.langchain.completion_calls import _REFUSED_USAGE

JOKE = " Why couldn't the bicycle stand up by itself?\n\nBecause it was two-tired!"
USAGE = {"prompt_tokens": 4, "completion_tokens": 18, "total_tokens": 22}
# What the notebook prints for the model it makes.
SHOWN = (
    "AzureOpenAI\nParams: {'deployment_name': 'gpt-35-turbo-instruct-0914', 'model_name': 'gpt-3.5-turbo-instruct', "
    "'temperature': 0.7, 'top_p': 1, 'frequency_penalty': 0, 'presence_penalty': 0, 'n': 1, 'logit_bias': {}, 'max_tokens': 256}"
)
DEFAULTS = {"temperature": 0.7, "top_p": 1, "frequency_penalty": 0, "presence_penalty": 0, "n": 1, "max_tokens": 256}


def completion(*texts, **more):
    choices = [{"index": index, "text": text, "finish_reason": "stop", "logprobs": None} for index, text in enumerate(texts)]
    return {
        "id": "cmpl-1",
        "object": "text_completion",
        "created": 1,
        "model": "gpt-3.5-turbo-instruct-0914",
        "choices": choices,
        "usage": USAGE,
        **more,
    }


def piece(text, finish=None, **more):
    return {
        **completion(),
        "choices": [{"index": 0, "text": text, "finish_reason": finish, "logprobs": None, **more}],
        "usage": None,
    }


STREAM = [piece(" Why"), piece(" not?"), piece("", "stop"), {**completion(), "choices": []}]


def echoing(asked):
    """Answers each prompt with itself in capitals, as often as asked."""
    if asked.body.get("stream"):
        return STREAM
    prompts = asked.body["prompt"]
    return completion(*(prompt.upper() for prompt in prompts for _ in range(asked.body.get("n", 1))))


@pytest.fixture
def server():
    with Recorder(echoing) as running:
        yield running


@pytest.fixture
def llm(server):
    return OpenAI(base_url=server.url, api_key="key")


@pytest.fixture
def azure(server):
    return AzureOpenAI(
        azure_endpoint=server.origin,
        api_key="key",
        api_version="2023-12-01-preview",
        deployment_name="gpt-35-turbo-instruct-0914",
    )


# ---- the notebook


def test_the_notebook(environment, server):
    environment.setenv("OPENAI_API_VERSION", "2023-12-01-preview")
    environment.setenv("AZURE_OPENAI_ENDPOINT", server.origin)
    environment.setenv("AZURE_OPENAI_API_KEY", "key")
    server.answer = completion(JOKE)
    llm = AzureOpenAI(deployment_name="gpt-35-turbo-instruct-0914")
    assert llm.invoke("Tell me a joke") == JOKE
    assert str(llm) == SHOWN
    asked = server.asked[-1]
    path = "/openai/deployments/gpt-35-turbo-instruct-0914/completions?api-version=2023-12-01-preview"
    assert asked.path == path and asked.headers["api-key"] == "key"
    assert asked.body == {**DEFAULTS, "model": "gpt-35-turbo-instruct-0914", "prompt": ["Tell me a joke"]}


@pytest.mark.parametrize("name", ["azure_deployment", "deployment_name", "engine"])
def test_names_of_a_deployment(name, server):
    llm = AzureOpenAI(azure_endpoint=server.origin, api_key="k", api_version="2024-10-21", **{name: "mine"})
    llm.invoke("x")
    assert llm.deployment_name == "mine" and server.asked[-1].path.startswith("/openai/deployments/mine/completions")


@pytest.mark.parametrize("name", ["model", "model_name", "modelName"])
def test_names_of_a_model(name):
    assert OpenAI(api_key="k", **{name: "davinci-002"}).model_name == "davinci-002"


def test_a_tuned_model_is_printed_with_what_it_was_given():
    llm = OpenAI(api_key="k", seed=7, best_of=2, logit_bias={"50256": -100}, model_kwargs={"suffix": "."})
    assert str(llm).splitlines()[1] == (
        "Params: {'model_name': 'gpt-3.5-turbo-instruct', 'temperature': 0.7, 'top_p': 1, 'frequency_penalty': 0, "
        "'presence_penalty': 0, 'n': 1, 'logit_bias': {'50256': -100}, 'max_tokens': 256, 'seed': 7, 'best_of': 2, 'suffix': '.'}"
    )


def test_a_model_can_be_called(llm):
    with pytest.warns(DeprecationWarning, match="use invoke"):
        assert llm("text") == "TEXT"


# ---- what is asked


def test_fields_that_are_set_are_sent(server, llm):
    tuned = OpenAI(
        base_url=server.url,
        api_key="key",
        model="davinci-002",
        temperature=0,
        max_tokens=9,
        top_p=0.5,
        frequency_penalty=1,
        presence_penalty=-1,
        best_of=3,
        logit_bias={"1": 2},
        seed=5,
        logprobs=0,
        extra_body={"top_k": 4},
        model_kwargs={"user": "me"},
    )
    tuned.invoke("x", stop=["\n"], suffix="!")
    assert server.body == {
        "model": "davinci-002",
        "temperature": 0,
        "max_tokens": 9,
        "top_p": 0.5,
        "frequency_penalty": 1,
        "presence_penalty": -1,
        "n": 1,
        "best_of": 3,
        "logit_bias": {"1": 2},
        "seed": 5,
        "logprobs": 0,
        "top_k": 4,
        "user": "me",
        "stop": ["\n"],
        "suffix": "!",
        "prompt": ["x"],
    }
    OpenAI(base_url=server.url, api_key="key", max_tokens=None, temperature=None).invoke("x")
    assert not {"max_tokens", "temperature", "seed", "logprobs", "logit_bias", "best_of"} & server.body.keys()


def test_prompts_go_out_in_batches(server):
    llm = OpenAI(base_url=server.url, api_key="key", n=2, batch_size=2)
    made = llm.generate(["a", "b", "c"])
    assert [asked.body["prompt"] for asked in server.asked] == [["a", "b"], ["c"]]
    assert [[one.text for one in generations] for generations in made.generations] == [["A", "A"], ["B", "B"], ["C", "C"]]
    assert made.llm_output["token_usage"] == {name: 2 * value for name, value in USAGE.items()}
    assert made.llm_output["model_name"] == "gpt-3.5-turbo-instruct-0914"  # as the answer says, not as was asked
    assert OpenAI(api_key="k").batch_size == 20


def test_the_rest_of_the_context(server):
    llm = OpenAI(base_url=server.url, api_key="key", max_tokens=-1, custom_get_token_ids=lambda text: list(range(96)))
    llm.invoke("x")
    assert server.body["max_tokens"] == 4000
    with pytest.raises(ValueError, match="-1 not supported for multiple inputs"):
        llm.generate(["a", "b"])
    with pytest.raises(ValueError, match=r"'house-model'.*max_tokens= a number"):
        OpenAI(base_url=server.url, api_key="key", model="house-model", max_tokens=-1).invoke("x")
    assert OpenAI.modelname_to_contextsize("text-davinci-003") == 4097


def test_counting_tokens():
    llm = OpenAI(api_key="k", model="my-own", tiktoken_model_name="gpt-4")
    assert llm.get_num_tokens("one two three") == tokens.count("one two three", "gpt-4")
    assert OpenAI(api_key="k", custom_get_token_ids=lambda text: [1, 2]).get_token_ids("x") == [1, 2]


# ---- what comes back


def test_what_azure_says_of_an_answer_is_kept(server, azure):
    found = [{"prompt_index": 0, "content_filter_results": SAFE}]
    server.answer = completion("yes", prompt_filter_results=found, system_fingerprint="fp_1")
    server.answer["choices"][0]["content_filter_results"] = SAFE
    made = azure.generate(["x"])
    assert made.llm_output["prompt_filter_results"] == found and made.llm_output["system_fingerprint"] == "fp_1"
    assert made.generations[0][0].generation_info == {"finish_reason": "stop", "logprobs": None, "content_filter_results": SAFE}


def test_the_version_is_added_to_the_model(server):
    llm = AzureOpenAI(azure_endpoint=server.origin, api_key="k", api_version="2024-10-21", model_version="0914", model="m")
    server.answer = completion("yes", model="gpt-35-turbo-instruct")
    assert llm.generate(["x"]).llm_output["model_name"] == "gpt-35-turbo-instruct-0914"


def test_awaited(llm, server):
    async def run():
        return await llm.ainvoke("a"), await llm.agenerate(["b", "c"]), [text async for text in llm.astream("d")]

    answer, made, pieces = asyncio.run(run())
    assert answer == "A" and [one[0].text for one in made.generations] == ["B", "C"]
    assert "".join(pieces) == " Why not?"
    assert made.llm_output["token_usage"] == USAGE


@pytest.mark.parametrize("awaits", [False, True])
def test_an_error_within_an_answer_is_one(server, awaits):
    class Given:
        def create(self, **params):
            return {"error": {"message": "overloaded"}, "choices": None}

    class AsyncGiven:
        async def create(self, **params):
            return Given().create(**params)

    llm = OpenAI(api_key="k", client=Given(), async_client=AsyncGiven())
    with pytest.raises(ValueError, match="overloaded"):
        asyncio.run(llm.ainvoke("x")) if awaits else llm.invoke("x")


def test_an_answer_without_choices_is_named(server, llm):
    server.answer = completion()
    with pytest.raises(ValueError, match="the answer has no 'choices'"):
        llm.invoke("hi")


@pytest.mark.parametrize(
    ("status", "said", "code", "kind"),
    [
        (
            404,
            "This is a chat model and not supported in the v1/completions endpoint.",
            None,
            (NotFoundError, ModelNotFoundError),
        ),
        (
            400,
            "The completion operation does not work with the specified model, gpt-4o.",
            "OperationNotSupported",
            (BadRequestError, ModelInvalidRequestError),
        ),
    ],
)
def test_models_that_chat_have_classes_of_their_own(server, llm, azure, status, said, code, kind):
    server.answer = failure(status, said, code)
    for model, instead in ((llm, "use ChatOpenAI of"), (azure, "use AzureChatOpenAI of")):
        with pytest.raises(kind[0], match=instead) as caught:
            model.invoke("x")
        assert isinstance(caught.value, kind[1]) and said in str(caught.value)


def test_the_local_service_has_no_chat_model_for_it(service):
    with pytest.raises(NotFoundError, match="use ChatOpenAI of"):
        OpenAI(base_url=service.url, api_key="any", model="gpt-4o").invoke("x")
    assert OpenAI(base_url=service.url, api_key="any").invoke("Tell me a joke")


# ---- streams


class Seen(BaseCallbackHandler):
    def __init__(self):
        self.pieces = []

    def on_llm_new_token(self, token, **more):
        self.pieces.append((token, more["chunk"].generation_info))


def test_streams_tell_what_they_used(llm, server):
    seen = Seen()
    assert list(llm.stream("x", {"callbacks": [seen]})) == [" Why", " not?", "", ""]
    assert server.body["stream_options"] == {"include_usage": True}
    assert [text for text, _ in seen.pieces] == [" Why", " not?", "", ""]
    whole = sum((GenerationChunk(text=text, generation_info=info) for text, info in seen.pieces), start=GenerationChunk(text=""))
    assert whole.text == " Why not?" and whole.generation_info["finish_reason"] == "stop"
    assert whole.generation_info["token_usage"] == USAGE
    assert whole.generation_info["model_name"] == "gpt-3.5-turbo-instruct-0914"


def test_a_model_that_streams_gives_whole_answers_too(server):
    seen = Seen()
    llm = OpenAI(base_url=server.url, api_key="key", streaming=True)
    made = llm.generate(["a", "b"], callbacks=[seen])
    assert [one[0].text for one in made.generations] == [" Why not?"] * 2 and len(seen.pieces) == 8
    assert made.generations[0][0].generation_info == {"finish_reason": "stop", "logprobs": None}
    assert made.llm_output == {
        "token_usage": {name: 2 * value for name, value in USAGE.items()},
        "model_name": "gpt-3.5-turbo-instruct-0914",
    }


@pytest.mark.parametrize("name", ["n", "best_of"])
def test_one_answer_at_a_time_is_streamed(name, server):
    with pytest.raises(ValueError, match=f"when {name} > 1"):
        OpenAI(api_key="k", streaming=True, **{name: 2})
    with pytest.raises(ValueError, match=f"{name} must be 1 when streaming"):
        list(OpenAI(base_url=server.url, api_key="k", **{name: 2}).stream("x"))
    assert not server.asked
    with pytest.raises(ValueError, match="at least 1"):
        OpenAI(api_key="k", n=0)


def test_servers_that_cannot_tell_are_not_asked_again(server):
    llm = OpenAI(base_url=server.url, api_key="key")

    def answer(asked):
        if "stream_options" in asked.body:
            return failure(400, "Unrecognized request argument supplied: stream_options")
        return STREAM[:3]

    server.answer = answer
    try:
        for _ in range(2):
            assert "".join(llm.stream("x")) == " Why not?"
        assert ["stream_options" in asked.body for asked in server.asked] == [True, False, False]
        with pytest.raises(BadRequestError):
            list(OpenAI(base_url=server.url, api_key="key", stream_usage=True).stream("x"))
    finally:
        _REFUSED_USAGE.clear()


def test_versions_that_cannot_tell_are_not_asked(azure, server):
    assert "".join(azure.stream("x")) == " Why not?"
    assert "stream_options" not in server.body
    newer = AzureOpenAI(azure_endpoint=server.origin, api_key="key", api_version="2024-10-21", deployment_name="d")
    assert "".join(newer.stream("x")) == " Why not?"
    assert server.body["stream_options"] == {"include_usage": True}


def test_langchains_own_callback_is_told(llm):
    with get_usage_metadata_callback() as counted:
        llm.generate(["a", "b"])
        list(llm.stream("x"))
    assert counted.usage_metadata == {"gpt-3.5-turbo-instruct-0914": {"input_tokens": 8, "output_tokens": 36, "total_tokens": 44}}


# ---- as LangChain keeps them


def test_what_is_kept_holds_no_secret(llm, azure):
    for model, variable in ((llm, "OPENAI_API_KEY"), (azure, "AZURE_OPENAI_API_KEY")):
        written = dumps(model)
        assert variable in written and '"key"' not in written
        assert model.lc_id()[:3] == ["langchain", "llms", "openai"]
    assert (llm._llm_type, azure._llm_type) == ("openai", "azure")
    assert azure._get_ls_params()["ls_provider"] == "azure"
    assert azure._get_ls_params()["ls_model_name"] == "gpt-35-turbo-instruct-0914"


def test_pickles_find_their_key_again(llm, environment, server):
    environment.setenv("OPENAI_API_KEY", "other")
    again = pickle.loads(pickle.dumps(llm))
    assert again.invoke("a") == "A" and server.asked[-1].headers["authorization"] == "Bearer other"


def test_chains_and_fallbacks(server, llm):
    broken = OpenAI(base_url=server.url, api_key="key", model="gone", max_retries=0)
    server.answer = lambda asked: failure(404, "no such model") if asked.body["model"] == "gone" else echoing(asked)
    assert (broken.with_fallbacks([llm]) | str.strip).batch(["a", "b"]) == ["A", "B"]
