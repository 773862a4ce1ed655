"""What is known of customers: tiers and ideal customers that people write, scores that the program works out."""

from datetime import date, datetime
from typing import Any

from sqlmodel import Field, SQLModel

from crm_cli.model.base import Dated, Removable
from crm_cli.model.types import Day, Flag, Integer, Json, Moment, Text


class Tier(Dated, table=True):
    """What a customer is worth: the first tier by position whose query holds, and the service that it gets."""

    name: str = Field(sa_type=Text)
    name_key: str = Field(sa_type=Text)
    position: int = Field(sa_type=Integer)
    query: str = Field(sa_type=Text)
    cadence_days: int | None = Field(default=None, sa_type=Integer)
    owner_id: int | None = Field(default=None, foreign_key="member.id", sa_type=Integer)
    playbook: str | None = Field(default=None, sa_type=Text)
    asks_risk: bool = Field(default=False, sa_type=Flag)


class Icp(Removable, table=True):
    """One version of an ideal customer: what is asked of whom, and how much each part weighs."""

    name: str = Field(sa_type=Text)
    name_key: str = Field(sa_type=Text)
    version: int = Field(sa_type=Integer)
    criteria: dict[str, Any] = Field(sa_type=Json)


class Score(SQLModel, table=True):
    """What the facts say of a customer on a day; bookkeeping, not journalled."""

    id: int | None = Field(default=None, primary_key=True, sa_type=Integer)
    customer_id: int = Field(sa_type=Integer)
    computed_on: date = Field(sa_type=Day)
    currency: str | None = Field(default=None, sa_type=Text)
    orders: int = Field(sa_type=Integer)
    first_order_on: date | None = Field(default=None, sa_type=Day)
    last_order_on: date | None = Field(default=None, sa_type=Day)
    revenue: int | None = Field(default=None, sa_type=Integer)
    margin: int | None = Field(default=None, sa_type=Integer)
    revenue_year: int | None = Field(default=None, sa_type=Integer)
    revenue_before: int | None = Field(default=None, sa_type=Integer)
    growth: int | None = Field(default=None, sa_type=Integer)
    interval_days: int | None = Field(default=None, sa_type=Integer)
    r: int | None = Field(default=None, sa_type=Integer)
    f: int | None = Field(default=None, sa_type=Integer)
    m: int | None = Field(default=None, sa_type=Integer)
    rfm_class: str | None = Field(default=None, sa_type=Text)
    rfm_group: str | None = Field(default=None, sa_type=Text)
    tier: str | None = Field(default=None, sa_type=Text)
    lifecycle: str | None = Field(default=None, sa_type=Text)
    lifecycle_since_on: date | None = Field(default=None, sa_type=Day)
    risk: int | None = Field(default=None, sa_type=Integer)
    alive: int | None = Field(default=None, sa_type=Integer)
    expected_30: int | None = Field(default=None, sa_type=Integer)
    expected_90: int | None = Field(default=None, sa_type=Integer)
    expected_365: int | None = Field(default=None, sa_type=Integer)
    clv: int | None = Field(default=None, sa_type=Integer)
    next_order_on: date | None = Field(default=None, sa_type=Day)
    fit: int | None = Field(default=None, sa_type=Integer)
    priority: int | None = Field(default=None, sa_type=Integer)


class LifecycleChange(SQLModel, table=True):
    """When a customer came from one stage of its life to another, and why; bookkeeping."""

    __tablename__ = "lifecycle_change"

    id: int | None = Field(default=None, primary_key=True, sa_type=Integer)
    customer_id: int = Field(sa_type=Integer)
    from_stage: str | None = Field(default=None, sa_type=Text)
    to_stage: str = Field(sa_type=Text)
    changed_on: date = Field(sa_type=Day)
    reason: str = Field(sa_type=Text)


class ScoreRun(SQLModel, table=True):
    """When scores were made, and up to which operation; bookkeeping."""

    __tablename__ = "score_run"

    id: int | None = Field(default=None, primary_key=True, sa_type=Integer)
    computed_at: datetime = Field(sa_type=Moment)
    computed_on: date = Field(sa_type=Day)
    operation_id: int | None = Field(default=None, sa_type=Integer)
    customers: int = Field(sa_type=Integer)


class PredictionFit(SQLModel, table=True):
    """The fitted models of purchase, as JSON; bookkeeping."""

    __tablename__ = "prediction_fit"

    id: int | None = Field(default=None, primary_key=True, sa_type=Integer)
    fitted_at: datetime = Field(sa_type=Moment)
    as_of_on: date = Field(sa_type=Day)
    result: dict[str, Any] = Field(sa_type=Json)
