"""What is harmful in texts and images, by category."""

import os

from ceyx import OpenAI
from ceyx.service import LocalService

if "OPENAI_BASE_URL" not in os.environ:  # no server to ask: ask a local one, which finds what is named with -test behind it
    service = LocalService().start()
    os.environ |= {"OPENAI_BASE_URL": service.url, "OPENAI_API_KEY": "local"}

texts = ["Kingfishers are beautiful.", "This is a violence-test, and a self-harm/intent-test."]

with OpenAI() as client:
    answer = client.moderations.create(input=texts)
    for text, found in zip(texts, answer.results, strict=True):
        named = [name for name, is_there in found.categories.model_dump().items() if is_there]
        print(f"{text} -> {', '.join(named) or 'nothing'}; violence {found.category_scores.violence:.4f}")

    picture = {"type": "image_url", "image_url": {"url": "https://example.com/bird.png"}}
    (found,) = client.moderations.create(input=[{"type": "text", "text": "What is this?"}, picture]).results
    print(f"flagged: {found.flagged}; violence was looked for in {' and '.join(found.category_applied_input_types.violence)}")
