"""The Python snippets of Microsoft's guide and of the Hindi notebook, as they stand, with only the import changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import ceyx
from ceyx import AzureOpenAI
from ceyx.service import LocalService


def run(snippet: str, **names: Any) -> dict[str, Any]:
    """The names that a snippet leaves behind, which began with these."""
    exec(compile(snippet, "<seed>", "exec"), names)
    return names


def by_token(line: str) -> bool:
    """Whether a request went out with a token, and no key."""
    return "authorization: REDACTED" in line and "api-key" not in line


IDENTITY = """
import os
from ceyx import AzureOpenAI
from azure.identity import DefaultAzureCredential, get_bearer_token_provider
token_provider = get_bearer_token_provider(
DefaultAzureCredential(), "https://cognitiveservices.azure.com/.default"
)
client = AzureOpenAI(
azure_endpoint = os.getenv("AZURE_OPENAI_ENDPOINT"),
azure_ad_token_provider=token_provider,
api_version="2024-10-21"
)
"""

SPEECH = """
# from ceyx import AzureOpenAI
# client = AzureOpenAI()
from pathlib import Path
import os
speech_file_path = Path("speech.mp3")
response = client.audio.speech.create(
model="tts-hd", #Replace with model deployment name
voice="alloy",
input="Testing, testing, 1,2,3."
)
response.write_to_file(speech_file_path)
"""

TRANSCRIPTION = """
# from ceyx import AzureOpenAI
# client = AzureOpenAI()
audio_file = open("speech1.mp3", "rb")
transcript = client.audio.transcriptions.create(
model="whisper", # Replace with model deployment name
file=audio_file
)
print(transcript)
"""

# The guide forgets the last bracket.
CHAT = """
# from ceyx import AzureOpenAI
# client = AzureOpenAI()
completion = client.chat.completions.create(
model="gpt-4o", # Replace with your model dpeloyment name.
messages=[
{"role": "system", "content": "You are a helpful assistant."},
{"role": "user", "content": "When was Microsoft founded?"}
]
)
#print(completion.choices[0].message)
print(completion.model_dump_json(indent=2))
"""

STREAM = """
# from ceyx import AzureOpenAI
# client = AzureOpenAI()
completion = client.chat.completions.create(
model="gpt-4o", # Replace with your model dpeloyment name.
messages=[
{"role": "system", "content": "You are a helpful assistant."},
{"role": "user", "content": "When was Microsoft founded?"}
],
stream=True
)
for chunk in completion:
    if chunk.choices and chunk.choices[0].delta.content is not None:
        print(chunk.choices[0].delta.content, end='',)
"""

IMAGE_INPUT = """
completion = client.chat.completions.create(
model="gpt-4o",
messages=[
{
"role": "user",
"content": [
{"type": "text", "text": "What's in this image?"},
{
"type": "image_url",
"image_url": {
"url": "https://raw.githubusercontent.com/MicrosoftDocs/azure-ai-docs/main/articles/ai-services/openai/media/how-to/generated-seattle.png",
}
},
],
}
],
max_tokens=300,
)
print(completion.model_dump_json(indent=2))
"""

EMBEDDING = """
# from ceyx import AzureOpenAI
# client = AzureOpenAI()
embedding = client.embeddings.create(
model="text-embedding-3-large", # Replace with your model deployment name
input="Attenion is all you need",
encoding_format="float"
)
print(embedding)
"""

IMAGE = """
# from ceyx import AzureOpenAI
# client = AzureOpenAI()
generate_image = client.images.generate(
model="dall-e-3", #replace with your model deployment name
prompt="A rabbit eating pancakes",
n=1,
size="1024x1024",
quality = "hd",
response_format = "url",
style = "vivid"
)
print(generate_image.model_dump_json(indent=2))
"""

LEGACY = """
# from ceyx import AzureOpenAI
# client = AzureOpenAI()
legacy_completion = client.completions.create(
model="gpt-35-turbo-instruct", # Replace with model deployment name
prompt="Hello World!",
max_tokens=100,
temperature=0
)
print(legacy_completion.model_dump_json(indent=2))
"""

ERRORS = """
# from ceyx import AzureOpenAI
# client = AzureOpenAI()
import ceyx as openai
try:
    client.fine_tuning.jobs.create(
        model="gpt-4o",
        training_file="file-test",
    )
