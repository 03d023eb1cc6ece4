"""Views over decoded JSON: whatever the server sends can be read, dumped, compared, copied and pickled."""

from __future__ import annotations

import copy
import json
import pickle
import subprocess
import sys
from typing import Annotated, Any, Generic, Literal, TypeVar, get_type_hints

import pydantic
import pytest
from hypothesis import given, strategies as some

from ceyx.wire.view import Answer, IfSent, Promised, View


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
    assert view.to_dict() == view.model_dump(exclude_unset=True) == data
    assert json.loads(view.to_json()) == data
    assert json.loads(view.model_dump_json()) == view.model_dump() == completed(view)
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
    assert Tree.model_construct(**data) == view
    assert repr(view).startswith("Tree(")


def completed(value: Any, nones: bool = True) -> Any:
    """What a dump of this has, worked out the long way. Of what is no view, nothing is left out, as pydantic has it."""
    if isinstance(value, View):
        names = [name for name in get_type_hints(type(value)) if not name.startswith("_")]
        fields = {**{name: getattr(type(value), name, None) for name in names}, **vars(value)}
        return {name: completed(inner, nones) for name, inner in fields.items() if nones or inner is not None}
    if isinstance(value, list):
        return [completed(item, nones) for item in value]
    return {name: completed(inner, nones) for name, inner in value.items()} if isinstance(value, dict) else value


@given(json_value)
def test_dumping_without_none_leaves_no_none_in_views(data):
    view = Tree.wrap(copy.deepcopy(data))
    if isinstance(view, View):
        assert view.model_dump(exclude_none=True) == completed(view, nones=False)
        assert all(value is not None for value in view.to_dict(exclude_none=True).values())


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
        ({"exclude": set()}, {"name": "a", "size": None, "x": 1}),
        ({"include": {}}, {}),
        ({"include": {"name": True, "x": ...}, "exclude": {"x": ...}}, {"name": "a"}),
        ({"exclude_unset": True}, {"name": "a", "size": None, "x": 1}),
        ({"mode": "json", "by_alias": True}, {"name": "a", "size": None, "x": 1}),
    ],
)
def test_dumps_as_pydantic_spells_them(how, wanted):
    assert Leaf.wrap({"name": "a", "size": None, "x": 1}).model_dump(**how) == wanted
    assert json.loads(Leaf.wrap({"name": "a", "size": None, "x": 1}).model_dump_json(**how)) == wanted


def test_names_may_nest():
    dumped = whole().model_dump(include={"leaves": {"__all__": {"name"}}, "leaf": True}, exclude={"leaf": {"name"}})
    assert dumped == {"leaves": [{"name": "b"}, {"name": "c"}], "leaf": {"size": None}}
    assert whole().model_dump(include={"leaves": {0: {"size"}}}) == {"leaves": [{"size": 1}]}
    assert whole().model_dump(include={"leaves": {-1}}) == {"leaves": [{"name": "c", "size": None}]}
    assert whole().model_dump(include={"leaves"}, exclude={"leaves": {0: True, 1: {"size"}}}) == {"leaves": [{"name": "c"}]}
    assert whole().model_dump(include={"new_field": {"y"}}) == {"new_field": {}}


class Dumped(pydantic.BaseModel):
    """The fields of `Tree`, as pydantic has them."""

    model_config = {"extra": "allow"}

    class Leaf(pydantic.BaseModel):
        model_config = {"extra": "allow"}
        name: str
        size: int | None = None

    leaf: Leaf
    leaves: list[Leaf]
    maybe: Leaf | None = None
    annotated: Leaf | None = None
    deep: list[list[Leaf]] | None = None
    parts: Any = None
    named: dict[str, int | None] | None = None
    count: int = 0
    above: Any = None


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"exclude_unset": True},
        {"exclude_none": True},
        {"exclude_defaults": True},
        {"exclude_unset": True, "exclude_none": True},
        {"include": {"leaf", "count", "new_field"}},
        {"include": {"leaves": {"__all__": {"size"}}}, "exclude_unset": True},
        {"include": {"leaves": {1: True}}},
        {"exclude": {"leaves": {0}, "leaf": True, "named": {"a"}}},
        {"exclude": {"leaves": {"__all__": {"name"}}, "deep": {0: {0: {"size"}}}}, "exclude_none": True},
        {"exclude": {"new_field": {"x"}}},
        {"mode": "json"},
        {"round_trip": True, "warnings": False},
    ],
)
def test_dumps_are_those_of_pydantic(how):
    data = {
        "leaf": {"name": "a", "size": None, "y": None},
        "leaves": [{"name": "b", "size": 1}, {"name": "c"}],
        "deep": [[{"name": "e"}]],
        "named": {"a": 1, "b": None},
        "count": 0,
        "new_field": {"x": None},
    }
    theirs = Dumped.model_validate(data)
    ours = Tree.wrap(copy.deepcopy(data))
    assert list(ours.model_dump(**how).items()) == list(theirs.model_dump(**how).items())
    assert ours.model_dump_json(**how) == theirs.model_dump_json(**{name: of for name, of in how.items() if name != "mode"})


