"""Column types: what SQLite's STRICT tables know, each with the face that PostgreSQL has for it."""

import json
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Boolean, Date, DateTime, Dialect
from sqlalchemy import Integer as SqlInteger
from sqlalchemy import Text as SqlText
from sqlalchemy.types import TypeDecorator, TypeEngine

from crm_cli.rules.days import from_utc_text, to_utc_text


class Text(TypeDecorator[str]):
    """TEXT in both engines: STRICT does not know VARCHAR."""

    impl = SqlText
    cache_ok = True


class Integer(TypeDecorator[int]):
    """INTEGER; money is kept so, in minor units."""

    impl = SqlInteger
    cache_ok = True


class Day(TypeDecorator[date]):
    """A day without a time: TEXT `2026-11-27` on SQLite, DATE on PostgreSQL."""

    impl = SqlText
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Date() if dialect.name == "postgresql" else SqlText())

    def process_bind_param(self, value: date | None, dialect: Dialect) -> Any:
        return value if value is None or dialect.name == "postgresql" else value.isoformat()

    def process_result_value(self, value: Any, dialect: Dialect) -> date | None:
        return date.fromisoformat(value) if isinstance(value, str) else value


class Moment(TypeDecorator[datetime]):
    """A moment in UTC: TEXT of fixed width with Z on SQLite, TIMESTAMPTZ on PostgreSQL; aware in Python."""

    impl = SqlText
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(DateTime(timezone=True) if dialect.name == "postgresql" else SqlText())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        return value.astimezone(UTC) if dialect.name == "postgresql" else to_utc_text(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if isinstance(value, str):
            return from_utc_text(value, UTC)
        return value if value is None else value.astimezone(UTC)


class Flag(TypeDecorator[bool]):
    """INTEGER 0 or 1 on SQLite, BOOLEAN on PostgreSQL."""

    impl = SqlInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Boolean() if dialect.name == "postgresql" else SqlInteger())

    def process_bind_param(self, value: bool | None, dialect: Dialect) -> Any:
        return value if value is None or dialect.name == "postgresql" else int(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> bool | None:
        return None if value is None else bool(value)


class Json(TypeDecorator[dict[str, Any]]):
    """A JSON object kept as TEXT, keys sorted so that equal values are equal texts."""

    impl = SqlText
    cache_ok = True

    def process_bind_param(self, value: dict[str, Any] | None, dialect: Dialect) -> Any:
        return json.dumps(value, ensure_ascii=False, sort_keys=True) if value else None

    def process_result_value(self, value: Any, dialect: Dialect) -> dict[str, Any] | None:
        return None if value is None else json.loads(value)
