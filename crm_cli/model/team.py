"""Members, pipelines and stages: rows that a team shapes for itself."""

from sqlmodel import Field

from crm_cli.model.base import Removable
from crm_cli.model.types import Integer, Text


class Member(Removable, table=True):
    """Someone of the team."""

    name: str = Field(sa_type=Text)
    name_key: str = Field(sa_type=Text)
    email: str | None = Field(default=None, sa_type=Text)
    email_key: str | None = Field(default=None, sa_type=Text)


class Pipeline(Removable, table=True):
    """An ordered set of stages."""

    name: str = Field(sa_type=Text)
    name_key: str = Field(sa_type=Text)
    position: int = Field(sa_type=Integer)


class Stage(Removable, table=True):
    """A named step of a pipeline; kind is open, won or lost."""

    pipeline_id: int = Field(foreign_key="pipeline.id", sa_type=Integer)
    name: str = Field(sa_type=Text)
    name_key: str = Field(sa_type=Text)
    kind: str = Field(sa_type=Text)
    probability: int | None = Field(default=None, sa_type=Integer)
    position: int = Field(sa_type=Integer)
    quiet_after_days: int | None = Field(default=None, sa_type=Integer)