def test_an_unknown_argument_of_a_dump_is_refused():
    with pytest.raises(TypeError, match="exclude_nones"):
        whole().model_dump(exclude_nones=True)


def test_indented_json():
    assert Leaf(name="a").model_dump_json(indent=2) == '{\n  "name": "a",\n  "size": null\n}'
    assert Leaf(name="a").to_json() == '{\n  "name": "a"\n}'
    assert Leaf(name="a").to_json(indent=None) == '{"name":"a"}'
    assert Leaf(name="a").to_dict() == {"name": "a"}
    assert Leaf(name="a").dict() == Leaf(name="a").to_dict(exclude_unset=False) == {"name": "a", "size": None}
    assert Leaf(name="a").json() == '{"name":"a","size":null}'
    assert Leaf(name="\u00e9").model_dump_json(ensure_ascii=True) == '{"name":"\\u00e9","size":null}'


def test_half_a_surrogate_pair_is_escaped():
    half = Leaf.wrap({"name": "\ud83d", "x": "\u00e9", "leaf": Leaf(name="\udc00")})
    for text in (half.to_json(), half.to_json(indent=None), half.model_dump_json(), half.model_dump_json(indent=2)):
        assert "\\ud83d" in text and text.isascii() and json.loads(text)["leaf"]["name"] == "\udc00"
    assert half.to_json(indent=None) == '{"name":"\\ud83d","x":"\\u00e9","leaf":{"name":"\\udc00"}}'
    assert half.to_json().startswith('{\n  "name": "\\ud83d",\n')


class Some(View):
    id: str | None = None
    sizes: list[int] | None = None
    note: IfSent[str | None] = None


class Heir(Some):
    id: str
    late: int = 7


def test_a_dump_has_the_fields_that_were_not_sent_and_nothing_else_has():
    heir = Heir(sizes=[1], x=2)
    assert list(heir.model_dump().items()) == [("id", None), ("sizes", [1]), ("late", 7), ("x", 2)]
    assert Some().model_dump() == {"id": None, "sizes": None}
    assert heir.model_dump(exclude_none=True) == {"sizes": [1], "late": 7, "x": 2}
    assert heir.model_dump(include={"late"}) == {"late": 7}
    assert heir.model_dump(include={"late"}, exclude_unset=True) == {}
    assert heir.model_dump(exclude_defaults=True) == {"id": None, "sizes": [1], "x": 2}
    assert heir.to_dict() == vars(heir) == {"sizes": [1], "x": 2}
    assert heir.model_fields_set == {"sizes", "x"}
    assert heir == Heir(sizes=[1], x=2, late=7) != Heir(sizes=[1], x=2, late=8)
    assert heir.model_dump() is not heir.model_dump()
    heir.model_dump()["late"] = 9
    assert heir.late == 7


def test_what_only_some_servers_send_is_dumped_where_it_was_sent():
    assert "note" not in Some(id="i").model_dump() and Some(id="i").note is None
    assert Some(note="n").model_dump() == {"id": None, "sizes": None, "note": "n"}
    assert Some(note="n").model_extra == {"note": "n"}


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
    with pytest.raises(pydantic.ValidationError, match="Leaf"):
        Leaf.model_validate(data)


FIT = {
    "leaf": {"name": "a"},
    "leaves": [{"name": "b", "size": 1}],
    "parts": [{"type": "picture", "url": {"name": "u"}}, {"type": "text", "text": "t"}],
    "above": {"leaf": {"name": "f"}, "leaves": []},
    "new_field": {"x": 1},
}


