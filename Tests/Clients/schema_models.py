"""Pydantic models as people write them, and made of the types that people use, dumped with `model_json_schema`."""
import datetime, decimal, enum, random, uuid
from typing import Annotated, Any, Dict, FrozenSet, List, Literal, Optional, Set, Tuple, Union

from pydantic import (AnyUrl, AwareDatetime, BaseModel, ConfigDict, EmailStr, Field, HttpUrl, IPvAnyAddress,
                      NegativeInt, NonNegativeFloat, PositiveInt, RootModel, SecretStr, StringConstraints, conint,
                      conlist, constr, create_model)


class Color(str, enum.Enum):
    RED = "red"
    GREEN = "green"
    BLUE = "blue"


class Level(enum.IntEnum):
    LOW = 1
    MIDDLE = 2
    HIGH = 3


class Address(BaseModel):
    """Where someone lives."""
    street: str = Field(min_length=1, max_length=80)
    city: str
    zip_code: str = Field(pattern=r"^\d{5}$", examples=["12345"])
    country: str = Field("DE", min_length=2, max_length=2)


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int = Field(9, ge=1, le=9)


class Dog(BaseModel):
    kind: Literal["dog"]
    breed: str
    weight: float = Field(gt=0, lt=120)


class Bird(BaseModel):
    kind: Literal["bird"] = "bird"
    can_fly: bool = True


class Fish(BaseModel):
    kind: Literal["fish"] = "fish"
    depth: NonNegativeFloat


class Owner(BaseModel):
    pet: Union[Cat, Dog] = Field(discriminator="kind")
    other: Optional[Annotated[Union[Bird, Fish], Field(discriminator="kind")]] = None


class Tree(BaseModel):
    value: int
    left: Optional["Tree"] = None
    right: Optional["Tree"] = None


class Comment(BaseModel):
    author: EmailStr
    text: str = Field(max_length=280)
    replies: List["Comment"] = []


class Line(BaseModel):
    model_config = ConfigDict(extra="forbid")
    sku: str = Field(pattern=r"^[A-Z]{3}-\d{4}$")
    quantity: PositiveInt
    unit_price: decimal.Decimal = Field(ge=0, max_digits=8, decimal_places=2)


class Invoice(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"number": "R-1"}]})
    number: str
    issued: datetime.date
    due: Optional[datetime.date] = None
    lines: List[Line] = Field(min_length=1, max_length=5)
    total: float = Field(ge=0)
    currency: Literal["EUR", "USD", "CHF"]


class Event(BaseModel):
    id: uuid.UUID
    at: AwareDatetime
    duration: datetime.timedelta
    source: IPvAnyAddress
    payload: Dict[str, Any]


class Span(BaseModel):
    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=0)]
    label: Literal["PERSON", "PLACE", "DATE"]
    confidence: Annotated[float, Field(ge=0, le=1, description="How sure you are.")]


class Extraction(BaseModel):
    spans: List[Span]
    summary: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    language: Annotated[str, StringConstraints(pattern="^[a-z]{2}(-[A-Z]{2})?$")] = "en"


class Step(BaseModel):
    explanation: str
    output: str


class MathAnswer(BaseModel):
    steps: List[Step]
    final_answer: str


class Grid(RootModel[List[List[conint(ge=0, le=9)]]]):
    pass


class Scores(RootModel[Dict[str, float]]):
    pass


class Settings(BaseModel):
    model_config = ConfigDict(title="App settings")
    debug: bool = False
    level: Level = Level.LOW
    palette: Set[Color] = Field(default_factory=set)
    hosts: Set[str] = Field(min_length=1)
    ports: FrozenSet[conint(ge=1, le=65535)] = frozenset()
    window: Tuple[int, int] = (0, 0)
    named: Dict[Color, int] = {}
    password: SecretStr
    site: HttpUrl
    ratio: Optional[decimal.Decimal] = None


