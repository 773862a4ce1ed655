"""Whom an interaction is with and over which channel, from words as typed."""

from typing import Any

from crm_cli.actions.deals import find_contact
from crm_cli.errors import Ambiguous, Misuse, NotFound
from crm_cli.i18n import listed, t
from crm_cli.queries.find import Finder, Found
from crm_cli.rules import names, values
from crm_cli.rules.dates import parse_when
from crm_cli.rules.fields import nearest
from crm_cli.rules.paste import line
from crm_cli.rules.text import fold, squeeze
from crm_cli.store.writer import Work


def channel_of(typed: str, further: str, *, swapped: str = "") -> str:
    """A channel by its name in either language, else by the beginning of one.

    `further` are those that the config adds; `swapped` is the line to type where the words were turned round.
    """
    key = fold(typed)
    own = [squeeze(word) for word in further.split(",") if word.strip()]
    exact = next((word for word in own if fold(word) == key), None) or names.canonical("channel", key)
    if exact:
        return exact
    known = {name: value for value in names.CHANNELS for name in names.names_of("channel", value)}
    known |= {fold(word): word for word in own}
    hits = sorted({value for name, value in known.items() if key and name.startswith(key)})
    if len(hits) > 1:
        raise Ambiguous(
            "{text} may be several channels: {names}",
            text=typed,
            names=listed(hits),
            candidates=[{"kind": "channel", "id": name, "name": name} for name in hits],
        )
    if hits:
        return hits[0]
    near = nearest(key, list(known))
    hint = "Known: {known}. More: crm config set channels fair,letter"
    if near:
        hint = "Did you mean {near}? Known: {known}"
    raise NotFound(
        "No channel is called {channel}",
        hint="The channel comes first: {line}" if swapped else hint,
        instead=() if swapped else (typed, known[near] if near else None),
        channel=typed,
        near=known[near] if near else None,
        line=swapped,
        known=" ".join([*names.CHANNELS, *own]),
    )


def is_channel(typed: str, further: str) -> bool:
    """Whether a word is a channel's whole name."""
    key = fold(typed)
    return names.canonical("channel", key) is not None or key in [fold(word) for word in further.split(",")]


class Parties:
    """Whom an interaction is with: the customer, the deal, the people; and how WHO was typed."""

    def __init__(self, found: Found) -> None:
        self.found = found
        self.customer_id = found.customer_id
        self.customer: str | None = found.customer or found.name
        self.deal_id: int | None = found.id if found.kind == "deal" else None
        self.contact_ids = [found.id] if found.kind == "contact" else []


def parties(w: Work, who: str, options: dict[str, Any], country: str | None) -> Parties:
    """WHO is a customer, a contact or a deal; --contact and --deal name more."""
    with_ = Parties(Finder(w.db, ["customer", "contact", "deal"], country=country).one(who))
    if options.get("deal"):
        deal = deal_of(w, options["deal"], with_.customer_id, country)
        if with_.deal_id not in (None, deal.id):
            own = with_.found.name
            raise Misuse("{who} and {title} are two deals", hint="Leave one out.", who=own, title=deal.name)
        with_.deal_id = deal.id
        with_.customer_id = with_.customer_id or deal.customer_id
        with_.customer = with_.customer if with_.found.customer_id else deal.customer or with_.customer
    for typed in options.get("contact") or []:
        contact_id, _ = find_contact(w, typed, with_.customer_id, country)
        if contact_id not in with_.contact_ids:
            with_.contact_ids.append(contact_id)
    return with_


def deal_of(w: Work, typed: str, customer_id: int | None, country: str | None) -> Found:
    """The deal named, first among those of the customer; one of somebody else is refused."""
    if customer_id is not None:
        own = Finder(w.db, ["deal"], scope={"deal": f"x.customer_id = {int(customer_id)}"}, country=country)
        try:
            return own.one(typed)
        except NotFound:
            pass
    deal = Finder(w.db, ["deal"], country=country).one(typed)
    if customer_id is not None and deal.customer_id is not None and deal.customer_id != customer_id:
        raise Misuse("Deal {title} belongs to {customer}", title=deal.name, customer=deal.customer)
    return deal


def not_yet(w: Work, who: str, with_: Parties, text: str, typed_at: str) -> Misuse:
    """A log in the future is refused with the line that plans it instead, ready to paste."""
    when = parse_when(typed_at, now=w.now, ahead=False)
    moment = when.at.strftime("%Y-%m-%d@%H:%M") if when.at else when.day.isoformat()
    words = ["crm", "task", "add"]
    if with_.deal_id is not None:
        words += ["--deal", who if with_.found.kind == "deal" else f"deal:{with_.deal_id}"]
    elif with_.customer_id is not None:
        words += ["--customer", who if with_.found.kind == "customer" else f"customer:{with_.customer_id}"]
    plain = squeeze(values.plain(text, values.Clock(w.now))) or squeeze(t("call {name}", name=with_.found.name))
    words += ["--due", moment, *(["--"] if plain.startswith("-") else []), plain]
    return Misuse(
        "{moment} has not come yet: a log says what has happened",
        hint="To plan it, type: {line}",
        moment=moment,
        line=line(words),
    )
