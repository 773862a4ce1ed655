"""Customers, the people at them, and every way to reach either."""

from datetime import date
from typing import Any

from sqlmodel import Field

from crm_cli.model.base import Dated, Removable
from crm_cli.model.types import Day, Integer, Json, Text


class Customer(Removable, table=True):
    """A company or a single person who buys, or may buy."""

    name: str = Field(sa_type=Text)
    name_key: str = Field(sa_type=Text)
    kind: str = Field(sa_type=Text)
    status: str = Field(sa_type=Text)
    parent_id: int | None = Field(default=None, foreign_key="customer.id", sa_type=Integer)
    referred_by_id: int | None = Field(default=None, foreign_key="customer.id", sa_type=Integer)
    owner_id: int | None = Field(default=None, foreign_key="member.id", sa_type=Integer)
    industry: str | None = Field(default=None, sa_type=Text)
    size: int | None = Field(default=None, sa_type=Integer)
    region: str | None = Field(default=None, sa_type=Text)
    country: str | None = Field(default=None, sa_type=Text)
    city: str | None = Field(default=None, sa_type=Text)
    address: str | None = Field(default=None, sa_type=Text)
    source: str | None = Field(default=None, sa_type=Text)
    language: str | None = Field(default=None, sa_type=Text)
    prefers: str | None = Field(default=None, sa_type=Text)
    birthday: date | None = Field(default=None, sa_type=Day)
    cadence_days: int | None = Field(default=None, sa_type=Integer)
    note: str | None = Field(default=None, sa_type=Text)
    last_contact_on: date | None = Field(default=None, sa_type=Day)
    cadence_due_on: date | None = Field(default=None, sa_type=Day)
    external_source: str | None = Field(default=None, sa_type=Text)
    external_id: str | None = Field(default=None, sa_type=Text)
    custom: dict[str, Any] | None = Field(default=None, sa_type=Json)
    lifecycle: str | None = Field(default=None, sa_type=Text)
    lifecycle_set_on: date | None = Field(default=None, sa_type=Day)


class Contact(Removable, table=True):
    """A person at a customer."""

    customer_id: int | None = Field(default=None, foreign_key="customer.id", sa_type=Integer)
    name: str = Field(sa_type=Text)
    name_key: str = Field(sa_type=Text)
    title: str | None = Field(default=None, sa_type=Text)
    role: str | None = Field(default=None, sa_type=Text)
    prefers: str | None = Field(default=None, sa_type=Text)
    birthday: date | None = Field(default=None, sa_type=Day)
    note: str | None = Field(default=None, sa_type=Text)
    last_contact_on: date | None = Field(default=None, sa_type=Day)
    external_source: str | None = Field(default=None, sa_type=Text)
    external_id: str | None = Field(default=None, sa_type=Text)
    custom: dict[str, Any] | None = Field(default=None, sa_type=Json)


class Reach(Dated, table=True):
    """One e-mail, phone, website or messenger handle of a customer or a contact."""

    customer_id: int | None = Field(default=None, foreign_key="customer.id", sa_type=Integer)
    contact_id: int | None = Field(default=None, foreign_key="contact.id", sa_type=Integer)
    kind: str = Field(sa_type=Text)
    value: str = Field(sa_type=Text)
    value_key: str = Field(sa_type=Text)
    label: str = Field(default="", sa_type=Text)
    position: int = Field(default=0, sa_type=Integer)


class Snooze(Dated, table=True):
    """A quiet deal or a run-out cadence that stays away until a day."""

    customer_id: int | None = Field(default=None, foreign_key="customer.id", sa_type=Integer)
    deal_id: int | None = Field(default=None, foreign_key="deal.id", sa_type=Integer)
    until_on: date = Field(sa_type=Day)
