"""Graders that need no model and run no code of anybody's: texts compared, and formulas over such scores."""

from __future__ import annotations

import ast
import math
import operator
import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple, TypeAlias

import msgspec
from msgspec import Struct

from ceyx.service.engines.vectors import vector
from ceyx.service.searching import MODEL

_LONGEST = 20_000  # characters that are compared one by one with as many others

Metric: TypeAlias = Literal[
    "cosine", "fuzzy_match", "bleu", "gleu", "meteor", "rouge_1", "rouge_2", "rouge_3", "rouge_4", "rouge_5", "rouge_l"
]


class StringCheck(Struct, tag_field="type", tag="string_check"):
    """Compares two texts."""

    name: str
    input: str
    reference: str
    operation: Literal["eq", "ne", "like", "ilike"]


class TextSimilarity(Struct, tag_field="type", tag="text_similarity"):
    """Scores how alike two texts are."""

    name: str
    input: str
    reference: str
    evaluation_metric: Metric


class Python(Struct, tag_field="type", tag="python"):
    """Runs code."""

    name: str
    source: str


class ScoreModel(Struct, tag_field="type", tag="score_model"):
    """Asks a model for a score."""

    name: str
    model: str
    input: list[dict[str, Any]]


class LabelModel(Struct, tag_field="type", tag="label_model"):
    """Asks a model for a label."""

    name: str
    model: str
    input: list[dict[str, Any]]
    labels: list[str]
    passing_labels: list[str]


class Multi(Struct, tag_field="type", tag="multi"):
    """A formula over the scores of others, by their names."""

    name: str
    calculate_output: str
    graders: dict[str, Any]


Single: TypeAlias = StringCheck | TextSimilarity | Python | ScoreModel | LabelModel
Grader: TypeAlias = Single | Multi


class NotPlayed(Exception):
    """A grader that is one, and that nothing here can run."""


class Scored(NamedTuple):
    """A score, and what it was made of."""

    reward: float
    parts: dict[str, float]


def parsed(grader: object) -> Grader:
    """A grader, checked. Raises msgspec.ValidationError for what is none, ValueError for a formula that is none."""
    made: Grader = msgspec.convert(grader, Grader)
    if isinstance(made, Multi):
        names = set(_inner(made))
        unknown = _names(_tree(made.calculate_output)) - names
        if unknown:
            raise ValueError(f"calculate_output names {', '.join(sorted(unknown))}, and there is no such grader")
    return made


def score(grader: Grader, sample: dict[str, Any], item: object) -> Scored:
    """What a grader says of an answer, which comes as from `sampled`.

    Raises NotPlayed for a grader that needs a model or runs code, ValueError for templates that name what is not there.
    """
    if isinstance(grader, Multi):
        parts = {name: score(inner, sample, item).reward for name, inner in _inner(grader).items()}
        return Scored(_calculated(_tree(grader.calculate_output).body, parts), parts)
    if isinstance(grader, Python):
        raise NotPlayed("The local service runs no code of its clients, and so no grader of type 'python'.")
    if isinstance(grader, ScoreModel | LabelModel):
        raise NotPlayed("No model answers in the local service, and so it has no graders that ask one.")
    one, other = filled(grader.input, sample, item), filled(grader.reference, sample, item)
    if isinstance(grader, TextSimilarity):
        return Scored(_alike(grader.evaluation_metric, one, other), {})
    holds = {
        "eq": one == other,
        "ne": one != other,
        "like": other in one,
        "ilike": other.lower() in one.lower(),
    }[grader.operation]
    return Scored(float(holds), {})


def _inner(grader: Multi) -> dict[str, Single]:
    """The graders of a multi grader: several by name, or one."""
    if "type" in grader.graders and isinstance(grader.graders["type"], str):
        one: Single = msgspec.convert(grader.graders, Single)
        return {one.name: one}
    return {name: msgspec.convert(inner, Single) for name, inner in grader.graders.items()}


_template = re.compile(r"\{\{\s*([\w.\[\]]+)\s*\}\}")


def sampled(text: str) -> dict[str, Any]:
    """An answer as templates find it: `sample.output_text`, and where it is JSON `sample.output_json`."""
    try:
        parsed_text = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        parsed_text = None
    return {"output_text": text, "output_json": parsed_text}


def paths(template: str) -> list[str]:
    """What stands between the braces of a template."""
    return _template.findall(template)