def test_validation_leaves_its_argument_alone():
    data = copy.deepcopy(FIT)
    made: Any = Tree.model_validate(data)
    assert data == FIT
    assert made == Tree.wrap(data) == Tree.parse_obj(FIT) == Tree.model_validate_json(json.dumps(FIT))
    assert [type(part) for part in made.parts] == [Image, Text] and type(made.above) is Tree and type(made.parts[0].url) is Leaf
    assert made.to_dict() == FIT
    assert Tree.model_validate(made) is made
    assert Tree.model_validate({"leaf": made.leaf, "leaves": []}).leaf is made.leaf


@pytest.mark.parametrize(
    ("kind", "data", "wrong"),
    [
        (Leaf, {}, {"name": "missing"}),
        (Leaf, {"name": 7}, {"name": "string_type"}),
        (Leaf, {"name": "a", "size": "large"}, {"size": "int_parsing"}),
        (Tree, {"error": {"message": "x"}}, {"leaf": "missing", "leaves": "missing"}),
        (Text, {"type": "image", "text": "t"}, {"type": "literal_error"}),
        (Image, {"type": None}, {"type": "literal_error"}),
        (Image, {"type": ["image"], "url": {}}, {"type": "literal_error", "url.name": "missing"}),
        (Tree, {"leaf": {"name": "a"}, "leaves": [{"name": "b"}, {}]}, {"leaves.1.name": "missing"}),
        (
            Tree,
            {"leaf": {"name": "a"}, "leaves": [], "above": {"leaf": {}}},
            {"above.leaf.name": "missing", "above.leaves": "missing"},
        ),
        (Tree, {**FIT, "parts": [{"type": "text"}]}, {"parts.0.Text.text": "missing", "parts.0.Image.type": "literal_error"}),
        (Heir, {}, {"id": "missing"}),
    ],
)
def test_validation_names_what_does_not_fit(kind, data, wrong):
    kind.wrap(copy.deepcopy(data))
    kind.model_construct(**data)
    for validate in (lambda: kind.model_validate(data), lambda: kind.model_validate_json(json.dumps(data))):
        with pytest.raises(pydantic.ValidationError) as failed:
            validate()
        assert {".".join(map(str, error["loc"])): error["type"] for error in failed.value.errors()} == wrong


def test_what_is_there_once_it_is_stored_is_not_asked_for():
    class Item(View):
        id: Promised[str]
        name: str

    for data in ({"name": "a"}, {"id": None, "name": "a"}):
        assert Item.model_validate(data).to_dict() == data
    with pytest.raises(pydantic.ValidationError, match="string_type"):
        Item.model_validate({"id": 1, "name": "a"})


def test_fields_have_other_names_on_the_wire():
    class Found(View):
        _spelled = {"self_harm": "self-harm"}
        self_harm: bool

        @classmethod
        def wrap(cls, data):
            return super().wrap({cls._spelled_back(name): value for name, value in data.items()})

        @staticmethod
        def _spelled_back(name):
            return name.replace("-", "_")

    assert Found.model_validate({"self-harm": True}) == Found.model_validate({"self_harm": True}) == Found(self_harm=True)
    with pytest.raises(pydantic.ValidationError, match="self-harm"):
        Found.model_validate({})


M = TypeVar("M")


class Read(View, Generic[M]):
    parsed: M | None = None
    more: list[M] | None = None


class Reads(View, Generic[M]):
    all: list[Read[M]]


def test_a_view_of_a_type_is_checked_as_that_type():
    class City(pydantic.BaseModel):
        name: str

    data = {"all": [{"parsed": {"name": "Oslo"}, "more": [{"name": "Bergen"}]}]}
    made = pydantic.TypeAdapter(Reads[City]).validate_python(data)
    assert type(made) is Reads and type(made.all[0]) is Read
    assert made.all[0].parsed == City(name="Oslo") and made.all[0].more == [City(name="Bergen")]
    assert made.model_dump() == data
    assert Reads.model_validate(data).all[0].parsed == {"name": "Oslo"}
    with pytest.raises(pydantic.ValidationError, match=r"all\.0\.parsed\.name"):
        pydantic.TypeAdapter(Reads[City]).validate_python({"all": [{"parsed": {}}]})


def test_fields_and_schema_are_those_of_pydantic():
    fields = Tree.model_fields
    assert list(fields) == ["leaf", "leaves", "maybe", "annotated", "deep", "parts", "named", "count", "above"]
    assert fields["leaf"].is_required() and fields["leaf"].annotation is Leaf
    assert not fields["count"].is_required() and fields["count"].default == 0
    assert whole().model_fields.keys() == fields.keys()
    schema = Tree.model_json_schema()
    assert schema["$defs"]["Leaf"]["required"] == ["name"]
    assert {*schema["$defs"]} == {"Leaf", "Text", "Image", "Tree"}


