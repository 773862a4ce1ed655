"""How a batch of rows of each kind is laid out in the staged tables: names, people, money, links."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from crm_cli.actions.imports import correspondents, products
from crm_cli.actions.imports.firms import firm_keys
from crm_cli.actions.imports.orders_layout import lay_orders
from crm_cli.actions.imports.ours import STAGED as OURS
from crm_cli.actions.imports.persons import Persons, people_names
from crm_cli.actions.imports.reach import ReachRows, read_reach, stage_reach
from crm_cli.actions.imports.rows import Batch, Loader, key_or_none
from crm_cli.actions.imports.steps import read_steps
from crm_cli.actions.imports.talks import read_talks
from crm_cli.rules.aliases import names_people
from crm_cli.rules.cells import is_plain_number, key_of
from crm_cli.rules.places import in_country
from crm_cli.rules.text import fold

_SIMPLE = {
    "customers": "kind status industry size region country city address source language prefers birthday cadence_days"
    " note".split(),
    "contacts": "title role prefers birthday note".split(),
    "deals": "status probability expected_close_on closed_on close_on opened_on source risk lost_reason".split(),
    "interactions": "direction text outcome duration_minutes".split(),
    "tasks": "due_on due_at priority every".split(),
    "orders": [],
    "products": products.SIMPLE,
}
_DATED = ("uuid", *OURS, "external_source", "external_id", "created_at", "updated_at")
Columns = dict[str, Sequence[Any]]


def stage_batch(load: Loader, batch: Batch) -> None:
    """Judge a batch and put its good rows into the staged tables."""
    kind = load.plan.kind
    for shape in load.plan.shapes:
        shape(batch.columns)
    columns: Columns = {}
    for field in (*_SIMPLE[kind], *_DATED):
        values = load.column(field, batch)
        if values is not None:
            columns[field] = values
    children: list[Callable[[], None]] = []
    persons: Persons | None = None
    if kind in ("customers", "contacts"):
        persons = Persons(load, batch) if load.plan.people else None
        if persons:
            persons.hand_over(load, batch, columns)
        reach = read_reach(load, batch, persons)
        columns.update(reach.wide)
        _names(load, batch, columns, reach, persons)
        children.append(lambda: stage_reach(load, batch, reach))
        if persons:
            children.append(lambda: persons.stage(load, batch))
    _LAYOUT[kind](load, batch, columns)
    tags = load.column("tags", batch)
    if tags is not None:
        children.append(lambda: _stage_tags(load, batch, tags))
    people = load.plan.fields.get("contacts")
    if people is not None and kind in ("deals", "interactions"):
        children.append(lambda: _stage_people(load, batch))
    if correspondents.FIELD in load.plan.fields:
        children.append(lambda: correspondents.stage_correspondents(load, batch))
    _own_custom(load, batch)
    custom = load.custom(batch)
    if custom is not None:
        columns["custom"] = custom
        if persons:
            persons.take_custom(load, batch, columns)
    if load.options.rejects is not None:
        columns["raw"] = [json.dumps(row, ensure_ascii=False) for row in batch.rows]
    _source(load, batch, columns)
    _stage_rows(load, batch, columns)
    for stage in children:
        stage()


def _stage_rows(load: Loader, batch: Batch, columns: Columns) -> None:
    numbers = range(batch.first, batch.first + len(batch))
    rows = zip(numbers, batch.lines, *columns.values(), strict=True)
    load.db.fill("s_row", ("n", "line", *columns), load.good(batch, rows))
    load.present.update(columns)


def _source(load: Loader, batch: Batch, columns: Columns) -> None:
    """An id without a source is one of the source that is imported; a source without an id says nothing."""
    ids = columns.get("external_id")
    if ids is None:
        columns.pop("external_source", None)
        return
    given = columns.get("external_source") or [None] * len(batch)
    name = load.options.source_name
    columns["external_source"] = [(source or name) if ident else None for source, ident in zip(given, ids, strict=True)]


def _own_custom(load: Loader, batch: Batch) -> None:
    """The column `custom` of an export of ours holds an object of JSON; any other text is one field."""
    found = load.plan.fields.get("custom")
    if not found or load.options.extra != "keep":
        return
    for place, cell in enumerate(load.raw(found, batch)):
        if not cell.strip():
            continue
        try:
            value = json.loads(cell)
        except ValueError:
            value = None
        if isinstance(value, dict):
            for key, one in value.items():
                batch.keep(place, str(key), one)
        else:
            batch.keep(place, found[0].header, cell.strip())


# ------------------------------------------------------------------ names


def _names(load: Loader, batch: Batch, columns: Columns, reach: ReachRows, persons: Persons | None) -> None:
    """The name of a customer or contact, from one column or from those of its parts; never an empty one."""
    fields = load.plan.fields
    names = load.column("name", batch) or [None] * len(batch)
    cells = load.raw(fields["name"], batch) if "name" in fields else [""] * len(batch)
    people = None if persons else people_names(load, batch)
    kinds = _kinds(load, batch, persons, people)
    for place, name in enumerate(names):
        person = people[place] if people else None
        if name is None and person:
            names[place] = person
            if kinds is not None:
                kinds[place] = "person"
        elif name is None and persons and persons.customer[place]:
            names[place] = persons.customer[place]
            load.persons += place not in batch.bad
        elif name is None and place not in batch.bad:
            # a contact that is only an address is called by it; so is who was given a name of white space
            called = load.plan.kind == "contacts" or cells[place] or load.plan.preset
            mail = reach.first_email(place) if called else None
            if mail and load.plan.preset and kinds is not None:
                kinds[place] = "person"
            names[place] = mail
            if mail is None:
                load.refuse(batch, place, "name", cells[place], "There is no name in this row.")
        elif person and name and not _says(name, person):
            _keep_parts(load, batch, place)
    columns["name"] = names
    columns["name_key"] = [key_or_none(name) for name in names]
    if kinds is not None:
        columns["kind_new"] = kinds


def _kinds(
    load: Loader, batch: Batch, persons: Persons | None, people: list[str | None] | None
) -> list[str | None] | None:
    """What new customers are where the file does not say it: people, where their column or their contact tells so."""
    if load.plan.kind != "customers":
        return None
    columns = load.plan.fields.get("name")
    if columns and names_people(columns[0].header):
        return ["person"] * len(batch)
    if persons:
        return ["person" if name else None for name in persons.customer]
    return [None] * len(people) if people else None


def _says(name: str, person: str) -> bool:
    """Whether a full name says what its parts say."""
    whole = fold(name)
    return all(part in whole for part in fold(person).split())


def _keep_parts(load: Loader, batch: Batch, place: int) -> None:
    """The name of a person beside that of a company is not lost."""
    if load.options.extra != "keep":
        return
    for field in ("first_name", "middle_name", "last_name"):
        for column in load.plan.fields.get(field, ()):
            cell = batch.columns[column.place][place].strip()
            if cell:
                batch.keep(place, column.header, cell)


def _stage_tags(load: Loader, batch: Batch, tags: list[Any]) -> None:
    rows = ((batch.first + place, tag, key_of(tag)) for place, found in enumerate(tags) if found for tag in found)
    load.db.fill("s_tag", ("n", "name", "key"), load.good(batch, rows))


# ------------------------------------------------------------------ links


_FOREIGN = ("contact_key", "related_key")
_NO_CUSTOMER = ("deal", "deal_key", *_FOREIGN)


def _links(load: Loader, batch: Batch, columns: Columns, names: Sequence[str]) -> None:
    """Owners and customers by the key of their name; each different one is noted once."""
    owners = load.column("owner", batch) if "owner" in load.plan.fields else None
    if owners is not None:
        columns["owner"] = [key_or_none(owner) for owner in owners]
        pairs = {(key_of(owner), owner) for owner in owners if owner}
        load.db.fill("s_owner", ("key", "text"), sorted(pairs))
    for field in names:
        found = load.column(field, batch)
        if found is None:
            continue
        kind = "id" if field.endswith("_key") else "name"
        if field == "customer_key":  # of several companies of a deal the first one
            found = [text.partition(";")[0].strip() if text else None for text in found]
        keys = [text if kind == "id" else key_or_none(text) for text in found]
        columns[field] = keys
        if field not in _NO_CUSTOMER:
            refs = {(kind, key, text) for key, text in zip(keys, found, strict=True) if key is not None}
            load.db.fill("s_ref", ("kind", "key", "text"), sorted(refs))


def _stage_people(load: Loader, batch: Batch) -> None:
    """The people that deals and interactions name; JSON in an export of ours, names joined by `; ` elsewhere."""
    rows: list[tuple[Any, ...]] = []
    for column in load.plan.fields["contacts"]:
        for place, cell in enumerate(batch.columns[column.place]):
            for name, role in people_in(cell):
                rows.append((batch.first + place, column.header, name, key_of(name), role))
    load.db.fill("s_person", ("n", "header", "text", "key", "role"), load.good(batch, iter(rows)))


def people_in(cell: str) -> list[tuple[str, str | None]]:
    """Names and roles of the people in a cell."""
    plain = cell.strip()
    if not plain:
        return []
    if plain[0] == "[":
        try:
            listed = json.loads(plain)
            return [(str(one["name"]).strip(), one.get("role")) for one in listed if str(one["name"]).strip()]
        except (ValueError, TypeError, KeyError, AttributeError):
            pass
    for mark in "；、\n":
        plain = plain.replace(mark, ";")
    return [(part.strip(), None) for part in plain.split(";") if part.strip()]


# ------------------------------------------------------------------ kinds


def _customers(load: Loader, batch: Batch, columns: Columns) -> None:
    _links(load, batch, columns, ("parent", "referred_by"))
    read_steps(load, batch, columns)
    read_talks(load, batch, columns)
    _firms(load, batch, columns)
    _suspect_ids(load, columns)


def _firms(load: Loader, batch: Batch, columns: Columns) -> None:
    """Companies by the key of their legal name; what a region is beside its country."""
    kinds = columns.get("kind") or [None] * len(batch)
    columns["firm_key"], columns["kind_new"] = firm_keys(columns["name_key"], kinds, columns.get("kind_new"))
    pairs = zip(columns["firm_key"], columns["name_key"], strict=True)
    load.suspect([firm or name for firm, name in pairs if name])
    countries, regions = columns.get("country"), columns.get("region")
    if countries and regions and not load.plan.own:
        columns["region"], states = in_country(regions, countries)
        load.tally.add("region", states)


def _contacts(load: Loader, batch: Batch, columns: Columns) -> None:
    _links(load, batch, columns, ("customer", "customer_key"))
    read_talks(load, batch, columns)
    _suspect_ids(load, columns)
    load.suspect([key for key in columns["name_key"] if key])


def _suspect_ids(load: Loader, columns: Columns) -> None:
    for field in ("external_id", "uuid"):
        load.suspect([ident for ident in columns.get(field, ()) if ident])


def _deals(load: Loader, batch: Batch, columns: Columns) -> None:
    _links(load, batch, columns, ("customer", "customer_key", "contact_key"))
    read_talks(load, batch, columns)
    size = len(batch)
    titles = load.column("title", batch) or [None] * size
    customers = _texts(load, batch, "customer")
    ids = columns.get("external_id") or [None] * size
    made: list[str | None] = []
    for place, title in enumerate(titles):
        parts = [customers[place], ids[place]]
        default = None if title else (" ".join(part for part in parts if part)[:500] or None)
        if not title and not default and place not in batch.bad:
            load.refuse(batch, place, "title", None, "There is no title in this row, nor a customer to call it by.")
        made.append(default)
    columns["title"] = titles
    columns["title_key"] = [key_or_none(title or other) for title, other in zip(titles, made, strict=True)]
    columns["title_new"] = made
    sold = load.column("product", batch)
    if sold is not None:
        columns["product"], columns["product_key"] = sold, [key_or_none(product) for product in sold]
    _stages(load, batch, columns)
    _money(load, batch, columns)


def _texts(load: Loader, batch: Batch, field: str) -> list[Any]:
    return load.column(field, batch) or [None] * len(batch)


def _stages(load: Loader, batch: Batch, columns: Columns) -> None:
    stages, pipelines = load.column("stage", batch), load.column("pipeline", batch)
    size = len(batch)
    if stages is None and pipelines is None:
        return
    places = pipelines or [None] * size
    steps = stages or [None] * size
    columns["stage"] = [key_or_none(step) for step in steps]
    columns["pipeline"] = [key_or_none(pipeline) or "" for pipeline in places]
    seen: dict[tuple[str, str], tuple[Any, ...]] = {}
    for place, (step, pipeline) in enumerate(zip(steps, places, strict=True)):
        mark = (columns["pipeline"][place], columns["stage"][place] or "")
        if mark not in seen and place not in batch.bad:
            seen[mark] = (*mark, step, pipeline, batch.first + place)
    load.db.fill("s_stage", ("pipeline", "key", "text", "pipeline_text", "seen"), list(seen.values()))


def _money(load: Loader, batch: Batch, columns: Columns) -> None:
    """Amounts in minor units beside their currency; thousandths of a unit where no currency is known yet."""
    codes: Sequence[Any] = load.column("currency", batch) or [None] * len(batch)
    fields = load.plan.fields.get("amount")
    if fields is None:
        columns["currency"] = codes
        return
    taken = load.raw(fields, batch)
    default = load.options.currency or ""
    found = [load.money[cell, code or default] for cell, code in zip(taken, codes, strict=True)]
    if load.money.odd:
        found = load.sifted(fields[0].header, found, taken, batch)
    load.tally.add("amount", sum(not is_plain_number(cell) for cell, one in zip(taken, found, strict=True) if one))
    columns["amount"] = [one[0] if one and (one[1] or isinstance(one[0], str)) else None for one in found]
    columns["milli"] = [one[0] if one and not one[1] and not isinstance(one[0], str) else None for one in found]
    columns["currency"] = [(one[1] if one else code) or None for one, code in zip(found, codes, strict=True)]


def _interactions(load: Loader, batch: Batch, columns: Columns) -> None:
    _links(load, batch, columns, ("customer", "customer_key", "deal", "deal_key", *_FOREIGN))
    field = "at" if "at" in load.plan.fields else "created_at"
    moments = load.column("at", batch) or list(columns["created_at"])
    for place, at in enumerate(moments):
        if at is None and place not in batch.bad:
            load.refuse(batch, place, field, None, "There is no time in this row: when did it happen?")
    columns["at"] = moments
    channels = load.column("channel", batch) or [None] * len(batch)
    columns["channel"] = channels


def _tasks(load: Loader, batch: Batch, columns: Columns) -> None:
    _links(load, batch, columns, ("customer", "customer_key", "deal", "deal_key", *_FOREIGN))
    texts = load.column("text", batch) or [None] * len(batch)
    for place, found in enumerate(texts):
        if found is None and place not in batch.bad:
            load.refuse(batch, place, "text", None, "There is no text in this row: what is to be done?")
    columns["text"] = texts
    columns["text_key"] = [key_or_none(found) for found in texts]
    done = load.column("done_at", batch) or [None] * len(batch)
    status = load.column("status", batch) or [None] * len(batch)
    columns["done"] = [1 if one or two else None for one, two in zip(done, status, strict=True)]
    columns["done_at"] = [one if isinstance(one, str) else None for one in done]


_LAYOUT: dict[str, Callable[[Loader, Batch, Columns], None]] = {
    "customers": _customers,
    "contacts": _contacts,
    "deals": _deals,
    "interactions": _interactions,
    "tasks": _tasks,
    "orders": lay_orders,
    "products": products.lay_products,
}
