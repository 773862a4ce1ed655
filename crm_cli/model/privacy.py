"""What people agreed to, and whom a privacy erase took away."""

from datetime import date, datetime

from sqlmodel import Field, SQLModel

from crm_cli.model.base import Row
from crm_cli.model.types import Day, Integer, Moment, Text


class Consent(Row, table=True):
    """One decision about one channel: given on a legal basis and with a source, or withdrawn."""

    customer_id: int | None = Field(default=None, foreign_key="customer.id", sa_type=Integer)
    contact_id: int | None = Field(default=None, foreign_key="contact.id", sa_type=Integer)
    channel: str = Field(sa_type=Text)
    status: str = Field(sa_type=Text)
    basis: str | None = Field(default=None, sa_type=Text)
    source: str | None = Field(default=None, sa_type=Text)
    decided_on: date = Field(sa_type=Day)
    created_at: datetime = Field(sa_type=Moment)


class Tombstone(SQLModel, table=True):
    """A keyed code of an e-mail, phone or name that was erased; bookkeeping, not journalled."""

    id: int | None = Field(default=None, primary_key=True, sa_type=Integer)
    kind: str = Field(sa_type=Text)
    mark: str = Field(sa_type=Text)
    erased_on: date = Field(sa_type=Day)


class TombstoneKey(SQLModel, table=True):
    """The secret that the codes are made with; bookkeeping, not journalled."""

    __tablename__ = "tombstone_key"

    id: int | None = Field(default=None, primary_key=True, sa_type=Integer)
    secret: str = Field(sa_type=Text)