def test_without_pydantic_the_error_says_what_to_do(monkeypatch):
    monkeypatch.delitem(sys.modules, "ceyx.wire.validation", raising=False)
    monkeypatch.delattr("ceyx.wire.validation", raising=False)
    monkeypatch.setitem(sys.modules, "pydantic", None)
    for ask in (Leaf.model_validate, Leaf.model_validate_json):
        with pytest.raises(ModuleNotFoundError, match=r"Leaf\.model_validate.* pip install pydantic, .* model_construct"):
            ask("{}")
    assert not hasattr(Leaf, "model_fields")
    assert Leaf.model_construct(name="a").model_dump() == {"name": "a", "size": None}


def test_pydantic_is_imported_by_none_but_those_who_ask():
    program = """
import sys
from ceyx.types.chat import ChatCompletion
view = ChatCompletion.wrap({"id": "1", "choices": [{"message": {"role": "assistant"}}]})
view.model_dump(exclude_defaults=True), view.to_json(), view.model_extra, repr(view), view == view.model_copy(deep=True)
assert not {"pydantic", "pydantic_core", "ceyx.wire.validation"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_equality_is_by_value_and_class():
    assert Leaf(name="a") == Leaf(name="a") != Leaf(name="b")
    assert Leaf(name="a") != View(name="a")
    assert Leaf(name="a") != {"name": "a"}
    with pytest.raises(TypeError, match="unhashable"):
        hash(Leaf(name="a"))


class Holder(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(str_strip_whitespace=True, alias_generator=str.upper, populate_by_name=True, strict=False)
    leaf: Leaf
    more: list[Leaf] = []
    part: Text | Image | None = None


def test_a_view_is_a_pydantic_field():
    holder = Holder.model_validate({"leaf": {"name": "a", "x": 1}, "more": [{"name": "b"}]})
    assert (type(holder.leaf), type(holder.more[0])) == (Leaf, Leaf)
    dumped = {"leaf": {"name": "a", "size": None, "x": 1}, "more": [{"name": "b", "size": None}], "part": None}
    assert holder.model_dump() == json.loads(holder.model_dump_json()) == dumped
    assert holder.model_dump(exclude_unset=True) == {"leaf": {"name": "a", "x": 1}, "more": [{"name": "b"}]}
    assert holder.model_dump(exclude_none=True, include={"leaf": {"x", "size"}}) == {"leaf": {"x": 1}}
    assert holder.model_dump(exclude={"leaf": {"x"}, "more": {0: {"size"}}, "part": True}) == {
        "leaf": {"name": "a", "size": None},
        "more": [{"name": "b"}],
    }
    assert Holder(leaf=holder.leaf).leaf is holder.leaf
    assert Holder.model_construct(leaf=7).model_dump() == {"leaf": 7, "more": [], "part": None}  # type: ignore[arg-type]
    assert Holder.model_validate_json(holder.model_dump_json()) == holder
    with pytest.raises(pydantic.ValidationError, match=r"leaf\n"):
        Holder.model_validate({"leaf": 7})


@pytest.mark.parametrize("mode", ["validation", "serialization"])
def test_the_schema_of_a_model_has_that_of_its_views(mode):
    schema = Holder.model_json_schema(mode=mode)
    assert schema["$defs"]["Leaf"]["properties"]["name"] == {"title": "Name", "type": "string"}
    assert schema["properties"]["LEAF"] == {"$ref": "#/$defs/Leaf"}


def test_the_arm_of_a_union_is_the_one_that_fits():
    for part, kind in (({"type": "picture"}, Image), ({"type": "text", "text": " t "}, Text), (Image(type="image"), Image)):
        made = Holder.model_validate({"leaf": {"name": "a"}, "part": part}).part
        assert type(made) is kind
        assert made == kind.model_validate(part)  # and what the model does to text of its own, it does not do to that of views
    with pytest.raises(pydantic.ValidationError, match=r"part\.Text\.type"):
        Holder.model_validate({"leaf": {"name": "a"}, "part": {"type": "sound"}})


def test_views_match():
    match whole().leaves[0]:
        case Leaf(name="b", size=size):
            assert size == 1
        case _:
            pytest.fail("no match")
