"""The models there are: listed, looked up, and what is said of one that is not there."""

import os
from datetime import UTC, datetime

from ceyx import NotFoundError, OpenAI
from ceyx.service import LocalService

if "OPENAI_BASE_URL" not in os.environ:  # no server to ask: ask a local one, which plays well-known models
    service = LocalService().start()
    os.environ |= {"OPENAI_BASE_URL": service.url, "OPENAI_API_KEY": "local"}

with OpenAI() as client:
    models = list(client.models.list())
    print(f"{len(models)} models, {sum('embedding' in model.id for model in models)} of them for embeddings")

    model = client.models.retrieve("gpt-4o")
    print(f"{model.id} of {datetime.fromtimestamp(model.created, UTC):%d %B %Y}, owned by {model.owned_by}")

    # Fine-tuned models can be deleted by who made them; this one is not there.
    for ask in (client.models.retrieve, client.models.delete):
        try:
            ask("ft:gpt-4o-mini:acme::none")
        except NotFoundError as error:
            print(f"{ask.__name__}: {error.status_code} {error.code}")