except openai.APIConnectionError as e:
    print("The server could not be reached")
    print(e.__cause__) # an underlying Exception, likely raised within httpx.
except openai.RateLimitError as e:
    print("A 429 status code was received; we should back off a bit.")
except openai.APIStatusError as e:
    print("Another non-200-range status code was received")
    print(e.status_code)
    print(e.response)
"""

REQUEST_IDS = """
print(completion._request_id)
print(legacy_completion._request_id)
"""

RETRIES = """
# For all requests
from ceyx import AzureOpenAI
client = AzureOpenAI(
max_retries=0
)
# max retires for specific requests
client.with_options(max_retries=5).chat.completions.create(
messages=[
{
"role": "user",
"content": "When was Microsoft founded?",
}
],
model="gpt-4o",
)
"""

BELOW = "/openai/deployments/"
VERSION = "?api-version=2024-10-21"


@pytest.mark.usefixtures("keyless")
def test_identity(sent: list[str]) -> None:
    client = run(IDENTITY)["client"]
    assert run(CHAT, client=client)["completion"].choices[0].message.role == "assistant"
    assert client._settings.tokens is not None and client.api_key == ""
    assert by_token(sent[0]) and "entra-token" not in "".join(sent)


@pytest.mark.usefixtures("azure")
def test_speech(folder: Path, sent: list[str]) -> None:
    names = run(SPEECH, client=AzureOpenAI(api_version="2024-10-01-preview"))
    assert (folder / "speech.mp3").read_bytes() == names["response"].content != b""
    assert f"{BELOW}tts-hd/audio/speech?api-version=2024-10-01-preview" in sent[0]
    assert '"input":"Testing, testing, 1,2,3."' in sent[0]


@pytest.mark.usefixtures("azure", "folder")
def test_transcription(sent: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    names = run(TRANSCRIPTION, client=AzureOpenAI())
    names["audio_file"].close()
    assert names["transcript"].text in capsys.readouterr().out
    assert names["transcript"].text
    assert f"{BELOW}whisper/audio/transcriptions{VERSION}" in sent[0]


@pytest.mark.usefixtures("azure")
def test_chat(sent: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    completion = run(CHAT, client=AzureOpenAI())["completion"]
    printed = capsys.readouterr().out
    assert json.loads(printed) == completion.model_dump(mode="json")
    assert printed.startswith('{\n  "id": "chatcmpl-')
    assert f"{BELOW}gpt-4o/chat/completions{VERSION}" in sent[0]
    assert '[{"role":"system","content":"You are a helpful assistant."},{"role":"user","content"' in sent[0]


@pytest.mark.usefixtures("azure")
def test_a_stream(capsys: pytest.CaptureFixture[str]) -> None:
    run(STREAM, client=AzureOpenAI())
    assert "When was Microsoft founded?" in capsys.readouterr().out


@pytest.mark.usefixtures("azure")
def test_image_input(sent: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    completion = run(IMAGE_INPUT, client=AzureOpenAI())["completion"]
    assert json.loads(capsys.readouterr().out)["choices"][0]["message"]["content"] == completion.choices[0].message.content
    assert '"type":"image_url"' in sent[0] and '"max_tokens":300' in sent[0]


@pytest.mark.usefixtures("azure")
def test_embedding(sent: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    embedding = run(EMBEDDING, client=AzureOpenAI())["embedding"]
    assert len(embedding.data[0].embedding) == 3072
    assert all(isinstance(value, float) for value in embedding.data[0].embedding)
    assert embedding.data[0].index == 0
    assert "CreateEmbeddingResponse(" in capsys.readouterr().out
    assert '"encoding_format":"float"' in sent[0]


@pytest.mark.usefixtures("azure")
def test_image(sent: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    image = run(IMAGE, client=AzureOpenAI())["generate_image"]
    assert json.loads(capsys.readouterr().out)["data"][0]["url"] == image.data[0].url
    assert all(given in sent[0] for given in ('"quality":"hd"', '"style":"vivid"', '"response_format":"url"', '"n":1'))


@pytest.mark.usefixtures("azure")
def test_legacy_completion_and_request_ids(capsys: pytest.CaptureFixture[str]) -> None:
    client = AzureOpenAI()
    legacy = run(LEGACY, client=client)["legacy_completion"]
    assert json.loads(capsys.readouterr().out)["choices"][0]["text"] == legacy.choices[0].text
    completion = run(CHAT, client=client)["completion"]
    capsys.readouterr()
    run(REQUEST_IDS, completion=completion, legacy_completion=legacy)
    assert capsys.readouterr().out.split() == [completion._request_id, legacy._request_id]
    assert len(completion._request_id) == 36


@pytest.mark.usefixtures("azure")
def test_errors(capsys: pytest.CaptureFixture[str], slept: list[float]) -> None:
    run(ERRORS, client=AzureOpenAI())
    said, status, response = capsys.readouterr().out.splitlines()
    assert (said, status, response) == ("Another non-200-range status code was received", "404", "<Response [404]>")
    run(ERRORS, client=AzureOpenAI(default_headers={"x-ceyx-fault": "azure;kind=rate"}))
    assert "429" in capsys.readouterr().out
    assert len(slept) == 2
    run(ERRORS, client=AzureOpenAI(azure_endpoint="http://127.0.0.1:9"))
    said, cause = capsys.readouterr().out.splitlines()
    assert said == "The server could not be reached" and cause != "None"


@pytest.mark.usefixtures("azure")
def test_retries(service: LocalService) -> None:
    client = run(RETRIES)["client"]
    assert (client.max_retries, client.with_options(max_retries=5).max_retries) == (0, 5)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "BadRequestError"),
        (401, "AuthenticationError"),
        (403, "PermissionDeniedError"),
        (404, "NotFoundError"),
        (422, "UnprocessableEntityError"),
        (429, "RateLimitError"),
        (500, "InternalServerError"),
        (503, "InternalServerError"),
        (504, "InternalServerError"),
    ],
)
@pytest.mark.usefixtures("azure")
def test_the_table_of_errors(status: int, kind: str) -> None:
    client = AzureOpenAI(max_retries=0, default_headers={"x-ceyx-fault": f"status;code={status}"})
    with pytest.raises(getattr(ceyx, kind)) as refusal:
        client.models.list()
    assert type(refusal.value).__name__ == kind


# ---- the notebook


CONFIGURATION = """
import os
os.environ["OPENAI_API_VERSION"] = "2023-12-01-preview"
"""

# Of the notebook's import, `import openai`, nothing is used.
COMPLETION = """
from ceyx import AzureOpenAI

