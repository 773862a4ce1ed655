"""Mappings of headers to fields, kept under a name for the next import."""

from collections.abc import Mapping

from crm_cli.actions.change import changed
from crm_cli.model.inputs import name_key
from crm_cli.model.words import ImportMapping
from crm_cli.rules.text import squeeze
from crm_cli.store.writer import Work


def save_mapping(w: Work, name: str, kind: str, maps: Mapping[str, str], preset: str | None = None) -> int:
    """Keep or replace a mapping, over a preset where there is one; returns its id."""
    plain = squeeze(name)
    found = w.db.value("SELECT id FROM import_mapping WHERE name_key = :key", {"key": name_key(plain)})
    options = {"maps": dict(maps), **({"preset": preset} if preset else {})}
    if found is not None:
        changed(w.get(ImportMapping, found), {"kind": kind, "options": options}, w.now)
        return int(found)
    row = w.add(
        ImportMapping(
            name=plain, name_key=name_key(plain), kind=kind, options=options, created_at=w.now, updated_at=w.now
        )
    )
    return int(row.id)
