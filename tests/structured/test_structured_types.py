"""Types of every kind: what the API is told of them, and what is read of its text."""

from __future__ import annotations

import enum
import json
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Generic, Literal, NewType, NotRequired, TypedDict, TypeVar
from uuid import UUID

import msgspec
import pydantic
import pydantic.v1
import pytest
from pydantic import BaseModel, Field
from strict_schemas import faults

import ceyx
from ceyx.service.engines.clues import Clues
from ceyx.service.engines.instances import instance
from ceyx.structured import parsed, response_format_of, schema_of, text_format_of
from ceyx.wire.typed_dict import TypedDict as PydanticTypedDict

X = TypeVar("X")


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class City(BaseModel):
    """Where people live."""

    name: str = Field(description="As its people call it", min_length=1)
    size: int | None = None
    colours: list[Colour] = []


class Box(BaseModel, Generic[X]):
    inside: X


class Tree(BaseModel):
    leaf: str
    below: list[Tree] = []


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: Annotated[int, Field(ge=1, le=9)]


class Dog(BaseModel):
    kind: Literal["dog"]


class Home(BaseModel):
    pet: Cat | Dog = Field(discriminator="kind")
    at: pydantic.AnyUrl
    founded: date
    price: Decimal
    corners: tuple[int, int]
    tags: set[str]
    first: City = Field(description="The first")


class Rooted(pydantic.RootModel[list[City]]):
    pass


class Old(pydantic.v1.BaseModel):
    city: OldCity
    n: int = 3


class OldCity(pydantic.v1.BaseModel):
    name: str


Old.update_forward_refs()


@pydantic.dataclasses.dataclass
class Checked:
    n: Annotated[int, Field(gt=0)]


@dataclass
class Town:
    name: str
    twin: Town | None = None
    numbers: list[int] = field(default_factory=list)


@dataclass
class Mixed:
    """Holds what only pydantic reads."""

    city: City


class Village(TypedDict):
    name: Annotated[str, msgspec.Meta(description="Its name")]
    mayor: NotRequired[str]


class Bounded(PydanticTypedDict):
    n: Annotated[int, Field(gt=0)]


class Hamlet(msgspec.Struct, rename="camel", tag="hamlet"):
    """A few houses."""

    first_house: int
    id: UUID
    colour: Colour = Colour.RED


Name = NewType("Name", str)

TYPES: list[tuple[Any, str]] = [
    (City, "City"),
    (Box[City], "Box_City"),
    (Tree, "Tree"),
    (Home, "Home"),
    (Rooted, "Rooted"),
    (Old, "Old"),
    (Checked, "Checked"),
    (Town, "Town"),
    (Mixed, "Mixed"),
    (Village, "Village"),
    (Bounded, "Bounded"),
    (Hamlet, "Hamlet"),
    (Colour, "Colour"),
    (Literal["a", "b"], "Literal_a_b"),
    (int, "int"),
    (list[Town], "list_Town"),
    (list[City], "list_City"),
    (City | Cat, "City_Cat"),
    (int | str, "int_str"),
    (Hamlet | None, "Hamlet_None"),
    (Name, "Name"),
]


@pytest.mark.parametrize(("kind", "name"), TYPES, ids=lambda value: value if isinstance(value, str) else "")
def test_every_kind_of_type_is_asked_for_and_read(kind, name):
    asked = response_format_of(kind)
    assert asked["type"] == "json_schema"
    assert asked["json_schema"]["name"] == name
    assert asked["json_schema"]["strict"] is True
    schema: Any = asked["json_schema"]["schema"]
    assert not list(faults(schema))
    made = instance(schema, Clues("A prompt"), lambda _: "text")
    if kind is Home:
        made = {**made, "at": "https://example.com", "price": 1.5}  # whose schemas can be said in words only
    assert parsed(json.dumps(made), kind) is not None
    assert response_format_of(kind) == asked


