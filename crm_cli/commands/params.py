"""Shared parameter types: what an option is called, and what it says of itself, stands here once."""

from typing import Annotated, Any

import typer

from crm_cli.context import App
from crm_cli.errors import Misuse
from crm_cli.lazy import CrmCommand, TextCommand

__all__ = ["Context", "CrmCommand", "TextCommand", "noun", "option", "options_of"]


class Context(typer.Context):
    """The context of a command; `obj` is the App."""

    obj: App


def noun() -> typer.Typer:
    """An app for the verbs of a noun, or for words of the daily work."""
    return typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


def option(name: str, help: str, metavar: str = "T", **more: Any) -> Any:
    """An option with a value."""
    return typer.Option(name, help=help, metavar=metavar, **more)


def options_of(ctx: typer.Context) -> dict[str, Any]:
    """What was typed: options without a value are left out, and an empty one is refused."""
    typed = {name: value for name, value in ctx.params.items() if value not in (None, [], (), False)}
    for param in ctx.command.params:
        value = typed.get(param.name or "")
        texts = value if isinstance(value, list | tuple) else [value]
        if param.param_type_name == "option" and any(isinstance(text, str) and not text.strip() for text in texts):
            raise Misuse("{option} may not be empty", hint="To empty a field: --clear FIELD", option=param.opts[0])
    return typed


Several = list[str] | None
Text = str | None

# arguments
Query = Annotated[Several, typer.Argument(metavar="[QUERY]...", help="words, field:value, @segment; see crm fields")]
Refs = Annotated[Several, typer.Argument(metavar="REF...", help="ids, names, e-mails, phones; or one query")]
Ref = Annotated[Text, typer.Argument(metavar="REF", help="an id, a name, an e-mail or a phone number")]
Name = Annotated[Text, typer.Argument(metavar="NAME", help="the name")]

# lists
Columns = Annotated[Text, option("--columns", "keys to show, in this order", "A,B,C")]
Sort = Annotated[Text, option("--sort", "keys to sort by: -spent,name or spent:desc", "KEYS")]
Limit = Annotated[Text, option("--limit", "at most so many", "N")]
Offset = Annotated[Text, option("--offset", "leave out the first so many", "N")]
Mine = Annotated[bool, typer.Option("--mine", help="only what I own")]
All = Annotated[bool, typer.Option("--all", help="closed and done ones too")]
Removed = Annotated[bool, typer.Option("--removed", help="those that were removed")]

# of several nouns
Email = Annotated[Several, option("--email", "e-mail address; several are possible", "E")]
Phone = Annotated[Several, option("--phone", "phone number; several are possible", "P")]
Website = Annotated[Several, option("--website", "website; several are possible", "W")]
Messenger = Annotated[Several, option("--messenger", "handle, as wechat:zhangwei; several are possible", "M")]
Tag = Annotated[Several, option("--tag", "tag; several are possible", "T")]
Owner = Annotated[Text, option("--owner", "member who owns it; me", "R")]
Note = Annotated[Text, option("--note", "a note", "T")]
Birthday = Annotated[Text, option("--birthday", "day of birth, as 1990-05-17", "D")]
Prefers = Annotated[Text, option("--prefers", "preferred channel, as call or email", "CHANNEL")]
SetPairs = Annotated[Several, option("--set", "a field of your own: key=value; several are possible", "K=V")]
Duplicate = Annotated[bool, typer.Option("--duplicate", help="add it even if it is already there")]
Clear = Annotated[Several, option("--clear", "empty a field; several are possible", "FIELD")]
Drop = Annotated[Several, option("--drop", "take one value away, as email=a@b.example", "FIELD=VALUE")]
Customer = Annotated[Text, option("--customer", "the customer", "R")]
Deal = Annotated[Text, option("--deal", "the deal", "R")]
Due = Annotated[Text, option("--due", "day or moment: tomorrow, fri, +3d, fri@14:00, 下周三", "D")]
NextStep = Annotated[Text, option("--next", "the next step, a task", "TEXT")]
Source = Annotated[Text, option("--source", "where it came from", "T")]

# customers
Kind = Annotated[Text, option("--kind", "company or person", "K")]
Status = Annotated[Text, option("--status", "new, contacted, qualified, unqualified, customer or closed", "S")]
Industry = Annotated[Text, option("--industry", "industry", "T")]
Size = Annotated[Text, option("--size", "number of employees", "N")]
Region = Annotated[Text, option("--region", "region", "T")]
Country = Annotated[Text, option("--country", "country", "C")]
City = Annotated[Text, option("--city", "city", "T")]
Address = Annotated[Text, option("--address", "postal address", "T")]
ReferredBy = Annotated[Text, option("--referred-by", "customer who referred this one", "R")]
Parent = Annotated[Text, option("--parent", "parent company", "R")]
Language = Annotated[Text, option("--language", "language they speak, as de or zh", "L")]
Cadence = Annotated[Text, option("--cadence", "be in touch at least every so often, as 30d", "30d")]
NewName = Annotated[Text, option("--name", "another name", "T")]

# contacts
Title = Annotated[Text, option("--title", "job title", "T")]
Role = Annotated[Text, option("--role", "decision-maker, influencer, user, blocker, ...", "T")]

# deals
Amount = Annotated[Text, option("--amount", "amount: 12000, 12k, 1.5m, €12k, 1.2万", "M")]
Currency = Annotated[Text, option("--currency", "currency, as EUR", "C")]
Stage = Annotated[Text, option("--stage", "stage", "S")]
Close = Annotated[Text, option("--close", "day it is expected to close", "D")]
Probability = Annotated[Text, option("--probability", "its own probability in percent", "N")]
Risk = Annotated[Text, option("--risk", "what may go wrong", "T")]
Contacts = Annotated[Several, option("--contact", "a person in it, with the role: jane:decision-maker", "R[:ROLE]")]
On = Annotated[Text, option("--on", "the day it happened", "D")]

# tasks
Priority = Annotated[Text, option("--priority", "low, normal or high", "P")]
Every = Annotated[Text, option("--every", "again and again: 2w, month, mon or an RRULE", "E")]