client = AzureOpenAI(
    api_version="2023-12-01-preview",
)

response = client.completions.create(
    model="gpt-35-turbo-instruct-prod",
    prompt="Test prompt"
)
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

CHAIN = """
from azure.identity import ChainedTokenCredential, ManagedIdentityCredential, AzureCliCredential

credential = ChainedTokenCredential(
    ManagedIdentityCredential(),
    AzureCliCredential()
)
"""


def test_the_version_may_be_set_while_the_program_runs(azure: pytest.MonkeyPatch, sent: list[str]) -> None:
    azure.delenv("OPENAI_API_VERSION")
    run(CONFIGURATION)
    AzureOpenAI().completions.create(model="gpt-35-turbo-instruct-prod", prompt="Test prompt")
    assert f"{BELOW}gpt-35-turbo-instruct-prod/completions?api-version=2023-12-01-preview" in sent[0]


@pytest.mark.usefixtures("azure")
def test_a_completion_of_a_deployment(sent: list[str]) -> None:
    response = run(COMPLETION)["response"]
    assert response.choices[0].text and response.model == "gpt-35-turbo-instruct"
    assert "api-version=2023-12-01-preview" in sent[0]


def test_a_token_of_the_directory_in_the_environment(keyless: pytest.MonkeyPatch, sent: list[str]) -> None:
    for name in ("OPENAI_API_TYPE", "OPENAI_API_KEY"):
        keyless.setenv(name, "")  # so that what the snippet sets is undone
    run(DIRECTORY)
    client = run(COMPLETION)["client"]
    assert client._settings.tokens.get(None) == "entra-token"
    assert by_token(sent[0])


@pytest.mark.usefixtures("keyless")
def test_a_chain_of_credentials(sent: list[str]) -> None:
    client = AzureOpenAI(credential=run(CHAIN)["credential"])
    assert client.completions.create(model="gpt-35-turbo-instruct-prod", prompt="Test prompt").choices
    assert by_token(sent[0])