def test_values_are_of_the_type():
    assert parsed('{"name": "Oslo", "size": null, "colours": ["red"]}', City) == City(name="Oslo", colours=[Colour.RED])
    assert parsed(b'{"name": "Oslo", "twin": {"name": "Bergen"}}', Town) == Town("Oslo", Town("Bergen"))
    assert parsed('{"name": "Oslo"}', Village) == {"name": "Oslo"}
    assert parsed('{"type": "hamlet", "firstHouse": 1, "id": "00000000-0000-0000-0000-000000000001"}', Hamlet) == Hamlet(
        1, UUID(int=1)
    )
    assert parsed('{"city": {"name": "Oslo"}}', Old).city.name == "Oslo"
    assert parsed('{"city": {"name": "Oslo"}}', Mixed) == Mixed(City(name="Oslo"))


def test_what_is_no_object_is_asked_for_in_one():
    assert schema_of(int)["properties"] == {"value": {"type": "integer"}}
    assert parsed('{"value": 3}', int) == 3
    assert parsed('{"value": "red"}', Colour) is Colour.RED
    assert parsed('{"value": [{"name": "Oslo"}]}', list[City]) == [City(name="Oslo")]
    assert parsed('{"value": [{"name": "Oslo"}]}', Rooted).root == [City(name="Oslo")]
    assert parsed('{"value": null}', Hamlet | None) is None  # type: ignore[arg-type]
    with pytest.raises(msgspec.ValidationError):
        parsed("3", int)


def test_what_does_not_fit_is_said_by_the_library_of_the_type():
    with pytest.raises(pydantic.ValidationError):
        parsed('{"size": "large"}', City)
    with pytest.raises(pydantic.v1.ValidationError):
        parsed("{}", Old)
    with pytest.raises(pydantic.ValidationError):
        parsed('{"n": 0}', Bounded)  # whose bound is of pydantic
    with pytest.raises(msgspec.ValidationError):
        parsed('{"name": 1}', Town)
    for kind in (City, Old, Town):
        with pytest.raises(ValueError):
            parsed('{"name": "Os', kind)


def test_not_strictly_the_schema_is_that_of_the_type():
    class Free(BaseModel):
        tags: dict[str, int] = {}

    with pytest.raises(ValueError, match=r"^tags: a dict with free keys"):
        response_format_of(Free)
    asked: Any = response_format_of(Free, strict=False)["json_schema"]
    assert asked["strict"] is False
    assert asked["schema"] == Free.model_json_schema()
    assert parsed('{"tags": {"a": 1}}', Free).tags == {"a": 1}


def test_schemas_are_the_callers_own():
    response_format_of(City)["json_schema"]["schema"].clear()
    assert response_format_of(City)["json_schema"]["schema"]
    schema_of(City).clear()
    assert schema_of(City) == City.model_json_schema()


def test_the_text_format_of_responses_says_the_same():
    asked: Any = response_format_of(City)["json_schema"]
    assert text_format_of(City) == {"type": "json_schema", **asked}


def test_names_are_as_the_api_takes_them():
    class Größe(BaseModel):
        n: int

    long: Any = pydantic.create_model("L" * 100, n=(int, 1))
    assert response_format_of(Größe)["json_schema"]["name"] == "Gr_e"
    assert response_format_of(long)["json_schema"]["name"] == "L" * 64


@pytest.mark.parametrize("wrong", [City(name="Oslo"), "City", 3, None, ceyx.OpenAI, ceyx.types.chat.ChatCompletion])
def test_what_is_no_type_to_read(wrong):
    with pytest.raises(TypeError):
        schema_of(wrong)


def test_pydantic_is_not_imported_for_types_that_are_not_its_own():
    program = """
import sys
from dataclasses import dataclass
from ceyx.structured import parsed, response_format_of

@dataclass
class Town:
    name: str

response_format_of(Town)
assert parsed('{"name": "Oslo"}', Town) == Town("Oslo")
assert not [name for name in sys.modules if name.startswith("pydantic")]
"""
    subprocess.run([sys.executable, "-c", program], check=True)
