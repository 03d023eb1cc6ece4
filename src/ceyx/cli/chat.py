"""`ceyx chat`: one question and its answer, or a conversation."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from ceyx.cli import terminal
from ceyx.cli.answer import Answer
from ceyx.cli.endpoint import Endpoint, Provider, Wanted, opened
from ceyx.cli.failures import Exit, Failure, reported
from ceyx.cli.question import image_url, messages_for, piped, prompt_of, response_format, user_message
from ceyx.cli.wanting import APIVersion, AzureEndpoint, BaseURL, FromProvider, Silence

EXAMPLES = """\b
Examples:
  ceyx chat "Translate to French: I love programming."
  cat build.log | ceyx chat "What failed, and why?"
  ceyx chat -i photo.jpg --json "What is on this photo? Give name and colour."
  ceyx chat                  (a conversation)

\b
Where it asks:
  Azure   AZURE_OPENAI_ENDPOINT, OPENAI_API_VERSION, and AZURE_OPENAI_API_KEY
          or AZURE_OPENAI_AD_TOKEN
  OpenAI  OPENAI_API_KEY, or OPENAI_BASE_URL for any server that speaks as it
          does, with or without a key
  none    a local stand-in, which is no model

\b
There is no option for keys: command lines are kept in histories, and other
users of the machine can see them.

\b
Exit codes: 0 answered, 1 the API refused, 2 wrong usage, 3 no connection,
4 configuration or credentials, 130 interrupted. CEYX_DEBUG=1 adds tracebacks.
"""


class Output(StrEnum):
    text = "text"
    json = "json"


def chat(
    prompt: Annotated[
        list[str] | None, typer.Argument(metavar="PROMPT", help="The question; quotes are optional.", show_default=False)
    ] = None,
    system: Annotated[str | None, typer.Option("--system", "-s", metavar="TEXT", help="Who the model is to be.")] = None,
    model: Annotated[
        str | None,
        typer.Option(
            "--model",
            "-m",
            metavar="NAME",
            help="Model, or deployment on Azure. Else CEYX_MODEL, or OPENAI_MODEL, or AZURE_OPENAI_DEPLOYMENT; else gpt-4o-mini.",
        ),
    ] = None,
    temperature: Annotated[
        float | None, typer.Option("--temperature", "-t", metavar="NUMBER", min=0, max=2, help="Higher is more random.")
    ] = None,
    max_tokens: Annotated[int | None, typer.Option("--max-tokens", metavar="N", min=1, help="The longest answer.")] = None,
    image: Annotated[
        list[str] | None,
        typer.Option("--image", "-i", metavar="FILE_OR_URL", help="An image to ask about; may be given again."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Have the model answer in JSON.")] = False,
    schema: Annotated[
        Path | None, typer.Option("--schema", metavar="FILE", help="Have the model answer in JSON of this JSON schema.")
    ] = None,
    output: Annotated[
        Output, typer.Option("--output", "-o", metavar="text|json", help="json: one object, with usage and times, for programs.")
    ] = Output.text,
    no_stream: Annotated[bool, typer.Option("--no-stream", help="Wait for the whole answer.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No line on model, tokens and time after the answer.")] = False,
    provider: FromProvider = None,
    base_url: BaseURL = None,
    azure_endpoint: AzureEndpoint = None,
    api_version: APIVersion = None,
    timeout: Silence = None,
) -> None:
    """Ask a model, and read its answer as it comes.

    The question is the words given, followed by what is piped in, if anything is. Without either, at a terminal, it is a
    conversation. The answer goes to standard output, everything else to standard error.
    """
    with reported():
        terminal.lenient()
        question = prompt_of(prompt, piped())
        if question is None:
            if prompt or not (terminal.is_terminal(sys.stdin) and terminal.is_terminal(sys.stdout)):
                raise Failure('nothing was asked; give a prompt, as in: ceyx chat "Hello", or pipe one in', Exit.USAGE)
            if output is Output.json:
                raise Failure("--output json is for one question; give a prompt", Exit.USAGE)
        images = [image_url(source) for source in image or ()]
        chosen: dict[str, Any] = {
            "temperature": temperature,
            "max_tokens": max_tokens,
            "response_format": response_format(as_json, schema),
            "stream_options": None if no_stream else {"include_usage": True},
        }
        params = {name: value for name, value in chosen.items() if value is not None}
        wanted = Wanted(provider, model, base_url, azure_endpoint, api_version, timeout)
        with opened(wanted) as endpoint:
            if endpoint.provider is not provider and endpoint.provider is Provider.local:
                terminal.note(
                    "No model is configured, so ceyx's local stand-in answers. "
                    "For a real one set OPENAI_API_KEY, or AZURE_OPENAI_ENDPOINT."
                )
            if question is None:
                from ceyx.cli.conversation import Conversation

                Conversation(endpoint, params, system, images, streamed=not no_stream, quiet=quiet).run()
                return
            messages = messages_for(system, [user_message(question, images)], params)
            one(endpoint, {"model": endpoint.model, "messages": messages, **params}, output, not no_stream, quiet)


def one(endpoint: Endpoint, params: dict[str, Any], output: Output, streamed: bool, quiet: bool) -> None:
    """Ask once, and write the answer."""
    answer = Answer()
    if output is Output.json:
        for _ in answer.pieces(endpoint.client, params, streamed):
            pass  # it gathers them
        terminal.say(json.dumps(answer.as_dict(endpoint.provider), ensure_ascii=False) + "\n")
    else:
        told(answer, endpoint, params, streamed)
    for warning in answer.warnings():
        terminal.complain(warning)
    if not quiet and output is Output.text:
        terminal.note(answer.summary(endpoint.provider))


def told(answer: Answer, endpoint: Endpoint, params: dict[str, Any], streamed: bool) -> None:
    """Write an answer as it comes; whatever ends it, the line is ended."""
    try:
        with closing(answer.pieces(endpoint.client, params, streamed)) as pieces:
            for piece in pieces:
                terminal.say(piece)
    except KeyboardInterrupt:
        if not answer.text and terminal.is_terminal(sys.stdout):
            terminal.say("\n")  # after the ^C that the terminal shows
        raise
    finally:
        if answer.text and not answer.text.endswith("\n"):
            terminal.say("\n")
