"""Text completions, the older interface: what follows a prompt, for several prompts, in pieces, with probabilities."""

import os
from math import exp

from ceyx import OpenAI
from ceyx.service import LocalService

if "OPENAI_BASE_URL" not in os.environ:  # no server to ask: ask a local one, which needs no key
    service = LocalService().start()
    os.environ |= {"OPENAI_BASE_URL": service.url, "OPENAI_API_KEY": "local"}

MODEL = "gpt-3.5-turbo-instruct"

with OpenAI() as client:
    completion = client.completions.create(model=MODEL, prompt=["Once upon a time", "In the beginning"], max_tokens=30)
    for choice in completion.choices:
        print(f"{choice.index}: …{choice.text} ({choice.finish_reason})")
    assert completion.usage is not None
    print(f"{completion.usage.total_tokens} tokens")

    for chunk in client.completions.create(model=MODEL, prompt="Once upon a time", max_tokens=30, stream=True):
        for choice in chunk.choices:
            print(choice.text, end="", flush=True)
    print()

    likely = client.completions.create(model=MODEL, prompt="Once", max_tokens=4, logprobs=2).choices[0].logprobs
    assert likely is not None
    for token, logprob in zip(likely.tokens or [], likely.token_logprobs or [], strict=True):
        print(f"{token!r}: {exp(logprob):.0%}")
