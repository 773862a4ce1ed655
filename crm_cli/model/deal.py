"""Deals, the people in them, and every change of stage."""

from datetime import date, datetime
from typing import Any

from sqlmodel import Field

from crm_cli.model.base import Dated, Removable, Row
from crm_cli.model.types import Day, Integer, Json, Moment, Text


class Deal(Removable, table=True):
    """One possible sale; amount in minor units of its currency."""

    customer_id: int | None = Field(default=None, foreign_key="customer.id", sa_type=Integer)
    title: str = Field(sa_type=Text)
    title_key: str = Field(sa_type=Text)
    stage_id: int = Field(foreign_key="stage.id", sa_type=Integer)
    furthest_stage_id: int | None = Field(default=None, foreign_key="stage.id", sa_type=Integer)
    stage_since_on: date = Field(sa_type=Day)
    amount: int | None = Field(default=None, sa_type=Integer)
    currency: str | None = Field(default=None, sa_type=Text)
    probability: int | None = Field(default=None, sa_type=Integer)
    expected_close_on: date | None = Field(default=None, sa_type=Day)
    opened_on: date = Field(sa_type=Day)
    closed_on: date | None = Field(default=None, sa_type=Day)
    source: str | None = Field(default=None, sa_type=Text)
    risk: str | None = Field(default=None, sa_type=Text)
    lost_reason: str | None = Field(default=None, sa_type=Text)
    owner_id: int | None = Field(default=None, foreign_key="member.id", sa_type=Integer)
    last_touch_on: date | None = Field(default=None, sa_type=Day)
    external_source: str | None = Field(default=None, sa_type=Text)
    external_id: str | None = Field(default=None, sa_type=Text)
    custom: dict[str, Any] | None = Field(default=None, sa_type=Json)
    base_amount: int | None = Field(default=None, sa_type=Integer)
    base_currency: str | None = Field(default=None, sa_type=Text)
    rate_on: date | None = Field(default=None, sa_type=Day)
    slips: int = Field(default=0, sa_type=Integer)


class DealContact(Dated, table=True):
    """A person in a deal, with the role played there."""

    __tablename__ = "deal_contact"

    deal_id: int = Field(foreign_key="deal.id", sa_type=Integer)
    contact_id: int = Field(foreign_key="contact.id", sa_type=Integer)
    role: str | None = Field(default=None, sa_type=Text)


class StageChange(Row, table=True):
    """From, to, when, by whom, and the days spent in the stage that was left."""

    __tablename__ = "stage_change"

    deal_id: int = Field(foreign_key="deal.id", sa_type=Integer)
    from_stage_id: int | None = Field(default=None, foreign_key="stage.id", sa_type=Integer)
    to_stage_id: int = Field(foreign_key="stage.id", sa_type=Integer)
    changed_on: date = Field(sa_type=Day)
    changed_at: datetime = Field(sa_type=Moment)
    changed_by: str | None = Field(default=None, sa_type=Text)
    note: str | None = Field(default=None, sa_type=Text)
    days_spent: int | None = Field(default=None, sa_type=Integer)
