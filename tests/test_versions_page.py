"""docs/api-versions.md, made from the table: `python tests/test_versions_page.py` writes it anew."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ceyx.wire.versions import ANSWERS, ENDPOINTS, PARAMETERS, PREVIEWS, STABLE, Feature

PAGE = Path(__file__).parent.parent / "docs" / "api-versions.md"
HEAD = """# Which api-version has what

Azure's dated api-versions are frozen lists of features: a feature enters in a preview, and some become part of a stable version.
The stable ones are {stable}; the last preview is {preview}. The
[v1 API](azure.md) has no such dates.

A call that the version of the client cannot answer says so before it is sent:

```python
import ceyx

client = ceyx.AzureOpenAI(azure_endpoint="https://contoso.openai.azure.com", api_key="...", api_version="2024-10-21")
try:
    client.audio.speech.create(model="tts", input="Hello", voice="alloy")
except ceyx.UnsupportedByVersionError as error:
    print(error)  # audio.speech needs a preview api-version, 2024-02-15-preview or later; this client has 2024-10-21: give ...
```

It is an `OpenAIError` and a `ValueError`, with `feature` and `api_version`. It is raised only where Azure refuses for the
version's sake, whatever the model ("always" below). Of many parameters it is the deployed model that decides: gpt-4o-mini took
`parallel_tool_calls` before any version had it, and gpt-4 refused it in one that has. These are sent, and if Azure answers 400,
the error's next step is what this table says.

`check_api_version=False` sends everything; `True` holds calls against the version at any address. Without it, calls are held
against it where the host is Azure's own, as a gateway may do more than the version it is asked with. Nothing is ever held
against v1, a version that is newer than this table, or one that is not in it; nor against what has no row. The local service
refuses by the same table, in Azure's words, and is as stern as the models that refuse.

This page is made from the code: `python tests/test_versions_page.py` writes it, and a test fails where it is out of date.
"""
BLANK = "–"  # noqa: RUF001


def render() -> str:
    text = HEAD.format(stable=f"{', '.join(STABLE[:-1])} and {STABLE[-1]}", preview=PREVIEWS[-1])
    text += table("Endpoints", ENDPOINTS)
    for endpoint, title in (("chat.completions", "Parameters of chats"), ("embeddings", "Parameters of embeddings")):
        text += table(title, [feature for feature in PARAMETERS if feature.of == endpoint])
    return text + table("In answers", ANSWERS)


def table(title: str, features: Iterable[Feature]) -> str:
    rows = "".join(
        f"| `{one.name}` | {one.since or BLANK} | {one.stable or BLANK} | "
        f"{BLANK if one in ANSWERS else one.refused} | {one.source} |\n"
        for one in features
    )
    return f"\n## {title}\n\n| | first in | stable from | refused before | as said in |\n|---|---|---|---|---|\n{rows}"


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text() == render(), "run `python tests/test_versions_page.py`"


def test_the_page_has_every_row() -> None:
    text = PAGE.read_text()
    assert not [one.name for one in (*ENDPOINTS, *PARAMETERS, *ANSWERS) if f"| `{one.name}` | " not in text]
    assert "| `audio.speech` | 2024-02-15-preview | – | always | " in text  # noqa: RUF001


if __name__ == "__main__":
    PAGE.write_text(render())
