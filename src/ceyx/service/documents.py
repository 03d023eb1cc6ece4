"""Files that people write, in YAML, TOML or JSON: read with the line of each value, and taken apart with errors that name it.

What a file means is left to who reads it: `config.py` and the engine `script`.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

Path_: TypeAlias = tuple[str | int, ...]
T = TypeVar("T")
_SPOKEN = {str: "text", bool: "true or false", int: "a whole number", float: "a number", dict: "a table", list: "a list"}


class DocumentError(ValueError):
    """A file, or a part of it, is not what it has to be. Says where, what was found, and what belongs there."""


@dataclass(frozen=True, slots=True)
class Document:
    """What a file says."""

    name: str
    """What errors call it: its path."""
    value: Any
    folder: Path | None = field(default_factory=Path)
    """Where the paths in it begin; None: it comes from elsewhere, and may name no files of this machine."""
    lines: Mapping[Path_, int] = field(default_factory=dict)
    """Where the parts of it are, by the keys and numbers that lead to them."""

    @property
    def table(self) -> Table:
        """The whole of it. Raises DocumentError where it is none."""
        return Table(self, (), self.value)


def read(path: str | Path) -> Document:
    """The file's document, by its ending: .toml, .json, or else YAML. Raises DocumentError for a file that cannot be read."""
    path = Path(path)
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise DocumentError(f"{path} cannot be read: {error.strerror or error}; give a file of YAML, TOML or JSON") from None
    except UnicodeDecodeError as error:
        raise DocumentError(f"{path} is no text in UTF-8: {error.reason} at byte {error.start}") from None
    return parsed(text, str(path), path.suffix.lower(), path.parent)


def parsed(text: str, name: str, kind: str = ".yaml", folder: Path | None = None) -> Document:
    """The document that `text` is. Raises DocumentError for a text that is none."""
    place = folder or Path()
    if kind == ".toml":
        try:
            value: Any = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise DocumentError(f"{name} is no TOML: {error}") from None
        return Document(name, value, place, dict(_lines_of_toml(text)))
    if kind == ".json":
        try:
            value = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise DocumentError(f"{name} is no JSON: {error}") from None
        return Document(name, value, place)
    try:
        from ceyx.service.yaml_lines import loaded
    except ModuleNotFoundError as error:
        more = "pip install 'ceyx[service]', or write it in TOML or JSON"
        raise DocumentError(f"{name} is YAML, and PyYAML is not installed: {more}") from error
    lines: dict[Path_, int] = {}
    try:
        value = loaded(text, lines)
    except ValueError as error:
        raise DocumentError(f"{name}{error}") from None
    return Document(name, value, place, lines)


_heading = re.compile(r"\s*(\[\[?)\s*([\w.\"'*-]+)\s*\]").match
_key = re.compile(r"\s*([\w-]+|\"[^\"]+\")\s*=").match


def _lines_of_toml(text: str) -> Iterator[tuple[Path_, int]]:
    """The lines of headings, and of the keys below them, as far as a look at each line tells."""
    counts: dict[str, int] = {}
    above: Path_ = ()
    for number, line in enumerate(text.splitlines(), 1):
        if form := _heading(line):
            above = ()
            for part in re.findall(r"[\w*-]+|\"[^\"]+\"", form[2]):
                above = (*above, part.strip('"'))
                name = ".".join(map(str, above))
                if form[1] == "[[" and name == form[2]:
                    counts[name] = counts.get(name, -1) + 1
                if name in counts:
                    above = (*above, counts[name])
            yield above, number
        elif form := _key(line):
            yield (*above, form[1].strip('"')), number


