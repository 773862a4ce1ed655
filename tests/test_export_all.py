"""The whole database out and in again: the same in every table, or refused with nothing written."""

import hashlib
import io
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import FAST, Crm

from crm_cli.formats.bundle import MANIFEST
from crm_cli.store.whole import tables

pytestmark = pytest.mark.ci

Manifest = dict[str, Any]
Change = Callable[[dict[str, bytes], Manifest], None]


def _fill(crm: Crm) -> None:
    """Something in nearly every table, removed records, an id that will never be given out again."""
    crm.ok("member add Ana --email ana@x.example")
    crm.ok(
        'customer add "Acme GmbH" --kind company --email b@x.example --email a@x.example --phone "+49 30 1" --tag vip'
        " --set 等级=A --owner ana --cadence 30d"
    )
    crm.ok('customer add =1+1 --kind company --parent acme --note "\'x" --messenger wechat:zoe')
    crm.ok("contact add Jane --customer acme --role decision-maker --email j@x.example")
    crm.ok("deal add rollout --customer acme --amount 12.5 --currency EUR --contact jane:user --tag big")
    crm.ok("deal move rollout proposal --note because")
    crm.ok("log call acme hello --deal rollout --contact jane")
    crm.ok("task add quote --deal rollout --due +3d --every 1w")
    crm.ok("segment add vips tag:vip")
    crm.ok("customer add Gone --kind company --email g@x.example")
    crm.ok("customer remove gone --yes")
    crm.ok("customer add Never --kind company")
    crm.ok("undo")


@pytest.fixture(scope="module")
def stock() -> Iterator[Path]:
    """The database that each `shop` begins with, made once."""
    with tempfile.TemporaryDirectory(prefix="crm-", dir=FAST, ignore_cleanup_errors=True) as folder:
        _fill(Crm(Path(folder)))
        yield Path(folder) / "crm.db"


@pytest.fixture
def shop(crm: Crm, stock: Path) -> Crm:
    shutil.copy(stock, crm.db)
    return crm


@pytest.fixture
def other(tmp_path: Path) -> Crm:
    """A place where no database is yet."""
    return Crm(tmp_path)


def image(crm: Crm) -> dict[str, Any]:
    """Every row of every table but the journal, and the ids that were given out."""
    found: dict[str, Any] = {name: crm.sql(f"SELECT * FROM {name} ORDER BY id") for name in tables()}
    known = ", ".join(f"'{name}'" for name in tables())
    found["ids"] = crm.sql(f"SELECT name, seq FROM sqlite_sequence WHERE seq > 0 AND name IN ({known}) ORDER BY name")
    return found


def zipped(crm: Crm) -> Path:
    path = crm.folder / "all.zip"
    crm.ok("export", "all", "-o", str(path))
    return path


