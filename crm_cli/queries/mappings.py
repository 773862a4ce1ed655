"""Kept mappings of imports, by name."""

import json
from typing import Any

from crm_cli.errors import NotFound
from crm_cli.rules.fields import nearest
from crm_cli.rules.text import fold
from crm_cli.store.reader import Reader


def find_mapping(db: Reader, name: str) -> dict[str, Any]:
    """name, kind, maps of a kept mapping; NotFound with the nearest."""
    row = db.row("SELECT name, kind, options FROM import_mapping WHERE name_key = :key", {"key": fold(name)})
    if row is None:
        known = [r[0] for r in db.rows("SELECT name_key FROM import_mapping ORDER BY name_key")]
        near = nearest(fold(name), known)
        raise NotFound(
            "No mapping is called {name}",
            hint="Did you mean {near}?" if near else "Keep one: crm import FILE --as KIND --map ... --save-as {name}",
            name=name,
            near=near,
        )
    return {"name": row[0], "kind": row[1], **json.loads(row[2])}
