"""Interactions and tasks: what happened, and what is to be done."""

from datetime import date, datetime
from typing import Any

from sqlmodel import Field

from crm_cli.model.base import Removable, Row
from crm_cli.model.types import Day, Integer, Json, Moment, Text


class Interaction(Removable, table=True):
    """Something that happened with a customer: call, email, meeting, visit, message, note, ..."""

    customer_id: int | None = Field(default=None, foreign_key="customer.id", sa_type=Integer)
    deal_id: int | None = Field(default=None, foreign_key="deal.id", sa_type=Integer)
    channel: str = Field(sa_type=Text)
    direction: str | None = Field(default=None, sa_type=Text)
    at: datetime = Field(sa_type=Moment)
    text: str | None = Field(default=None, sa_type=Text)
    outcome: str | None = Field(default=None, sa_type=Text)
    duration_minutes: int | None = Field(default=None, sa_type=Integer)
    owner_id: int | None = Field(default=None, foreign_key="member.id", sa_type=Integer)
    external_source: str | None = Field(default=None, sa_type=Text)
    external_id: str | None = Field(default=None, sa_type=Text)
    custom: dict[str, Any] | None = Field(default=None, sa_type=Json)


class InteractionContact(Row, table=True):
    """A person who took part in an interaction."""

    __tablename__ = "interaction_contact"

    interaction_id: int = Field(foreign_key="interaction.id", sa_type=Integer)
    contact_id: int = Field(foreign_key="contact.id", sa_type=Integer)
    created_at: datetime = Field(sa_type=Moment)


class Task(Removable, table=True):
    """Something to do by a day or at a time; a recurring one counts from its first due day, the anchor."""

    customer_id: int | None = Field(default=None, foreign_key="customer.id", sa_type=Integer)
    deal_id: int | None = Field(default=None, foreign_key="deal.id", sa_type=Integer)
    text: str = Field(sa_type=Text)
    text_key: str = Field(sa_type=Text)
    due_on: date | None = Field(default=None, sa_type=Day)
    due_at: datetime | None = Field(default=None, sa_type=Moment)
    priority: str = Field(default="normal", sa_type=Text)
    every: str | None = Field(default=None, sa_type=Text)
    anchor_on: date | None = Field(default=None, sa_type=Day)
    done_at: datetime | None = Field(default=None, sa_type=Moment)
    owner_id: int | None = Field(default=None, foreign_key="member.id", sa_type=Integer)
    external_source: str | None = Field(default=None, sa_type=Text)
    external_id: str | None = Field(default=None, sa_type=Text)
    custom: dict[str, Any] | None = Field(default=None, sa_type=Json)