def looked_up(path: str, known: object) -> Any:
    """What a path such as `item.answers[0].text` leads to. Raises ValueError where nothing is there."""
    place: Any = known
    for step in re.findall(r"\w+", path):
        try:
            place = place[int(step)] if isinstance(place, list) else place[step]
        except (KeyError, IndexError, TypeError, ValueError):
            raise ValueError(f"{{{{{path}}}}} names nothing that is there") from None
    return place


def filled(template: str, sample: dict[str, Any], item: object) -> str:
    """A template with `{{sample.output_text}}`, `{{sample.output_json.a}}` and `{{item.a}}` filled in."""
    known = {"sample": sample, "item": item}

    def value(found: re.Match[str]) -> str:
        place = looked_up(found[1], known)
        return place if isinstance(place, str) else msgspec.json.encode(place).decode()

    return _template.sub(value, template)


# -- how alike texts are


def _alike(metric: Metric, one: str, other: str) -> float:
    if metric == "cosine":
        pairs = zip(vector(one, MODEL), vector(other, MODEL), strict=True)
        return max(0.0, min(1.0, sum(a * b for a, b in pairs)))
    if metric == "fuzzy_match":
        return _of_sequences(one[:_LONGEST], other[:_LONGEST])
    words, others = (re.findall(r"\w+", text.lower()) for text in (one, other))
    if metric == "rouge_l":
        return _of_sequences(words[:_LONGEST], others[:_LONGEST])
    if metric.startswith("rouge_"):
        return _of_runs(words, others, int(metric[-1]))
    raise NotPlayed(f"The local service does not compute {metric}; it has cosine, fuzzy_match and rouge.")


def _of_sequences(one: Sequence[str], other: Sequence[str]) -> float:
    """Twice the longest common subsequence, of both lengths: 1 where they are equal."""
    if not one or not other:
        return float(not one and not other)
    lengths = [0] * (len(other) + 1)
    for a in one:
        before = 0
        for place, b in enumerate(other, 1):
            before, lengths[place] = lengths[place], before + 1 if a == b else max(lengths[place], lengths[place - 1])
    return 2 * lengths[-1] / (len(one) + len(other))


def _of_runs(one: list[str], other: list[str], length: int) -> float:
    """The harmonic mean of precision and recall, over runs of so many words."""
    runs, others = (Counter(zip(*(words[i:] for i in range(length)), strict=False)) for words in (one, other))
    if not runs or not others:
        return 0.0
    return 2 * (runs & others).total() / (runs.total() + others.total())


# -- formulas

_OPERATORS: dict[type, Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: math.pow,
}
_FUNCTIONS: dict[str, Callable[..., float]] = {
    "min": min,
    "max": max,
    "abs": math.fabs,
    "floor": math.floor,
    "ceil": math.ceil,
    "exp": math.exp,
    "sqrt": math.sqrt,
    "log": math.log,
}


def _tree(formula: str) -> ast.Expression:
    try:
        tree = ast.parse(formula[:1000].replace("^", "**"), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ValueError(f"calculate_output is no formula: {formula[:80]!r}") from None
    for node in ast.walk(tree):
        if not isinstance(node, _ALLOWED) or (isinstance(node, ast.Constant) and not isinstance(node.value, int | float)):
            raise ValueError(f"calculate_output may hold names, numbers, + - * / ^ and {', '.join(_FUNCTIONS)} only")
    return tree


_ALLOWED = (
    ast.Expression,
    ast.BinOp,
    ast.UnaryOp,
    ast.USub,
    ast.UAdd,
    ast.Call,
    ast.Name,
    ast.Load,
    ast.Constant,
    *_OPERATORS,
)


def _names(tree: ast.Expression) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} - _FUNCTIONS.keys()


def _calculated(node: ast.expr, scores: dict[str, float]) -> float:
    try:
        match node:
            case ast.Constant(value=int() | float() as value):
                return float(value)
            case ast.Name(id=name):
                return scores[name]
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -_calculated(operand, scores)
            case ast.UnaryOp(operand=operand):
                return _calculated(operand, scores)
            case ast.BinOp(left=left, op=op, right=right):
                return _OPERATORS[type(op)](_calculated(left, scores), _calculated(right, scores))
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in _FUNCTIONS:
                return float(_FUNCTIONS[name](*(_calculated(argument, scores) for argument in arguments)))
    except (ArithmeticError, TypeError, KeyError, ValueError) as error:
        raise ValueError(f"calculate_output cannot be calculated: {error}") from None
    raise ValueError("calculate_output calls what is no function")
