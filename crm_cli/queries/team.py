"""Lists of the small nouns: stages, tags, members."""

from typing import Any

from crm_cli.store.reader import Reader


def stages(db: Reader, *, pipeline_id: int | None = None, ids: list[int] | None = None) -> list[dict[str, Any]]:
    """Stages in the order of their pipelines, with how many deals stand in each."""
    rows = db.dicts(
        "SELECT s.id, s.uuid, s.name, l.name AS pipeline, s.position, s.kind, s.probability, s.quiet_after_days,"
        " (SELECT count(*) FROM deal d WHERE d.stage_id = s.id AND d.removed_at IS NULL) AS deals, s.pipeline_id"
        " FROM stage s JOIN pipeline l ON l.id = s.pipeline_id WHERE s.removed_at IS NULL OR s.id = :one"
        " ORDER BY l.position, l.id, s.position, s.id",
        {"one": ids[0] if ids else None},
    )
    return [
        row
        for row in rows
        if (pipeline_id is None or row["pipeline_id"] == pipeline_id) and (ids is None or row["id"] in ids)
    ]


def tags(db: Reader, *, ids: list[int] | None = None) -> list[dict[str, Any]]:
    """Tags by name, with how many records of each noun have them."""
    counted = ", ".join(
        f"(SELECT count(*) FROM tagging x JOIN {noun} r ON r.id = x.{noun}_id AND r.removed_at IS NULL"
        f" WHERE x.tag_id = g.id) AS {noun}s"
        for noun in ("customer", "contact", "deal")
    )
    rows = db.dicts(f"SELECT g.id, g.name, {counted} FROM tag g ORDER BY g.name_key")
    return [row for row in rows if ids is None or row["id"] in ids]


def members(db: Reader, *, ids: list[int] | None = None) -> list[dict[str, Any]]:
    """Members by name, with their open deals and tasks."""
    rows = db.dicts(
        "SELECT m.id, m.uuid, m.name, m.email,"
        " (SELECT count(*) FROM deal d WHERE d.owner_id = m.id AND d.removed_at IS NULL"
        "  AND d.stage_id IN (SELECT id FROM stage WHERE kind = 'open')) AS open_deals,"
        " (SELECT count(*) FROM task t WHERE t.owner_id = m.id AND t.removed_at IS NULL"
        "  AND t.done_at IS NULL) AS open_tasks"
        " FROM member m WHERE m.removed_at IS NULL OR m.id = :one ORDER BY m.name_key",
        {"one": ids[0] if ids else None},
    )
    return [row for row in rows if ids is None or row["id"] in ids]