class Patient(BaseModel):
    name: constr(min_length=2, max_length=40, strip_whitespace=True)
    born: datetime.date
    arrived: datetime.time
    heart_rate: conint(gt=20, lt=250)
    temperature: Annotated[float, Field(gt=30, lt=45, multiple_of=0.1)]
    debt: NegativeInt | None = None
    allergies: conlist(str, max_length=3) = []


HANDWRITTEN = [
    Address, Owner, Tree, Comment, Line, Invoice, Event, Span, Extraction, MathAnswer, Grid, Scores, Settings, Patient
]

TYPES = [
    str,
    int,
    float,
    bool,
    datetime.date,
    datetime.datetime,
    uuid.UUID,
    decimal.Decimal,
    EmailStr,
    AnyUrl,
    Color,
    Level,
    Any,
    Optional[str],
    Optional[int],
    Optional[float],
    List[str],
    List[int],
    Dict[str, int],
    Dict[str, str],
    Set[str],
    Set[int],
    Set[Color],
    Tuple[str, int],
    Tuple[float, float, float],
    Tuple[int, ...],
    Literal["a", "b", "c"],
    Literal[1, 2, 3],
    Literal["x", 1, None],
    Union[int, str],
    Union[float, str, None],
    Union[List[str], str],
    Address,
    List[Address],
    Optional[Address],
    Dict[str, Address],
    Tree,
    Owner,
    Annotated[str, Field(min_length=1)],
    Annotated[str, Field(max_length=10)],
    Annotated[str, Field(min_length=3, max_length=6)],
    Annotated[str, Field(pattern="^[a-z_]+$")],
    Annotated[str, Field(pattern=r"^(\+\d{1,3})?\d{6,12}$")],
    Annotated[str, Field(pattern=r"[aeiou]")],
    Annotated[str, Field(pattern=r"^\w{2,8}$", max_length=5)],
    Annotated[int, Field(ge=0)],
    Annotated[int, Field(ge=1, le=5)],
    Annotated[int, Field(gt=0, lt=100, multiple_of=7)],
    Annotated[int, Field(ge=-(2**63), le=2**63 - 1)],
    Annotated[float, Field(ge=0, le=1)],
    Annotated[float, Field(gt=-90, lt=90)],
    Annotated[float, Field(ge=0.1, le=0.9)],
    Annotated[float, Field(multiple_of=0.25)],
    Annotated[decimal.Decimal, Field(gt=0, le=1000)],
    Annotated[List[int], Field(min_length=2, max_length=4)],
    Annotated[List[Annotated[str, Field(max_length=4)]], Field(min_length=1)],
    Annotated[Dict[str, float], Field(min_length=1, max_length=3)],
    Dict[Annotated[str, Field(pattern="^[A-Z]{3}$")], int],
    Annotated[Set[int], Field(min_length=2, max_length=3)],
    bytes,
    datetime.timedelta,
    datetime.time,
    list,
    dict,
    type(None),
    Annotated[str, Field(deprecated=True, description="Old.")],
    Annotated[int, Field(examples=[1, 2])],
]
NAMES = [
    "name", "age", "total", "kind", "when", "mail", "site", "note", "rank", "flag", "data", "size", "unit", "group",
    "parent"
]


def pydantic_schemas(count):
    """Of the models above, and of made ones with two to six fields, some of them optional or forbidding others."""
    r = random.Random(3)
    schemas = [model.model_json_schema() for model in HANDWRITTEN]
    # Every type comes once, then they are drawn.
    pending = TYPES[:]
    while len(schemas) < count:
        fields = {}
        for name in r.sample(NAMES, r.randrange(2, 7)):
            type_ = pending.pop(0) if pending else r.choice(TYPES)
            fields[name] = (type_, None) if r.random() < 0.25 else (type_, ...)
        config = ConfigDict(extra="forbid") if r.random() < 0.4 else ConfigDict(
            extra="allow") if r.random() < 0.1 else ConfigDict()
        model = create_model(f"Model{len(schemas)}", __config__=config, **fields)
        schemas.append(model.model_json_schema(mode=r.choice(["validation", "validation", "serialization"])))
    return schemas[:count]
