"""Kept mappings of imports, by name."""

import json
from typing import Any

from crm_cli.rules.text import fold
from crm_cli.store.reader import Reader


def find_mapping(db: Reader, name: str) -> dict[str, Any]:
    """name, kind, maps of a kept mapping, and the preset below it; empty where none has the name."""
    row = db.row("SELECT name, kind, options FROM import_mapping WHERE name_key = :key", {"key": fold(name)})
    if row is None:
        return {}
    return {"name": row[0], "kind": row[1], **json.loads(row[2])}