def files_of(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


# ------------------------------------------------------------------ there and back


@pytest.mark.parametrize("place", ["all.zip", "全部"])
def test_everything_comes_back_as_it_was(shop: Crm, other: Crm, place: str) -> None:
    path, again = shop.folder / place, other.folder / place
    told = shop.ok("export", "all", "-o", str(path))
    assert told.err == (
        f"2 customers, 1 contact, 1 deal, 1 interaction, 1 task written to {path}."
        f" To read it back into a new database: crm import {path}\n"
    )
    read = other.ok("import", str(path))
    assert read.out == f"{path}: 2 customers, 1 contact, 1 deal, 1 interaction, 1 task read\n"
    assert read.err == f"{other.db} is now what the export was made of; its history begins here\n"
    assert image(other) == image(shop)
    assert other.ok("check").out == ""
    other.ok("export", "all", "-o", str(again))
    if path.is_dir():
        names = sorted(p.relative_to(path) for p in path.rglob("*.*"))
        assert names == sorted(p.relative_to(again) for p in again.rglob("*.*"))
        assert all((path / name).read_bytes() == (again / name).read_bytes() for name in names)
        assert {oct(p.stat().st_mode & 0o777) for p in path.rglob("*.*")} == {"0o600"}
    else:
        assert path.read_bytes() == again.read_bytes()
    assert other.rows("customer add Next --kind company")["id"] == 5, "4 was given out once"
    other.ok("undo")


def test_the_files_of_the_kinds_are_those_of_every_export(shop: Crm) -> None:
    files = files_of(zipped(shop))
    for kind in ("customers", "contacts", "deals", "interactions", "tasks"):
        assert files[f"{kind}.csv"].decode() == shop.ok("export", kind).out
    jsonl = shop.folder / "j.zip"
    shop.ok("export", "all", "--format", "jsonl", "-o", str(jsonl))
    assert files_of(jsonl)["customers.jsonl"].decode() == shop.ok("export customers --format jsonl").out


def test_a_trial_looks_at_all_of_it_and_leaves_nothing(shop: Crm, other: Crm) -> None:
    path = zipped(shop)
    report = other.ok("import", str(path), "--dry-run", "--json").json
    assert (report["added"], report["written"], report["dry_run"], report["as"]) == (6, False, True, "all")
    assert list(other.folder.iterdir()) == []
    assert other.ok("import", str(path), "--json").json["written"] is True


def test_an_empty_database_is_replaced_and_kept(shop: Crm, other: Crm) -> None:
    other.ok("customer add Brief --kind company")
    other.ok("undo")
    read = other.ok("import", str(zipped(shop)))
    assert "What was there before: crm backup restore crm-" in read.err
    assert image(other) == image(shop)


def test_into_records_it_goes_kind_by_kind(shop: Crm, other: Crm) -> None:
    other.ok("customer add First --kind company")
    read = other.ok("import", str(zipped(shop)), "--create", "owners")
    assert read.err.startswith(
        f"{other.db} has records already: the files of the export are loaded kind by kind, as any others\n"
    )
    assert read.err.endswith("Undo: crm undo 5\n")
    assert [row["name"] for row in other.rows("customer list --sort id")] == ["First", "Acme GmbH", "=1+1"]
    other.ok("undo 5")
    assert [row["name"] for row in other.rows("customer list")] == ["First"]


@pytest.mark.process
def test_a_zip_goes_down_a_pipe(shop: Crm, other: Crm) -> None:
    path = other.folder / "p.zip"
    done = subprocess.run(
        [sys.executable, "-c", "from crm_cli.app import main; main()", "export", "all", "-o", "-"],
        env={**shop.environ, "PATH": os.environ["PATH"], "PYTHONPATH": os.environ.get("PYTHONPATH", "")},
        capture_output=True,
        check=True,
    )
    path.write_bytes(done.stdout)
    other.ok("import", str(path))
    assert image(other) == image(shop)


# ------------------------------------------------------------------ where it may not go


def test_what_is_there_stays(shop: Crm) -> None:
    folder = shop.folder / "out"
    folder.mkdir()
    shop.ok("export", "all", "-o", str(folder))  # an empty folder is room enough
    refused = shop("export", "all", "-o", str(folder))
    assert (refused.code, refused.err) == (
        4,
        f"crm: {folder} is already there, and is not empty.\nAdd --force to replace it, or choose another name.\n",
    )
    (folder / "mine.txt").write_text("mine")
    refused = shop("export", "all", "-o", str(folder), "--force")
    assert refused.code == 4
    assert "has other files in it than those of an export: mine.txt" in refused.err
    assert (folder / "mine.txt").read_text() == "mine"
    (folder / "mine.txt").unlink()
    before = (folder / "customers.csv").read_bytes()
    shop.ok("customer add Later --kind company")
    shop.ok("export", "all", "-o", str(folder), "--force")
    assert (folder / "customers.csv").read_bytes() != before
    plain = shop.folder / "plain"
    plain.write_text("mine")
    assert shop("export", "all", "-o", str(plain), "--force").code == 4
    assert plain.read_text() == "mine"
    assert shop("export", "all", "-o", str(shop.folder), "--force").code == 4
    assert not list(shop.folder.glob(".*.part*"))


def test_nowhere_and_a_terminal_are_refused(shop: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = shop("export all -o nowhere/out")
    assert (refused.code, refused.err.splitlines()[0]) == (5, "crm: There is no folder for nowhere/out.")
    monkeypatch.setattr("crm_cli.output.streams.is_terminal", lambda stream: True)
    refused = shop("export all")
    assert (refused.code, refused.out) == (2, "")
    assert "-o says where everything goes" in refused.err


# ------------------------------------------------------------------ what is not read


def swap(name: str, old: bytes, new: bytes, *, forged: bool = False) -> Change:
    """Bytes of a file changed; forged with the sums that go with them."""

    def change(files: dict[str, bytes], manifest: Manifest) -> None:
        assert old in files[name]
        files[name] = files[name].replace(old, new, 1)
        if forged:
            facts = next(f for part in ("kinds", "tables") for f in manifest[part].values() if f["file"] == name)
            facts["bytes"], facts["sha256"] = len(files[name]), hashlib.sha256(files[name]).hexdigest()

    return change


def without(name: str) -> Change:
    return lambda files, manifest: files.pop(name) and None


def set_fact(*path: str, value: Any) -> Change:
    def change(files: dict[str, bytes], manifest: Manifest) -> None:
        at: Any = manifest
        for key in path[:-1]:
            at = at[key]
        at[path[-1]] = value

    return change


def drop_table(files: dict[str, bytes], manifest: Manifest) -> None:
    del manifest["tables"]["tombstone"]


def point_out(files: dict[str, bytes], manifest: Manifest) -> None:
    files["../evil"] = b"x"


CUSTOMERS = "exact/customer.jsonl"
TAMPERED: list[tuple[str, Change, int, str]] = [
    ("a byte", swap(CUSTOMERS, b"Acme", b"Akme"), 65, f"{CUSTOMERS} in it was changed"),
    ("a row less", swap(CUSTOMERS, b"\n[1,", b"\n[9,"), 65, f"{CUSTOMERS} in it was changed"),
    ("no file", without(CUSTOMERS), 65, f"{CUSTOMERS} in it is missing or damaged"),
    ("no table", drop_table, 65, "exact/tombstone.jsonl in it is missing or damaged"),
    ("a later schema", set_fact("schema", value=99), 5, "schema version 99, newer than"),
    ("another count", set_fact("tables", "customer", "rows", value=2), 65, f"{CUSTOMERS} in it was changed"),
    ("a path out", set_fact("tables", "customer", "file", value="../../etc/passwd"), 65, f"{MANIFEST} in it is missing"),
    ("no number", set_fact("tables", "customer", "bytes", value="many"), 65, f"{MANIFEST} in it is missing"),
    ("points out", point_out, 65, "has a file that points out of it: ../evil"),
    ("a column", swap(CUSTOMERS, b'"name_key"', b'"name) --"', forged=True), 65, f"{CUSTOMERS} in it was changed"),
    ("a short row", swap(CUSTOMERS, b"\n[1,", b"\n[", forged=True), 65, f"{CUSTOMERS} in it was changed"),
    ("no JSON", swap(CUSTOMERS, b"\n[1,", b"\n{1,", forged=True), 65, f"{CUSTOMERS} in it was changed"),
    ("no kind", swap(CUSTOMERS, b'"company"', b'"robot"', forged=True), 65, "A row of customer cannot be kept"),
    ("an object", swap(CUSTOMERS, b'"company"', b'["company"]', forged=True), 65, "A row of customer cannot be kept"),
    ("an id twice", swap(CUSTOMERS, b"\n[2,", b"\n[1,", forged=True), 65, "A row of customer cannot be kept"),
    ("a word for a number", swap(CUSTOMERS, b"\n[1,", b'\n["x",', forged=True), 65, "A row of customer cannot be kept"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "code", "said"), [t[1:] for t in TAMPERED], ids=[t[0] for t in TAMPERED])
def test_what_was_changed_is_refused_and_nothing_is_written(
    shop: Crm, other: Crm, change: Change, code: int, said: str
) -> None:
    path = zipped(shop)
    files = files_of(path)
    manifest = json.loads(files[MANIFEST])
    change(files, manifest)
    files[MANIFEST] = json.dumps(manifest).encode()
    path.unlink()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in files.items():
            packed.writestr(name, data)
    refused = other("import", str(path))
    assert (refused.code, refused.out) == (code, ""), refused
    assert said in refused.err
    assert list(other.folder.iterdir()) == []


def test_a_bomb_a_cut_zip_and_options_that_mean_nothing_are_refused(shop: Crm, other: Crm) -> None:
    bomb = shop.folder / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(MANIFEST, "{}")
        with packed.open("exact/customer.jsonl", "w") as file:
            for _ in range(110):
                file.write(bytes(1_000_000))
    refused = other("import", str(bomb))
    assert (refused.code, "would unpack to 110 megabytes" in refused.err) == (65, True), refused
    path = zipped(shop)
    cut = shop.folder / "cut.zip"
    cut.write_bytes(path.read_bytes()[:-100])
    assert "is a zip that is cut off or damaged" in other("import", str(cut)).err
    twice = shop.folder / "twice.zip"
    shutil.copy(path, twice)
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(twice, "a") as packed:
        packed.writestr("customers.csv", "x")
    assert "is a zip that no export of crm is" in other("import", str(twice)).err
    assert other("import", str(path), "--as", "customers").code == 2
    assert other("import", str(path), str(path)).code == 2
    assert list(other.folder.iterdir()) == []


# ------------------------------------------------------------------ older exports, and a database that is older


def test_an_export_of_an_older_schema_is_read_and_brought_up_to_date(shop: Crm, other: Crm) -> None:
    """Schema 2 had neither views nor what a merge leaves: its export has no files of them."""
    path = zipped(shop)
    files = files_of(path)
    manifest = json.loads(files[MANIFEST])
    connection = sqlite3.connect(":memory:")
    versions = Path(__file__).parent.parent / "crm_cli/store/migrations/versions"
    for name in ("0001_first.sql", "0002_journal.sql"):
        connection.executescript((versions / name).read_text(encoding="utf-8"))
    there = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    manifest["schema"] = 2
    manifest["tables"] = {name: facts for name, facts in manifest["tables"].items() if name in there}
    for name, facts in manifest["tables"].items():  # nor the columns that came later
        known = {row[1] for row in connection.execute(f"PRAGMA table_info({name})")}
        columns, *rows = [json.loads(line) for line in files[facts["file"]].splitlines()]
        kept = [i for i, column in enumerate(columns) if column in known]
        if len(kept) < len(columns):
            lines = [json.dumps([row[i] for i in kept], ensure_ascii=False) + "\n" for row in (columns, *rows)]
            data = files[facts["file"]] = "".join(lines).encode()
            facts |= {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    files[MANIFEST] = json.dumps(manifest).encode()
    old = other.folder / "old"
    for name, data in files.items():
        (old / name).parent.mkdir(parents=True, exist_ok=True)
        (old / name).write_bytes(data)
    other.ok("import", str(old))
    before, after = image(shop), image(other)
    assert [name for name in manifest["tables"] if after[name] != before[name]] == []
    assert dict(after["ids"]).items() <= dict(before["ids"]).items()
    assert other.ok("check").out == ""
    assert not (other.folder / "backups").exists(), "nobody has the older file: there is nothing to keep"
    assert sorted(p.name for p in other.folder.iterdir()) == ["crm.db", "old"]


def test_the_same_rows_make_the_same_bytes_on_another_day(shop: Crm) -> None:
    first = zipped(shop).read_bytes()
    again = shop.folder / "again.zip"
    shop.at("2026-11-25T21:00:00").ok("export", "all", "-o", str(again))
    assert again.read_bytes() == first
    assert zipfile.ZipFile(io.BytesIO(first)).testzip() is None
