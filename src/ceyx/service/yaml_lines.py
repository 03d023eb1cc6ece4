"""YAML as its version 1.2 reads plain values: `no` and `2024-10-21` are text, `0613` is too; with the line of every value."""

from __future__ import annotations

import re
from typing import Any

import yaml  # type: ignore[import-untyped]


class _Loader(yaml.SafeLoader):  # type: ignore[misc]
    """Tables, lists, text, numbers, true, false and null; nothing else is guessed."""


_Loader.yaml_implicit_resolvers = {}
for _tag, _form, _first in (
    ("bool", r"true|false|True|False|TRUE|FALSE", "tTfF"),
    ("null", r"~|null|Null|NULL|", "~nN\0"),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)", "-+0123456789"),
    (
        "float",
        r"[-+]?(?:0|[1-9][0-9]*)?(?:\.[0-9]+|\.?[0-9]*[eE][-+]?[0-9]+|\.)|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
        "-+0123456789.",
    ),
    ("merge", r"<<", "<"),
):
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(f"(?:{_form})$"), [*_first.replace("\0", ""), *([""] if "\0" in _first else [])]
    )


def loaded(text: str, lines: dict[tuple[str | int, ...], int]) -> Any:
    """The value of `text`; its lines are put into `lines`. Raises ValueError, with what is to be said behind the file's name."""
    try:
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
            if node is None:
                return None
            _note(node, (), lines, set())
            return loader.construct_document(node)
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = "" if mark is None else f", line {mark.line + 1}"
        raise ValueError(f"{where} is no YAML: {error.problem or error.context}") from None
    except yaml.YAMLError as error:
        raise ValueError(f" is no YAML: {error}") from None
    except RecursionError:
        raise ValueError(" is nested too deep") from None


def _note(node: yaml.Node, place: tuple[str | int, ...], lines: dict[tuple[str | int, ...], int], seen: set[int]) -> None:
    """Writes down where each value begins. What an alias repeats is where it was first."""
    lines.setdefault(place, node.start_mark.line + 1)
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        for i, each in enumerate(node.value):
            _note(each, (*place, i), lines, seen)
    elif isinstance(node, yaml.MappingNode):
        names = set[str]()
        for name, value in node.value:
            if name.value in names and name.tag != "tag:yaml.org,2002:merge":
                raise ValueError(f", line {name.start_mark.line + 1}: {name.value!r} is there twice; leave one out")
            names.add(name.value)
            lines[(*place, name.value)] = name.start_mark.line + 1
            _note(value, (*place, name.value), lines, seen)
