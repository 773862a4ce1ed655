"""What every kept row has: an id that is never reused, a uuid, the moments of its making and last change."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from crm_cli.model.identity import new_uuid
from crm_cli.model.types import Integer, Moment, Text


class Row(SQLModel):
    """Identity: the id is given by the database."""

    id: int | None = Field(default=None, primary_key=True, sa_type=Integer)
    uuid: str = Field(default_factory=new_uuid, sa_type=Text)


class Dated(Row):
    """A row with the moments of its making and last change."""

    created_at: datetime = Field(sa_type=Moment)
    updated_at: datetime = Field(sa_type=Moment)


class Removable(Dated):
    """A row that `remove` hides and `restore` brings back."""

    removed_at: datetime | None = Field(default=None, sa_type=Moment)
