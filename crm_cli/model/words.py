"""Tags, segments and who is in them, views, kept import mappings, reminder claims."""

from datetime import date, datetime
from typing import Any

from sqlmodel import Field, SQLModel

from crm_cli.model.base import Dated, Removable, Row
from crm_cli.model.types import Day, Integer, Json, Moment, Text


class Tag(Dated, table=True):
    """A word put on records by hand."""

    name: str = Field(sa_type=Text)
    name_key: str = Field(sa_type=Text)


class Tagging(Row, table=True):
    """One tag on one customer, contact or deal."""

    tag_id: int = Field(foreign_key="tag.id", sa_type=Integer)
    customer_id: int | None = Field(default=None, foreign_key="customer.id", sa_type=Integer)
    contact_id: int | None = Field(default=None, foreign_key="contact.id", sa_type=Integer)
    deal_id: int | None = Field(default=None, foreign_key="deal.id", sa_type=Integer)
    created_at: datetime = Field(sa_type=Moment)


class Segment(Removable, table=True):
    """A saved query with a name, over the records of one noun."""

    name: str = Field(sa_type=Text)
    name_key: str = Field(sa_type=Text)
    noun: str = Field(sa_type=Text)
    query: str = Field(sa_type=Text)


class SegmentMembership(SQLModel, table=True):
    """A record was in a segment from a day on, to another one or until now; bookkeeping, not journalled."""

    __tablename__ = "segment_membership"

    id: int | None = Field(default=None, primary_key=True, sa_type=Integer)
    segment_id: int = Field(sa_type=Integer)
    record_id: int = Field(sa_type=Integer)
    entered_on: date = Field(sa_type=Day)
    left_on: date | None = Field(default=None, sa_type=Day)


class SegmentCount(SQLModel, table=True):
    """How many were in a segment on a day that it was looked at; bookkeeping, not journalled."""

    __tablename__ = "segment_count"

    id: int | None = Field(default=None, primary_key=True, sa_type=Integer)
    segment_id: int = Field(sa_type=Integer)
    counted_on: date = Field(sa_type=Day)
    members: int = Field(sa_type=Integer)


class View(Removable, table=True):
    """A list with a name: a query, its columns, its order and what it is grouped by."""

    name: str = Field(sa_type=Text)
    name_key: str = Field(sa_type=Text)
    noun: str = Field(sa_type=Text)
    query: str = Field(default="", sa_type=Text)
    columns: str | None = Field(default=None, sa_type=Text)
    sort: str | None = Field(default=None, sa_type=Text)
    group_by: str | None = Field(default=None, sa_type=Text)


class NotDuplicate(Row, table=True):
    """Two records of a noun that look alike and are not the same; the lower id first."""

    __tablename__ = "not_duplicate"

    noun: str = Field(sa_type=Text)
    low_id: int = Field(sa_type=Integer)
    high_id: int = Field(sa_type=Integer)
    created_at: datetime = Field(sa_type=Moment)


class Merged(Row, table=True):
    """A record that is part of another one now: its id, its name and its external id live on with that one."""

    customer_id: int | None = Field(default=None, foreign_key="customer.id", sa_type=Integer)
    contact_id: int | None = Field(default=None, foreign_key="contact.id", sa_type=Integer)
    dropped_id: int = Field(sa_type=Integer)
    dropped_uuid: str = Field(sa_type=Text)
    name: str = Field(sa_type=Text)
    external_source: str | None = Field(default=None, sa_type=Text)
    external_id: str | None = Field(default=None, sa_type=Text)
    created_at: datetime = Field(sa_type=Moment)


class ImportMapping(Dated, table=True):
    """Headers to fields, kept by an import under a name."""

    __tablename__ = "import_mapping"

    name: str = Field(sa_type=Text)
    name_key: str = Field(sa_type=Text)
    kind: str = Field(sa_type=Text)
    options: dict[str, Any] = Field(sa_type=Json)


class ReminderClaim(SQLModel, table=True):
    """What a reminder run of this name has told already; bookkeeping, not journalled."""

    __tablename__ = "reminder_claim"

    id: int | None = Field(default=None, primary_key=True, sa_type=Integer)
    name: str = Field(sa_type=Text)
    item: str = Field(sa_type=Text)
    due_on: date = Field(sa_type=Day)
    claimed_at: datetime = Field(sa_type=Moment)
