"""The LangChain notebook on AzureOpenAI, the model that completes, as it stands, with only the import changed."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from langchain_server import Recorder
from notebook import Notebook

from ceyx.langchain import AzureOpenAI

JOKE = " Why couldn't the bicycle stand up by itself?\n\nBecause it was two-tired!"
ANSWER = {
    "id": "cmpl-1",
    "object": "text_completion",
    "created": 1,
    "model": "gpt-35-turbo-instruct",
    "choices": [{"index": 0, "text": JOKE, "finish_reason": "stop", "logprobs": None}],
    "usage": {"prompt_tokens": 4, "completion_tokens": 18, "total_tokens": 22},
}

SHELL = """
# The API version you want to use: set this to `2023-12-01-preview` for the released version.
export OPENAI_API_VERSION=2023-12-01-preview
# The base URL for your Azure OpenAI resource.  You can find this in the Azure portal under your Azure OpenAI resource.
export AZURE_OPENAI_ENDPOINT=https://your-resource-name.openai.azure.com
# The API key for your Azure OpenAI resource.  You can find this in the Azure portal under your Azure OpenAI resource.
export AZURE_OPENAI_API_KEY=<your Azure OpenAI API key>
"""

VERSION = """
import os
os.environ["OPENAI_API_VERSION"] = "2023-12-01-preview"
"""

DIRECTORY = """
import os
from azure.identity import DefaultAzureCredential

# Get the Azure Credential
credential = DefaultAzureCredential()

# Set the API type to `azure_ad`
os.environ["OPENAI_API_TYPE"] = "azure_ad"
# Set the API_KEY to the token from the Azure credential
os.environ["OPENAI_API_KEY"] = credential.get_token("https://cognitiveservices.azure.com/.default").token
"""

CREDENTIALS = """
from azure.identity import ChainedTokenCredential, ManagedIdentityCredential, AzureCliCredential

credential = ChainedTokenCredential(
    ManagedIdentityCredential(),
    AzureCliCredential()
)
"""

CONFIGURATION = """
%pip install --upgrade --quiet  langchain-openai
import os

os.environ["OPENAI_API_VERSION"] = "2023-12-01-preview"
os.environ["AZURE_OPENAI_ENDPOINT"] = "..."
os.environ["AZURE_OPENAI_API_KEY"] = "..."
"""

MODEL = """
# Import Azure OpenAI
from ceyx.langchain import AzureOpenAI

# Create an instance of Azure OpenAI
# Replace the deployment name with your own
llm = AzureOpenAI(
    deployment_name="gpt-35-turbo-instruct-0914",
)
"""

RUN = """
# Run the LLM
llm.invoke("Tell me a joke")
"""

PRINT = """
print(llm)
"""

PRINTED = (
    "AzureOpenAI\n"
    "Params: {'deployment_name': 'gpt-35-turbo-instruct-0914', 'model_name': 'gpt-3.5-turbo-instruct', 'temperature': 0.7, "
    "'top_p': 1, 'frequency_penalty': 0, 'presence_penalty': 0, 'n': 1, 'logit_bias': {}, 'max_tokens': 256}\n"
)
PATH = "/openai/deployments/gpt-35-turbo-instruct-0914/completions?api-version=2023-12-01-preview"


@pytest.fixture
def server() -> Iterator[Recorder]:
    with Recorder(ANSWER) as running:
        yield running


@pytest.fixture
def notebook(environment: pytest.MonkeyPatch) -> Notebook:
    for name in ("OPENAI_API_VERSION", "AZURE_OPENAI_ENDPOINT", "AZURE_OPENAI_API_KEY", "OPENAI_API_TYPE", "OPENAI_API_KEY"):
        environment.setenv(name, "")  # so that what a cell sets is undone
    return Notebook()


def test_the_shells_variables(environment: pytest.MonkeyPatch, server: Recorder) -> None:
    variables = dict(re.findall(r"^export (\w+)=(.*)$", SHELL, re.MULTILINE))
    mine = {"AZURE_OPENAI_ENDPOINT": server.origin, "AZURE_OPENAI_API_KEY": "the-key"}
    for name, value in {**variables, **mine}.items():
        environment.setenv(name, value)
    assert AzureOpenAI(deployment_name="gpt-35-turbo-instruct-0914").invoke("Tell me a joke") == JOKE
    assert server.asked[0].path == PATH
    assert server.asked[0].headers["api-key"] == "the-key"


def test_the_notebook(
    notebook: Notebook, environment: pytest.MonkeyPatch, server: Recorder, capsys: pytest.CaptureFixture[str]
) -> None:
    notebook.run(VERSION)
    notebook.run(CONFIGURATION)
    environment.setenv("AZURE_OPENAI_ENDPOINT", server.origin)
    notebook.run(MODEL)
    assert notebook.run(RUN) == JOKE
    assert server.asked[0].path == PATH and server.asked[0].headers["api-key"] == "..."
    notebook.run(PRINT)
    assert capsys.readouterr().out == PRINTED


def test_as_earlier_versions_called_it(notebook: Notebook, environment: pytest.MonkeyPatch, server: Recorder) -> None:
    notebook.run(CONFIGURATION)
    environment.setenv("AZURE_OPENAI_ENDPOINT", server.origin)
    notebook.run(MODEL)
    with pytest.warns(DeprecationWarning, match="use invoke"):
        assert notebook.run('llm("Tell me a joke")') == JOKE
    notebook.run(MODEL.replace("deployment_name=", "engine="))  # the name that its text has for the deployment
    assert notebook.run(RUN) == JOKE and server.asked[-1].path == PATH


def test_a_token_of_the_directory_in_the_environment(notebook: Notebook, keyless: pytest.MonkeyPatch, server: Recorder) -> None:
    keyless.setenv("AZURE_OPENAI_ENDPOINT", server.origin)
    notebook.run(VERSION)
    notebook.run(DIRECTORY)
    notebook.run(MODEL)
    assert notebook.run(RUN) == JOKE
    headers = server.asked[0].headers
    assert headers["authorization"] == "Bearer entra-token" and "api-key" not in headers


def test_a_chain_of_credentials(notebook: Notebook, keyless: pytest.MonkeyPatch, server: Recorder) -> None:
    keyless.setenv("AZURE_OPENAI_ENDPOINT", server.origin)
    notebook.run(VERSION)
    notebook.run(CREDENTIALS)
    notebook.run(MODEL.replace('0914",', '0914", credential=credential,'))
    assert notebook.run(RUN) == JOKE
    assert server.asked[0].headers["authorization"] == "Bearer entra-token"
