"""Migrations: empty to latest is the schema of a new database, and the models know every column of it."""

import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from conftest import Crm

from crm_cli.store.create import create_database
from crm_cli.store.identity import APPLICATION_ID, SCHEMA, identify
from crm_cli.store.journal import OWN_TABLES
from crm_cli.store.upgrade import upgrade

SCHEMAS = sorted((Path(__file__).parent / "fixtures" / "schemas").glob("schema-*.db"))


def schema_of(path: Path) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(path)
    rows = connection.execute(
        "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY type, name"
    ).fetchall()
    connection.close()
    return [(kind, name, table, " ".join((sql or "").split())) for kind, name, table, sql in rows]


def old_database(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
    connection.execute("PRAGMA user_version=0")
    connection.execute("CREATE TABLE seed (id INTEGER)")
    connection.execute("DROP TABLE seed")
    connection.commit()
    connection.close()


def test_all_revisions_lead_to_the_schema_of_a_new_database(tmp_path: Path) -> None:
    new, old = tmp_path / "new.db", tmp_path / "old.db"
    create_database(str(new))
    old_database(old)
    upgrade(str(old))
    assert identify(str(old)).version == SCHEMA
    assert schema_of(old) == schema_of(new)


def test_a_second_upgrade_finds_nothing_to_do(tmp_path: Path) -> None:
    old = tmp_path / "old.db"
    old_database(old)
    upgrade(str(old))
    before = old.read_bytes()
    upgrade(str(old))
    assert old.read_bytes() == before


def test_the_models_have_every_column_and_no_other(tmp_path: Path) -> None:
    from crm_cli.model.tables import TABLES

    create_database(str(tmp_path / "new.db"))
    connection = sqlite3.connect(tmp_path / "new.db")
    kept = {
        name
        for (name,) in connection.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        )
    }
    assert {model.__tablename__ for model in TABLES} == kept - {"alembic_version", *OWN_TABLES}
    for model in TABLES:
        columns = {
            row[1]: (row[2], bool(row[3])) for row in connection.execute(f"PRAGMA table_info({model.__tablename__})")
        }
        known = {}
        for column in model.__table__.columns:
            plain = (
                column.type.load_dialect_impl(_sqlite()) if hasattr(column.type, "load_dialect_impl") else column.type
            )
            known[column.name] = (plain.compile(dialect=_sqlite()), not column.nullable and not column.primary_key)
        assert known == columns, model.__tablename__
    connection.close()


def hot_journal(before: bytes) -> bytes:
    """What SQLite leaves beside a database when it is killed while it commits: every page as it was."""
    size = int.from_bytes(before[16:18], "big")
    pages = [before[at : at + size] for at in range(0, len(before), size)]
    numbers = (len(pages), 0, len(pages), 512, size)  # records, nonce, pages at the start, sector, page size
    head = b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + b"".join(n.to_bytes(4, "big") for n in numbers)
    records = (
        n.to_bytes(4, "big") + page + (sum(page[at] for at in range(size - 200, 0, -200))).to_bytes(4, "big")
        for n, page in enumerate(pages, 1)
    )
    return head.ljust(512, b"\0") + b"".join(records)


@pytest.mark.parametrize("line", ["customer list acme", "customer edit acme --city Bonn"])
def test_killed_while_it_commits_it_is_done_on_the_next_start(crm: Crm, line: str) -> None:
    old = SCHEMAS[0].read_bytes()
    crm.db.write_bytes(old)
    crm.ok("customer list")  # the file as it is when nearly all is written
    Path(f"{crm.db}-journal").write_bytes(hot_journal(old))
    crm.ok(line)
    assert identify(str(crm.db)).version == SCHEMA
    assert crm.sql("PRAGMA user_version") == [(SCHEMA,)]
    assert crm.sql("SELECT count(*) FROM journal_state") == [(1,)]


def _sqlite() -> Any:
    from sqlalchemy.dialects.sqlite import dialect

    return dialect()


def test_every_table_can_be_journalled(tmp_path: Path) -> None:
    create_database(str(tmp_path / "new.db"))
    for kind, name, _, sql in schema_of(tmp_path / "new.db"):
        if kind == "table" and name not in ("alembic_version", *OWN_TABLES):
            assert "id INTEGER PRIMARY KEY AUTOINCREMENT" in sql, name
            assert sql.endswith(") STRICT"), name
            assert " REAL" not in sql and " BLOB" not in sql, name


def test_a_newer_database_is_named_and_left_alone(acme: Crm) -> None:
    connection = sqlite3.connect(acme.db)
    connection.execute(f"PRAGMA user_version={SCHEMA + 1}")
    connection.commit()
    connection.close()
    before = acme.db.read_bytes()
    for line in ("customer list", "customer add New"):
        result = acme(line)
        assert result.code == 5
        assert "newer" in result.err
    assert acme.db.read_bytes() == before


def test_foreign_and_empty_files_are_named_and_left_alone(crm: Crm) -> None:
    import os

    other = sqlite3.connect(crm.folder / "other.db")
    other.execute("CREATE TABLE moz (x)")
    other.commit()
    other.close()
    files = {
        "text.db": b"hello\n" * 100,
        "empty.db": b"",
        "short.db": b"SQLite format 3\x00",
        "random.db": os.urandom(4096),
        "other.db": (crm.folder / "other.db").read_bytes(),
    }
    for name, content in files.items():
        path = crm.folder / name
        path.write_bytes(content)
        for line in ("customer list", "customer add New"):
            result = crm(line, env={"CRM_DB": str(path)})
            assert result.code == 5, (name, result)
            assert name in result.err
            assert len(result.err.splitlines()) <= 3
        assert path.read_bytes() == content


def test_a_database_of_every_older_schema_is_kept() -> None:
    assert [path.stem for path in SCHEMAS] == [f"schema-{n}" for n in range(1, SCHEMA)]


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.stem)
def test_a_full_database_of_an_older_schema_is_brought_up_to_date_whole(crm: Crm, path: Path) -> None:
    shutil.copy2(path, crm.db)
    before = contents(crm.db)
    assert crm.rows("customer list acme")[0]["name"] == "Acme GmbH"
    after = contents(crm.db)
    assert identify(str(crm.db)).version == SCHEMA
    assert of_old(after, before) == before
    assert crm.ok("check").out == ""
    (copy,) = (crm.folder / "backups").glob("*-before-migration.db")
    assert contents(copy) == before
    crm.ok("customer edit acme --city Bonn")
    crm.ok("undo")
    assert of_old(contents(crm.db), before) == before


def of_old(after: dict[str, list[Any]], before: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """What an older database had: its tables, and their columns, which newer ones only follow."""
    return {table: [row[: len(rows[0])] if rows else row for row in after[table]] for table, rows in before.items()}


def contents(path: Path) -> dict[str, list[Any]]:
    """Every row of every table of the trade."""
    connection = sqlite3.connect(path)
    names = [name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    own = ("alembic_version", "sqlite_sequence", "segment_count", "segment_membership", *OWN_TABLES)
    kept = [name for name in names if name not in own]
    rows = {name: connection.execute(f"SELECT * FROM {name} ORDER BY 1").fetchall() for name in kept}
    connection.close()
    return rows
