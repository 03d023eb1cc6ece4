"""A tour without a key and without a network: the command line, then the two clients, on OpenAI's protocol and on Azure's."""

import os
import subprocess
import sys

from ceyx import AzureOpenAI, OpenAI
from ceyx.service import LocalService

QUESTION = "Translate to French: I love programming."
MESSAGES = [
    {"role": "system", "content": "You are a helpful assistant that translates English to French. Translate the user sentence."},
    {"role": "user", "content": "I love programming."},
]


def heading(text: str) -> None:
    print(f"\n== {text}", flush=True)


def command() -> int:
    """`ceyx chat`, as a user runs it: it asks what the environment configures, and where that is nothing, a local stand-in."""
    configured = any(os.environ.get(name) for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "AZURE_OPENAI_ENDPOINT"))
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("OPENAI_", "AZURE_"))}
    heading(f'ceyx chat "{QUESTION}"')
    asked = [sys.executable, "-m", "ceyx", "chat", QUESTION]
    return subprocess.run(asked, env=dict(os.environ) if configured else clean, stdin=subprocess.DEVNULL).returncode


def chain(client: OpenAI, model: str) -> None:
    """The same calls for either client."""
    completion = client.chat.completions.create(model=model, messages=MESSAGES)
    choice = completion.choices[0]
    print(f"whole:     {choice.message.content}")
    print(f"           {completion.model}, {completion.usage.total_tokens} tokens, finish_reason {choice.finish_reason}")
    print("streaming: ", end="")
    pieces = 0
    for chunk in client.chat.completions.create(model=model, messages=MESSAGES, stream=True):
        if chunk.choices and chunk.choices[0].delta.content:  # Azure's first chunk has no choices
            print(chunk.choices[0].delta.content, end="", flush=True)
            pieces += 1
    print(f"\n           in {pieces} pieces")


def main() -> int:
    code = command()
    with LocalService() as service:
        heading("OpenAI, in Python")
        with OpenAI(base_url=service.url, api_key="local") as client:
            chain(client, "gpt-4o")
        heading("Azure OpenAI, in Python")
        with AzureOpenAI(azure_endpoint=service.azure_endpoint, api_key="local", api_version="2024-10-21") as client:
            chain(client, "gpt-4o-deployment")
    print("\nNext: set OPENAI_API_KEY (or AZURE_OPENAI_ENDPOINT and its like) and run: ceyx chat")
    return code


if __name__ == "__main__":
    sys.exit(main())
