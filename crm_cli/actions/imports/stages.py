"""Stages and money of deals: found by name in either language, made where --create says so."""

from typing import Any

from crm_cli.actions.imports.held import keep_beside
from crm_cli.actions.imports.run import Note, Run
from crm_cli.rules.aliases import normal
from crm_cli.rules.columns import minor_units
from crm_cli.rules.names import canonical
from crm_cli.rules.stages import kind_by_name
from crm_cli.store.bulk import UUID

_NO_STAGE = 'No stage is called {value}; add "stages" to --create, or: crm stage add'
_NO_PIPELINE = 'No pipeline is called {value}; add "stages" to --create.'
_MADE = "Stages made since the file names them: {names}"
_MEANT = (
    "Stages that ours stand for, the word is kept beside: {names}. --create stages makes them as they are called there"
)
_NO_CURRENCY = "There is no currency for {value}; say it with --currency, or in a column of its own."


class _Pipelines:
    """The pipelines and stages that there are, and those that are made on the way."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.create = "stages" in run.options.create
        self.preset = run.plan.preset
        self.own = "uuid" in run.plan.fields and not self.preset  # an export of ours
        # unasked the words of a system stand for our stages; --create stages keeps its own
        self.words = {} if self.create or not self.preset else self.preset.values.get("stage", {})
        self.made: list[str] = []
        self.meant: dict[tuple[int, str], str] = {}  # stages that stand for the word of a system
        rows = run.rows("SELECT id, name_key FROM pipeline WHERE removed_at IS NULL ORDER BY position, id")
        self.ids: dict[str, int] = {key: number for number, key in rows}
        self.first: int | None = rows[0][0] if rows else None
        self.stages: dict[int, list[tuple[int, str, str]]] = {}
        for pipeline, number, key, kind in run.rows(
            "SELECT pipeline_id, id, name_key, kind FROM stage WHERE removed_at IS NULL ORDER BY position, id"
        ):
            self.stages.setdefault(pipeline, []).append((number, key, kind))

    def pipeline(self, key: str, text: str | None) -> int | None:
        """A pipeline by its name; the first one for none."""
        if not key:
            return self.first
        found = self.ids.get(key) or self.ids.get(canonical("pipeline", key) or key)
        if found is None and self.preset and not self.create:
            meant = self.preset.values.get("pipeline", {}).get(normal(key))
            found = self.ids.get(meant or "") or (self.first if meant else None)
        if found is None and (self.create or self.preset) and text:
            self.made.append(text)
            found = self._insert("pipeline", {"name": text, "name_key": key, "position": len(self.ids) + 1})
            self.ids[key] = found
            for name in ("won", "lost"):
                self._add(found, name, name, name)
        return found

    def stage(self, pipeline: int, key: str, text: str, status: str | None) -> tuple[int, str] | None:
        """Id and kind of a stage by its name, in either language, or by what its name says of won and lost."""
        steps = self.stages.get(pipeline, [])
        kind = kind_by_name(key)
        meant = canonical("stage", key)
        for test in (key, meant):
            for number, name, own in steps:
                if name != test or (name != key and own == "open" and self.preset and self.create):
                    continue
                if name != key and own == "open" and self.preset:
                    self.meant[pipeline, key] = text
                return number, own
        ends = [number for number, _, own in steps if own == kind and kind != "open"]
        if len(ends) == 1 and not self.own:
            return ends[0], kind
        for number, name, own in steps:
            if name == self.words.get(normal(key)):
                self.meant[pipeline, key] = text
                return number, own
        if self.preset and status in ("won", "lost"):
            return None  # how it ended is told, and that stage is there
        if not (self.create or self.preset):
            return None
        if self.own and status in ("won", "lost"):
            kind = status
        self.made.append(text)
        return self._add(pipeline, text, key, kind), kind

    def begin(self, pipeline: int) -> tuple[int, str] | None:
        """The first open stage."""
        return next(((number, kind) for number, _, kind in self.stages.get(pipeline, []) if kind == "open"), None)

    def end(self, pipeline: int, kind: str) -> tuple[int, str] | None:
        """The first stage of a kind."""
        return next(((number, own) for number, _, own in self.stages.get(pipeline, []) if own == kind), None)

    def _add(self, pipeline: int, text: str, key: str, kind: str) -> int:
        """A new stage: an open one behind the open ones and before won, without a probability."""
        params = {"pipeline": pipeline, "now": self.run.params["now"]}
        last = "SELECT coalesce(max(position), 0) FROM stage WHERE pipeline_id = :pipeline"
        position = int(self.run.db.value(last + (" AND kind = 'open'" if kind == "open" else ""), params)) + 1
        if kind == "open":
            self.run.db.execute(
                "UPDATE stage SET position = position + 1, updated_at = :now WHERE pipeline_id = :pipeline"
                " AND position >= :position",
                {**params, "position": position},
            )
        number = self._insert(
            "stage",
            {
                "pipeline_id": pipeline,
                "name": text,
                "name_key": key,
                "kind": kind,
                "probability": {"won": 100, "lost": 0}.get(kind, self.chance(key)),
                "position": position,
            },
        )
        self.stages.setdefault(pipeline, []).append((number, key, kind))
        return number

    def chance(self, key: str) -> int | None:
        """How likely a deal in this stage is in the system that it comes from; of ours where all its deals say so."""
        if self.own and self.run.has("probability"):
            of_all = "min(probability), max(probability), count(*) - count(probability)"
            low, high, silent = self.run.db.rows(f"SELECT {of_all} FROM s_row WHERE stage = :key", {"key": key})[0]
            return low if low == high and not silent else None
        return self.preset.chances.get(normal(key)) if self.preset else None

    def _insert(self, table: str, values: dict[str, Any]) -> int:
        columns = ", ".join(values)
        places = ", ".join(f":{column}" for column in values)
        self.run.db.execute(
            f"INSERT INTO {table} (uuid, {columns}, created_at, updated_at) VALUES ({UUID}, {places}, :now, :now)",
            {**self.run.params, **values},
        )
        return int(self.run.db.value("SELECT last_insert_rowid()"))


def resolve_stages(run: Run) -> None:
    """Stage and pipeline of every staged deal that names one; unknown ones spoil their rows."""
    if not run.has("stage", "status"):
        return
    known = _Pipelines(run)
    used = run.rows(
        "SELECT DISTINCT r.pipeline, r.stage, r.status FROM s_row r WHERE r.stage IS NOT NULL OR r.status IS NOT NULL"
    )
    texts = {
        (pipeline, key): (text, name, seen)
        for pipeline, key, text, name, seen in run.rows("SELECT pipeline, key, text, pipeline_text, seen FROM s_stage")
    }
    used.sort(key=lambda one: texts.get((one[0] or "", one[1] or ""), ("", "", 0))[2])
    for pipeline_key, stage_key, status in used:
        text, name, _ = texts.get((pipeline_key or "", stage_key or ""), (None, None, 0))
        pipeline = known.pipeline(pipeline_key or "", name)
        where = "pipeline IS :pipeline AND stage IS :stage AND status IS :status"
        mark = {"pipeline": pipeline_key, "stage": stage_key, "status": status}
        if pipeline is None:
            run.spoil(
                run.db.rows(f"SELECT n, line, :name FROM s_row WHERE {where}", {**mark, "name": name}),
                "pipeline",
                _NO_PIPELINE,
            )
            continue
        step = known.stage(pipeline, stage_key, text or stage_key, status) if stage_key else None
        if stage_key and (step is None or (pipeline, stage_key) in known.meant):
            rows = run.db.rows(f"SELECT n, line, :text FROM s_row WHERE {where}", {**mark, "text": text})
            if run.plan.preset:
                keep_beside(run, [(n, run.plan.header_of("stage"), word) for n, _, word in rows])
            else:
                run.lack("stages", rows, "stage", _NO_STAGE)
                continue
        came = step[0] if step and step[1] == "open" else None
        if status in ("won", "lost") and (step is None or step[1] == "open"):
            step = known.end(pipeline, status)
        elif step is None:
            step = known.begin(pipeline)
        run.db.execute(
            f"UPDATE s_row SET stage_id = :id, came_id = :came WHERE {where}",
            {**mark, "id": step[0] if step else None, "came": came},
        )
    if known.made:
        run.counts.told.append(Note(_MADE, {"names": ", ".join(dict.fromkeys(known.made))}))
    if known.meant:
        run.counts.told.append(Note(_MEANT, {"names": ", ".join(dict.fromkeys(known.meant.values()))}))


def default_stages(run: Run) -> None:
    """Rows of new deals without a stage begin at the first open one; closing days go where the stage wants them."""
    known = _Pipelines(run)
    new = "NOT EXISTS (SELECT 1 FROM s_match m WHERE m.n = s_row.n)"
    keys = run.rows(f"SELECT DISTINCT pipeline FROM s_row WHERE stage_id IS NULL AND {new}")
    for (key,) in keys:
        name = run.db.value("SELECT pipeline_text FROM s_stage WHERE pipeline = :key LIMIT 1", {"key": key or ""})
        pipeline = known.pipeline(key or "", name)
        if pipeline is None:
            nowhere = f"SELECT n, line, :name FROM s_row WHERE stage_id IS NULL AND pipeline IS :key AND {new}"
            run.spoil(run.db.rows(nowhere, {"name": name, "key": key}), "pipeline", _NO_PIPELINE)
            continue
        lost = known.end(pipeline, "lost")
        if lost and run.has("lost_reason"):  # without a stage, the reason tells that it was lost
            run.db.execute(
                "UPDATE s_row SET stage_id = :id WHERE stage_id IS NULL AND pipeline IS :key AND status IS NULL"
                f" AND lost_reason IS NOT NULL AND {new}",
                {"id": lost[0], "key": key},
            )
        step = known.begin(pipeline)
        run.db.execute(
            f"UPDATE s_row SET stage_id = :id WHERE stage_id IS NULL AND pipeline IS :key AND {new}",
            {"id": step[0] if step else None, "key": key},
        )
    kind = (
        "(SELECT s.kind FROM stage s WHERE s.id = coalesce(s_row.stage_id, (SELECT d.stage_id FROM s_match m"
        " JOIN deal d ON d.id = m.target WHERE m.n = s_row.n)))"
    )
    if run.has("lost_reason"):  # only what is lost has one
        run.execute(f"UPDATE s_row SET lost_reason = NULL WHERE lost_reason IS NOT NULL AND {kind} <> 'lost'")
    if run.has("close_on", "closed_on"):
        run.execute(
            f"UPDATE s_row SET closed_on = CASE {kind} WHEN 'open' THEN NULL ELSE coalesce(closed_on, close_on) END,"
            f" expected_close_on = CASE {kind} WHEN 'open' THEN coalesce(expected_close_on, close_on)"
            " ELSE expected_close_on END WHERE closed_on IS NOT NULL OR close_on IS NOT NULL"
        )
    if run.has("opened_on") and run.has("close_on", "closed_on"):
        turned = "SELECT n, line, closed_on FROM s_row WHERE closed_on < opened_on"
        run.spoil(run.rows(turned), "closed_on", "{value} lies before the day the deal was opened.")


def plain_probabilities(run: Run) -> None:
    """An export of ours says every probability, also that of the stage; only a deal's own one is kept."""
    if run.plan.own and run.has("probability"):
        run.execute(
            "UPDATE s_row SET probability = NULL WHERE probability IS NOT NULL AND EXISTS (SELECT 1 FROM stage s"
            " WHERE s.id = s_row.stage_id AND (s.kind <> 'open' OR s.probability IS s_row.probability))"
        )


def settle_currencies(run: Run) -> None:
    """Amounts without a currency take the last one of their customer; without that the row is spoiled."""
    if not run.has("milli"):
        return
    rows = run.rows(
        "SELECT r.n, r.line, r.milli, (SELECT d.currency FROM deal d WHERE d.customer_id = r.customer_id"
        " AND d.currency IS NOT NULL AND d.removed_at IS NULL ORDER BY d.id DESC LIMIT 1)"
        " FROM s_row r WHERE r.milli IS NOT NULL"
    )
    settled, unknown, fine = [], [], []
    for n, line, milli, code in rows:
        told = f"{milli // 1000}" + (f".{milli % 1000:03}".rstrip("0") if milli % 1000 else "")
        units = minor_units(milli, code) if code else None
        if code is None:
            unknown.append((n, line, told))
        elif units is None:
            fine.append((n, line, f"{told} {code}"))
        else:
            settled.append((units, code, n))
    run.db.many("UPDATE s_row SET amount = ?, currency = ?, milli = NULL WHERE n = ?", settled)
    run.spoil(unknown, "amount", _NO_CURRENCY)
    run.spoil(fine, "amount", "{value} has more decimals than its currency has.")
