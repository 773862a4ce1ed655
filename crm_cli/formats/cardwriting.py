"""Customers and contacts as address cards: vCard 3.0, which every phone reads, and 4.0."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any, TextIO

from crm_cli.formats.cardfields import SOURCE
from crm_cli.formats.ics import fold
from crm_cli.formats.outward import Sheet
from crm_cli.rules.recurrence import NO_YEAR
from crm_cli.rules.text import has_cjk

PRODUCT = "-//crm//address book//EN"
_TYPES = {"work": "WORK", "home": "HOME", "mobile": "CELL", "fax": "FAX", "main": "MAIN"}
_DOUBLE_SURNAMES = frozenset(
    "欧阳 司马 上官 诸葛 司徒 东方 皇甫 尉迟 公孙 慕容 令狐 长孙 宇文 夏侯 端木 百里 呼延 南宫 歐陽 諸葛 東方".split()
)
_MOST_HAN = 4  # letters of a Chinese name that is taken apart
_BATCH = 256


def write_vcf(stream: TextIO, sheet: Sheet) -> int:
    """vCard 3.0."""
    return _write(stream, sheet, "3.0")


def write_vcf4(stream: TextIO, sheet: Sheet) -> int:
    """vCard 4.0."""
    return _write(stream, sheet, "4.0")


def _write(stream: TextIO, sheet: Sheet, version: str) -> int:
    count = 0
    batch: list[str] = []
    for row in sheet.rows:
        batch += card(row, sheet.noun, version)
        count += 1
        if not count % _BATCH:
            stream.write("".join(map(fold, batch)))
            batch.clear()
    stream.write("".join(map(fold, batch)))
    return count


def card(row: dict[str, Any], noun: str, version: str) -> Iterator[str]:
    """The lines of one card, not yet folded. No value can add a line to it."""
    company = noun == "customer" and row["kind"] != "person"
    custom = row["custom"] or {}
    yield from ("BEGIN:VCARD", f"VERSION:{version}", f"PRODID:{PRODUCT}")
    yield from _identity(row, version)
    yield f"FN:{_text(row['name'])}"
    yield "N:;;;;" if company else f"N:{_divided(row['name'])}"
    yield from _firm(row, custom, company, version)
    for name in ("title", "role"):
        value = row.get(name) if noun == "contact" else custom.get(name)
        if value:
            yield f"{name.upper()}:{_text(str(value))}"
    yield from _reached(row, version)
    yield from _address(row, custom, noun)
    if row["birthday"]:
        yield _birthday(date.fromisoformat(row["birthday"]), version)
    if row.get("language"):
        yield f"LANG:{_text(row['language'])}"
    if custom.get("nickname"):
        yield f"NICKNAME:{_text(str(custom['nickname']))}"
    if row["tags"]:
        yield "CATEGORIES:" + ",".join(map(_text, row["tags"]))
    if row["note"]:
        yield f"NOTE:{_text(row['note'])}"
    if custom:
        yield "X-CRM-CUSTOM:" + _text(json.dumps(custom, ensure_ascii=False, sort_keys=True, default=str))
    yield "END:VCARD"


def _identity(row: dict[str, Any], version: str) -> Iterator[str]:
    """A card keeps the UID under which an address book knows it; what is new gets the record's own."""
    if row["external_source"] == SOURCE and row["external_id"]:
        yield f"UID:{_text(row['external_id'])}"
    else:
        yield f"UID:{'urn:uuid:' if version == '4.0' else ''}{row['uuid']}"
    yield f"X-CRM-UUID:{row['uuid']}"
    yield f"REV:{datetime.fromisoformat(row['updated_at']).astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _firm(row: dict[str, Any], custom: dict[str, Any], company: bool, version: str) -> Iterator[str]:
    if company:
        yield f"ORG:{_text(row['name'])}"
        yield "X-ABShowAs:COMPANY"
        if version == "4.0":
            yield "KIND:org"
    elif version == "4.0":
        yield "KIND:individual"
    if row.get("customer"):
        department = custom.get("department")
        yield f"ORG:{_text(row['customer'])}" + (f";{_text(str(department))}" if department else "")


def _reached(row: dict[str, Any], version: str) -> Iterator[str]:
    """Phones, e-mails, websites, messengers in their order; a label that is no TYPE is that of a group."""
    group = 0
    for name, key in (("TEL", "phones"), ("EMAIL", "emails"), ("URL", "websites")):
        values = row.get(key) or ()
        for place, reach in enumerate(values):
            label = reach["label"] or ""
            types = [_TYPES[label]] if label in _TYPES else []
            preferred = len(values) > 1 and not place
            if preferred and version == "3.0":
                types.append("PREF")
            head = name + (f";TYPE={','.join(types)}" if types else "")
            head += ";PREF=1" if preferred and version == "4.0" else ""
            if label and label not in _TYPES:
                group += 1
                yield f"item{group}.{head}:{_text(reach['value'])}"
                yield f"item{group}.X-ABLabel:{_text(label)}"
            else:
                yield f"{head}:{_text(reach['value'])}"
    for reach in row.get("messengers") or ():
        label = reach["label"] or ""
        named = f";X-SERVICE-TYPE={_parameter(label)}:{label}:" if label else ":"
        yield f"IMPP{named}{_text(reach['value'])}"


def _address(row: dict[str, Any], custom: dict[str, Any], noun: str) -> Iterator[str]:
    if noun == "contact":
        if custom.get("address"):
            yield f"ADR;TYPE=WORK:;;{_text(str(custom['address']))};;;;"
        return
    fields = [row["address"], row["city"], row["region"], custom.get("postal code"), row["country"]]
    if any(fields):
        yield "ADR;TYPE=WORK:;;" + ";".join(_text(str(value or "")) for value in fields)


def _birthday(day: date, version: str) -> str:
    if day.year != NO_YEAR:
        return f"BDAY:{day.isoformat() if version == '3.0' else f'{day:%Y%m%d}'}"
    return f"BDAY:--{day:%m%d}" if version == "4.0" else f"BDAY;X-APPLE-OMIT-YEAR={NO_YEAR}:{day.isoformat()}"


def _divided(name: str) -> str:
    """Family name; given name, as phones sort by them: 张伟 by the first letter, Jane Doe by the last word."""
    plain = name.strip()
    if has_cjk(plain) and " " not in plain and 2 <= len(plain) <= _MOST_HAN:
        cut = 2 if plain[:2] in _DOUBLE_SURNAMES and len(plain) > 2 else 1
        return f"{_text(plain[:cut])};{_text(plain[cut:])};;;"
    given, _, family = plain.rpartition(" ")
    return f"{_text(family)};{_text(given)};;;"


def _text(value: str) -> str:
    r"""A value of type TEXT: `\`, `;` and `,` escaped, line ends as `\n`."""
    escaped = value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return escaped.replace("\r\n", "\\n").replace("\n", "\\n").replace("\r", "\\n")


def _parameter(value: str) -> str:
    """A value of a parameter, which can hold neither quotes nor line ends."""
    plain = "".join(sign for sign in value if sign.isprintable() and sign != '"')
    return plain if plain.replace("-", "").isalnum() else f'"{plain}"'
