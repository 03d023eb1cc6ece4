"""Views over decoded JSON: whatever the server sends can be read, dumped, compared, copied and pickled."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Annotated, Any, Literal

import pydantic
import pytest
from hypothesis import given, strategies as some

from ceyx.wire.view import Answer, View


class Leaf(View):
    name: str
    size: int | None = None


class Text(View):
    type: Literal["text"]
    text: str


class Image(View):
    type: Literal["image", "picture"]
    url: Leaf | None = None


class Tree(View):
    leaf: Leaf
    leaves: list[Leaf]
    maybe: Leaf | None = None
    annotated: Annotated[Leaf | None, "doc"] = None
    deep: list[list[Leaf]] | None = None
    parts: list[Text | Image] | None = None
    named: dict[str, int] | None = None
    count: int = 0
    above: Tree | None = None


field = some.sampled_from(
    ["leaf", "leaves", "maybe", "annotated", "deep", "parts", "named", "count", "above", "type", "url", "name", "x"]
)
json_value: Any = some.recursive(
    some.none()
    | some.booleans()
    | some.integers()
    | some.floats(allow_nan=False, allow_infinity=False)
    | some.text(max_size=4)
    | some.just("image"),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(field, inner, max_size=5),
    max_leaves=15,
)


@given(json_value)
def test_any_json_can_be_viewed_and_is_given_back(data):
    view = Tree.wrap(copy.deepcopy(data))
    if not isinstance(data, dict):
        assert view == data
        return
    assert view.model_dump() == data
    assert json.loads(view.model_dump_json()) == data
    assert view.model_fields_set == set(data)
    for other in (
        pickle.loads(pickle.dumps(view)),
        copy.copy(view),
        copy.deepcopy(view),
        view.model_copy(deep=True),
        view.model_copy(),
    ):
        assert other == view
        assert type(other) is Tree
    assert Tree.model_validate(data) == view
    assert Tree.model_validate_json(json.dumps(data)) == view
    assert Tree.model_construct(**data) == view
    assert repr(view).startswith("Tree(")


@given(json_value)
def test_dumping_without_none_leaves_no_none_but_in_lists(data):
    def less(value):
        if isinstance(value, list):
            return [less(item) for item in value]
        if isinstance(value, dict):
            return {name: less(inner) for name, inner in value.items() if inner is not None}
        return value

    view = Tree.wrap(copy.deepcopy(data))
    if isinstance(view, View):
        assert view.model_dump(exclude_none=True) == less(data)


WHOLE = {
    "leaf": {"name": "a"},
    "leaves": [{"name": "b", "size": 1}, {"name": "c"}],
    "annotated": {"name": "d"},
    "deep": [[{"name": "e"}]],
    "parts": [
        {"type": "text", "text": "t"},
        {"type": "picture", "url": {"name": "u"}},
        {"type": "sound", "hz": 1},
        {"text": "first"},
    ],
    "above": {"leaf": {"name": "f"}},
    "new_field": {"x": 1},
}


def whole() -> Tree:
    return Tree.wrap(copy.deepcopy(WHOLE))


def test_what_annotations_call_a_view_is_one():
    tree: Any = whole()
    assert [type(x) for x in (tree.leaf, *tree.leaves, tree.annotated, tree.deep[0][0], tree.above, tree.above.leaf)] == [
        *[Leaf] * 5,
        Tree,
        Leaf,
    ]
    assert [type(part) for part in tree.parts] == [Text, Image, View, Text]
    assert tree.parts[1].url.name == "u"
    assert tree.parts[2].hz == 1


def test_defaults_stand_in_for_what_was_not_sent():
    tree = whole()
    assert (tree.maybe, tree.count, tree.leaf.size) == (None, 0, None)
    with pytest.raises(AttributeError, match="name"):
        _ = Leaf.wrap({}).name


def test_unknown_fields_are_kept():
    tree: Any = whole()
    assert tree.new_field == {"x": 1}
    assert tree.model_extra == {"new_field": {"x": 1}}


@pytest.mark.parametrize("of", [lambda answer: answer, lambda answer: pickle.loads(pickle.dumps(answer)), Answer.model_copy])
def test_an_answer_made_by_hand_has_no_request_id(of):
    assert of(Answer.model_validate({"name": "a"}))._request_id is None


def test_a_request_id_is_no_field():
    class Reply(Answer):
        name: str

    reply: Any = Reply.wrap({"name": "a"})
    reply._request_id = "req-1"
    assert reply._request_id == "req-1"
    assert reply == Reply(name="a")
    assert reply.model_dump() == {"name": "a"}
    assert "req-1" not in repr(reply) + str(reply.__getstate__())


@pytest.mark.parametrize(
    ("how", "wanted"),
    [
        ({}, {"name": "a", "size": None, "x": 1}),
        ({"exclude_none": True}, {"name": "a", "x": 1}),
        ({"include": {"name"}}, {"name": "a"}),
        ({"exclude": {"name"}}, {"size": None, "x": 1}),
        ({"exclude": {"name": True}}, {"size": None, "x": 1}),
        ({"exclude_defaults": True}, {"name": "a", "x": 1}),
        ({"exclude_unset": True}, {"name": "a", "size": None, "x": 1}),
        ({"mode": "json", "by_alias": True}, {"name": "a", "size": None, "x": 1}),
    ],
)
def test_dumps_as_pydantic_spells_them(how, wanted):
    assert Leaf.wrap({"name": "a", "size": None, "x": 1}).model_dump(**how) == wanted
    assert json.loads(Leaf.wrap({"name": "a", "size": None, "x": 1}).model_dump_json(**how)) == wanted


def test_names_may_nest():
    dumped = whole().model_dump(include={"leaves": {"__all__": {"name"}}, "leaf": True}, exclude={"leaf": {"name"}})
    assert dumped == {"leaves": [{"name": "b"}, {"name": "c"}], "leaf": {}}
    assert whole().model_dump(include={"leaves": {0: {"size"}}})["leaves"][0] == {"size": 1}


def test_indented_json():
    assert Leaf(name="a").model_dump_json(indent=2) == '{\n  "name": "a"\n}'
    assert Leaf(name="a").to_json() == '{\n  "name": "a"\n}'
    assert Leaf(name="a").to_dict() == Leaf(name="a").dict() == {"name": "a"}
    assert Leaf(name="a").json() == '{"name":"a"}'


def test_a_dump_is_the_callers_own():
    tree = whole()
    tree.model_dump()["leaves"][0]["name"] = "changed"
    tree.model_dump()["new_field"]["x"] = 2
    assert tree == whole()


def test_copies():
    tree = whole()
    assert tree.model_copy(update={"count": 3}).count == 3
    deep = tree.model_copy(deep=True, update={"leaf": {"name": "z"}})
    assert deep.leaf.name == "z"
    deep.leaves[0].name = "changed"
    assert tree == whole()


@pytest.mark.parametrize("data", [None, 7, "text", [1], [{"name": "a"}]])
def test_what_is_no_object_is_refused_by_validation_only(data):
    assert Leaf.wrap(data) == data
    with pytest.raises(ValueError, match="Leaf expects an object"):
        Leaf.model_validate(data)


def test_validation_leaves_its_argument_alone():
    data = copy.deepcopy(WHOLE)
    Tree.model_validate(data)
    assert data == WHOLE


def test_equality_is_by_value_and_class():
    assert Leaf(name="a") == Leaf(name="a") != Leaf(name="b")
    assert Leaf(name="a") != View(name="a")
    assert Leaf(name="a") != {"name": "a"}
    with pytest.raises(TypeError, match="unhashable"):
        hash(Leaf(name="a"))


def test_a_view_is_a_pydantic_field():
    class Holder(pydantic.BaseModel):
        leaf: Leaf
        more: list[Leaf] = []

    holder = Holder.model_validate({"leaf": {"name": "a", "x": 1}, "more": [{"name": "b"}]})
    assert (type(holder.leaf), type(holder.more[0])) == (Leaf, Leaf)
    assert holder.model_dump() == {"leaf": {"name": "a", "x": 1}, "more": [{"name": "b"}]}
    assert json.loads(holder.model_dump_json())["leaf"] == {"name": "a", "x": 1}
    assert Holder.model_json_schema()["properties"]["leaf"]["type"] == "object"
    with pytest.raises(pydantic.ValidationError):
        Holder.model_validate({"leaf": 7})


def test_views_match():
    match whole().leaves[0]:
        case Leaf(name="b", size=size):
            assert size == 1
        case _:
            pytest.fail("no match")