class Table:
    """A table of a document, whose values are taken one by one; `done` then complains of what nobody took."""

    def __init__(self, document: Document, place: Path_, value: Any) -> None:
        self.document = document
        self.place = place
        if not isinstance(value, dict):
            raise self.error(f"a table belongs here; got {_shown(value)}")
        self.values: dict[str, Any] = {str(name): given for name, given in value.items()}
        self._taken: dict[str, None] = {}

    def __contains__(self, name: str) -> bool:
        self._taken[name] = None
        return self.values.get(name) is not None

    def take(self, name: str, *kinds: type) -> Any:
        """The value of this name, of one of these types; None where there is none."""
        self._taken[name] = None
        value = self.values.get(name)
        if value is None or not kinds:
            return value
        allowed = (*kinds, int) if float in kinds else kinds
        if isinstance(value, allowed) and (bool in kinds or not isinstance(value, bool)):
            return value
        raise self.error(f"{' or '.join(_SPOKEN[kind] for kind in kinds)} belongs here; got {_shown(value)}", name)

    def text(self, name: str, usual: str = "") -> str:
        given = self.take(name, str)
        return usual if given is None else given

    def texts(self, name: str) -> list[str]:
        """Texts, or one."""
        given = self.take(name, str, list)
        found = [given] if isinstance(given, str) else given or []
        if wrong := [each for each in found if not isinstance(each, str)]:
            raise self.error(f"only text belongs in this list; got {_shown(wrong[0])}", name)
        return found

    def number(self, name: str, least: float, usual: float = 0.0) -> float:
        given = self.take(name, float)
        if given is not None and not given >= least:
            raise self.error(f"a number from {least:g} on belongs here; got {given}", name)
        return usual if given is None else float(given)

    def whole(self, name: str, least: int) -> int | None:
        given: int | None = self.take(name, int)
        if given is not None and given < least:
            raise self.error(f"a whole number from {least} on belongs here; got {given}", name)
        return given

    def flag(self, name: str, usual: bool = False) -> bool:
        given = self.take(name, bool)
        return usual if given is None else given

    def table(self, name: str) -> Table:
        """The table of this name; an empty one where there is none."""
        return Table(self.document, (*self.place, name), self.take(name) or {})

    def tables(self, name: str) -> list[Table]:
        """The tables in the list of this name."""
        given = self.take(name, list) or []
        return [Table(self.document, (*self.place, name, i), each) for i, each in enumerate(given)]

    def file(self, name: str) -> Path | None:
        """The path of this name, from where the document is."""
        given = self.text(name)
        return self.path(given, name) if given else None

    def path(self, given: str, name: str) -> Path:
        """A path, as the value of this name has it."""
        if self.document.folder is None:
            raise self.error(f"what comes over the network names no files; got {_shown(given)}", name)
        return self.document.folder / Path(given).expanduser()

    def only(self, *names: str) -> None:
        """Raises DocumentError for a name that is none of these: the likeliest reason why something else is missing."""
        self._taken |= dict.fromkeys(names)
        self.done()

    def done(self) -> None:
        """Raises DocumentError for a name that means nothing here."""
        for name in self.values:
            if name not in self._taken:
                raise self.error(
                    f"there is no {name!r} here{near(name, self._taken)}; it may have {', '.join(self._taken)}", name
                )

    def error(self, message: str, name: str = "") -> DocumentError:
        """An error about this table, or about the value of this name in it."""
        place = (*self.place, name) if name else self.place
        lines = self.document.lines
        line = next((lines[place[:end]] for end in range(len(place), 0, -1) if place[:end] in lines), None)
        said = "".join(f"[{each + 1}]" if isinstance(each, int) else f".{each}" for each in place).lstrip(".")
        where = f"{self.document.name}{'' if line is None else f', line {line}'}"
        return DocumentError(f"{where}: {said}: {message}" if said else f"{where}: {message}")


def checked(here: Table, name: str, make: Callable[[], T]) -> T:
    """What is made, or an error that says where it is written."""
    try:
        return make()
    except DocumentError:
        raise
    except ValueError as error:
        raise here.error(str(error), name) from None


def near(name: str, names: Mapping[str, object]) -> str:
    """What may have been meant, to be said behind it."""
    found = get_close_matches(name, names, 2, 0.6)
    return f" (did you mean {' or '.join(found)}?)" if found else ""


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
