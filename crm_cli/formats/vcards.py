"""Address cards (vCard 2.1, 3.0, 4.0) as tables: firms and people without one are customers, the others contacts."""

from collections.abc import Iterator
from typing import NamedTuple

from crm_cli.errors import BadData
from crm_cli.formats.cardfields import CONTACT, CUSTOMER, Card, contact_cells, customer_cells, name_of
from crm_cli.formats.contentlines import Letters, Line, content_lines
from crm_cli.formats.encoding import Source
from crm_cli.formats.opening import Asked
from crm_cli.formats.spool import Spool, check_kind, tables
from crm_cli.formats.tabular import Table
from crm_cli.i18n import said

# Pictures, sounds and keys: no place for them here, and most of the bytes of an address book.
_HEAVY = frozenset({b"PHOTO", b"LOGO", b"SOUND", b"KEY", b"X-MS-OL-DESIGN", b"X-MS-CARDPICTURE"})
_DROPPED = {"PHOTO", "LOGO", "SOUND", "KEY"}
_NO_END = said("The card that begins here has no END:VCARD.")
_NO_NAME = said("This card has no name, and no address or number to call it by.")
_MOST_LINES = 10_000  # properties of one card


class _Raw(NamedTuple):
    """A card between BEGIN and END: the line of its beginning, its properties, cards within it, what is wrong."""

    line: int
    lines: list[Line]
    agents: int
    fault: tuple[int, str] | None


def read_cards(origin: Source, asked: Asked) -> Table:
    """The cards of a file: customers first, then contacts; cards that cannot be read are refused one by one."""
    check_kind(asked.kind, ("customers", "contacts"), origin.name)
    letters = Letters(origin, asked.encoding)
    customers, contacts = Spool("customers", CUSTOMER), Spool("contacts", CONTACT)
    tally: dict[str, int] = {}
    cards = 0
    with origin.file:
        for raw in _cards(content_lines(origin, letters, _HEAVY)):
            cards += 1
            _take(raw, customers, contacts, tally, asked.kind)
    if not cards:
        raise BadData("{name} holds no address card.", hint="A card begins with BEGIN:VCARD.", name=origin.name)
    spools = [contacts, customers] if asked.kind == "contacts" else [customers, contacts]
    return tables(spools, letters.label, _TOLD, tally, frozenset({"customers"}))


# What is left out is counted, never silent.
_TOLD = {
    "heavy": said("Pictures, sounds and keys of cards that were left out: {n}"),
    "agent": said("Cards within cards that were left out: {n}"),
    "group": said("Distribution lists that were left out: {n}"),
    "odd": said("Phones, e-mails, websites and birthdays that are none, kept as fields of your own: {n}"),
    "yearless": said("Birthdays without a year, kept under the year 1604: {n}"),
    "asked": said("Cards of the other kind that were left out: {n}"),
}


def _cards(lines: Iterator[Line]) -> Iterator[_Raw]:
    """One card after the other. A BEGIN within a card is that of its AGENT, or its own END is missing."""
    start, agents, depth = 0, 0, 0
    found: list[Line] = []
    fault: tuple[int, str] | None = None
    for line in lines:
        mark = line.value.strip().upper() if line.name in ("BEGIN", "END") else ""
        glued = mark == "VCARDBEGIN:VCARD"  # files without a last line end, put together
        mark = "VCARD" if glued else mark
        if mark == "VCARD" and line.name == "BEGIN":
            if not start:
                start, found, agents, depth, fault = line.number, [], 0, 0, None
            elif found and found[-1].name == "AGENT":
                depth, agents = depth + 1, agents + 1
            else:
                yield _Raw(start, found, agents, (start, _NO_END))
                start, found, agents, depth, fault = line.number, [], 0, 0, None
        elif mark == "VCARD":
            if depth:
                depth -= 1
            elif start:
                yield _Raw(start, found, agents, fault)
                start, found, agents, fault = line.number if glued else 0, [], 0, None
        elif start and not depth:
            if line.fault and line.name not in _DROPPED and (line.name or line.fault) and fault is None:
                fault = (line.number, line.fault)
            if len(found) < _MOST_LINES:
                found.append(line)
            elif fault is None:
                fault = (line.number, said("This card has more than 10,000 lines."))
    if start:
        yield _Raw(start, found, agents, (start, _NO_END))


def _take(raw: _Raw, customers: Spool, contacts: Spool, tally: dict[str, int], kind: str | None) -> None:
    """One card to the kind that it is."""
    card = Card(raw.lines)
    spool = contacts if kind == "contacts" else customers
    if raw.fault is not None:
        line, why = raw.fault
        spool.turn_away(line, why, {}, {"name": name_of(card)})
        return
    if (card.text("KIND") or card.text("X-ADDRESSBOOKSERVER-KIND")).lower() == "group":
        _count(tally, "group")
        return
    if not name_of(card):
        spool.turn_away(raw.line, _NO_NAME, {}, {})
        return
    _count(tally, "heavy", sum(line.name in _DROPPED for line in raw.lines))
    _count(tally, "agent", raw.agents)
    of_firm = bool(card.firm) and not card.is_company
    if of_firm and kind != "customers":
        contacts.add(raw.line, contact_cells(card))
    elif kind == "contacts" and card.is_company:
        _count(tally, "asked")
        return
    elif kind == "contacts":
        contacts.add(raw.line, contact_cells(card))
    elif of_firm:
        _count(tally, "asked")
        return
    else:
        customers.add(raw.line, customer_cells(card))
    _count(tally, "odd", card.odd)
    _count(tally, "yearless", card.yearless)


def _count(tally: dict[str, int], what: str, n: int = 1) -> None:
    tally[what] = tally.get(what, 0) + int(n)
