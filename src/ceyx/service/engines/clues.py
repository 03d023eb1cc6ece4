"""What a prompt offers as values: names, quotations, numbers, dates. No understanding, only spelling."""

from __future__ import annotations

import re

_quoted = re.compile(r"\"([^\"\n]{1,100})\"|“([^”\n]{1,100})”|'([^'\n]{2,100})'(?!\w)|`([^`\n]{1,100})`")
_capitalised = re.compile(r"\b[A-Z][\w.&'\u2019-]*(?:[ -](?:of |de |la )?[A-Z][\w&'\u2019-]*)*(?:, [A-Z]{2}\b)?")
_number = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?![\w.]*\d)")
_formatted = {
    "date": re.compile(r"\b\d{4}-\d\d-\d\d\b"),
    "date-time": re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)"),
    "email": re.compile(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b"),
    "uri": re.compile(r"\bhttps?://[^\s<>\"')\]]+[^\s<>\"')\].,;]"),
}
# Words that begin a sentence with a capital and name nothing.
_OPENING = """
    a add also an and are ask at book call can compare could create describe did do does explain extract find for get
    give has have hello help hey hi how i if i'd i'll i'm i've in is it let list look make may my name no now of on or
    our please schedule search send set should show so summarize summarise tell thanks that the their then there these
    they this those to today translate use was we were what what's when where where's which who who's whose why will
    with would write yes you your
"""
_OPENERS = frozenset(_OPENING.split())


class Clues:
    """The values of a prompt, each given out once."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lower = text.lower()
        self.quotations = [next(filter(None, groups)) for groups in _quoted.findall(text)]
        self.names = [] if self.quotations else _names(text)
        self.numbers: list[int | float] = [float(n) if "." in n else int(n) for n in _number.findall(text)[:50]]

    @property
    def strings(self) -> list[str]:
        """Quotations; where there are none, names."""
        return self.quotations or self.names

    def formatted(self, format: str) -> str | None:
        """A date, address or the like that is written in the prompt."""
        found = _formatted[format].search(self.text) if format in _formatted else None
        return found[0] if found else None

    def mentions(self, value: object) -> bool:
        """Whether the prompt has this word."""
        return isinstance(value, str) and bool(value) and bool(re.search(rf"(?<!\w){re.escape(value.lower())}(?!\w)", self.lower))


def _names(text: str) -> list[str]:
    """Runs of capitalised words, less words that only begin a sentence."""
    names: list[str] = []
    begins: str | None = None
    for found in _capitalised.finditer(text[:4000]):
        run = found[0]
        first, _, rest = run.partition(" ")
        opens = first.lower().replace("\u2019", "'") in _OPENERS
        name = re.sub(r"['\u2019]s$", "", (rest if opens else run).rstrip(".,-'\u2019"))
        if not name or name.lower() in _OPENERS or name in names:
            continue
        if _opens_sentence(text, found) and not rest and not run.isupper():
            begins = begins or name  # a name only if there is no other
        else:
            names.append(name)
    return names or ([begins] if begins else [])


def _opens_sentence(text: str, found: re.Match[str]) -> bool:
    """Whether a word is a sentence's first, and not the first of a list."""
    before, after = text[: found.start()].rstrip(), text[found.end() :]
    return (not before or before[-1] in ".!?:\n") and not re.match(r",| (?:and|or|vs|versus)\b", after)
