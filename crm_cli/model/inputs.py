"""Input models: what a record must be before it is kept. Table models validate nothing; these do."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, StringConstraints
from sqlmodel import SQLModel

from crm_cli.rules.text import fold

Name = Annotated[str, StringConstraints(min_length=1, max_length=500), AfterValidator(lambda text: _no_nul(text))]
Note = Annotated[str, StringConstraints(max_length=1_000_000), AfterValidator(lambda text: _no_nul(text))]
Short = Annotated[str, StringConstraints(min_length=1, max_length=500), AfterValidator(lambda text: _no_nul(text))]
Word = Annotated[str, StringConstraints(min_length=1, max_length=100), AfterValidator(lambda text: _no_nul(text))]


def _no_nul(text: str) -> str:
    if "\x00" in text:
        raise ValueError("it holds a NUL character")
    return text


def name_key(name: str) -> str:
    """The folded name that look-ups use; a name of nothing but invisible characters is its own key."""
    return fold(name) or name


class Input(SQLModel):
    """Refuses what it does not know."""

    model_config = {"extra": "forbid", "validate_assignment": False}


class MemberInput(Input):
    name: Name
    email: Short | None = None


class StageInput(Input):
    name: Name
    kind: Literal["open", "won", "lost"] = "open"
    probability: int | None = None
    quiet_after_days: int | None = None


class CustomerInput(Input):
    name: Name
    kind: Literal["company", "person"]
    status: Literal["new", "contacted", "qualified", "unqualified", "customer", "closed"] = "new"
    parent_id: int | None = None
    referred_by_id: int | None = None
    owner_id: int | None = None
    industry: Short | None = None
    size: int | None = None
    region: Short | None = None
    country: Short | None = None
    city: Short | None = None
    address: Note | None = None
    source: Short | None = None
    language: Short | None = None
    prefers: Short | None = None
    birthday: date | None = None
    cadence_days: int | None = None
    note: Note | None = None
    custom: dict[str, Any] | None = None
    lifecycle: Literal["prospect", "exploring", "growing", "mature", "declining", "lost", "won-back"] | None = None
    lifecycle_set_on: date | None = None


class ContactInput(Input):
    name: Name
    customer_id: int | None = None
    title: Short | None = None
    role: Short | None = None
    prefers: Short | None = None
    birthday: date | None = None
    note: Note | None = None
    custom: dict[str, Any] | None = None


class DealInput(Input):
    title: Name
    customer_id: int | None = None
    stage_id: int
    amount: int | None = None
    currency: str | None = None
    probability: int | None = None
    expected_close_on: date | None = None
    opened_on: date
    source: Short | None = None
    risk: Short | None = None
    lost_reason: Short | None = None
    owner_id: int | None = None
    custom: dict[str, Any] | None = None


class OrderInput(Input):
    customer_id: int
    deal_id: int | None = None
    number: Short | None = None
    ordered_on: date
    amount: int
    rest: int = 0
    currency: str
    cost: int | None = None
    owner_id: int | None = None
    note: Note | None = None
    custom: dict[str, Any] | None = None


class ClosingInput(Input):
    """What is said of a deal when its stage changes."""

    lost_reason: Short | None = None
    note: Note | None = None


class TagInput(Input):
    tag: Word


class SegmentInput(Input):
    segment: Word
    query: Note


class ViewInput(Input):
    name: Word
    query: Note = ""
    columns: Short | None = None
    sort: Short | None = None
    group_by: Short | None = None


class TierInput(Input):
    name: Word
    query: Annotated[
        str, StringConstraints(min_length=1, max_length=10_000), AfterValidator(lambda text: _no_nul(text))
    ]
    position: int
    cadence_days: int | None = None
    owner_id: int | None = None
    playbook: Note | None = None
    asks_risk: bool = False


class WantedInput(Input):
    """A word that an ideal customer has in a field."""

    field: Word
    value: Short


class CustomInput(Input):
    """One field of the user's own."""

    key: Word
    value: Note


class InteractionInput(Input):
    channel: Short
    direction: Literal["in", "out"] | None = None
    at: datetime
    text: Note | None = None
    outcome: Short | None = None
    duration_minutes: int | None = None
    customer_id: int | None = None
    deal_id: int | None = None
    owner_id: int | None = None


class TaskInput(Input):
    text: Name
    customer_id: int | None = None
    deal_id: int | None = None
    due_on: date | None = None
    due_at: datetime | None = None
    priority: Literal["low", "normal", "high"] = "normal"
    every: str | None = None
    anchor_on: date | None = None
    owner_id: int | None = None


class ProductInput(Input):
    code: Word
    name: Name
    kind: Literal["product", "service"] = "product"
    category: Short | None = None
    unit: Short | None = None
    audience: Short | None = None
    is_active: bool = True
    note: Note | None = None
