"""The options that say whom to ask, for the commands that ask: names, meanings and variables are the same in all of them."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

from ceyx.cli.endpoint import Provider

FromProvider: TypeAlias = Annotated[
    Provider | None,
    typer.Option("--provider", metavar="azure|openai|local", help="Whom to ask, where both are configured."),
]
BaseURL: TypeAlias = Annotated[
    str | None, typer.Option("--base-url", metavar="URL", help="A server that speaks OpenAI's API. Else OPENAI_BASE_URL.")
]
AzureEndpoint: TypeAlias = Annotated[
    str | None, typer.Option("--azure-endpoint", metavar="URL", help="An Azure resource. Else AZURE_OPENAI_ENDPOINT.")
]
APIVersion: TypeAlias = Annotated[
    str | None, typer.Option("--api-version", metavar="VERSION", help="Azure's API version. Else OPENAI_API_VERSION.")
]
Silence: TypeAlias = Annotated[
    float | None,
    typer.Option("--timeout", metavar="SECONDS", min=0.01, help="The longest silence to wait through. Defaults to 600."),
]
