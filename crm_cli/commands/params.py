"""Shared parameter types: what an option is called, and what it says of itself, stands here once."""

from typing import Annotated, Any

import typer

from crm_cli.context import App
from crm_cli.errors import Misuse
from crm_cli.lazy import CrmCommand, TextCommand

__all__ = ["Context", "CrmCommand", "TextCommand", "noun", "option", "options_of", "sets"]


class Context(typer.Context):
    """The context of a command; `obj` is the App."""

    obj: App


def noun() -> typer.Typer:
    """An app for the verbs of a noun, or for words of the daily work."""
    return typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


# what options are about, as help groups them; without one it says Options
WHICH, SETS, TAKES, OUTPUT = "Which records", "What it sets", "What it takes away", "Output"


def option(name: str, help: str, metavar: str = "T", group: str | None = None, **more: Any) -> Any:
    """An option with a value."""
    return typer.Option(name, help=help, metavar=metavar, rich_help_panel=group, **more)


def sets(name: str, help: str, metavar: str = "T") -> Any:
    """An option whose value is kept in a record."""
    return option(name, help, metavar, SETS)


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
Query = Annotated[Several, typer.Argument(metavar="[QUERY]...", help="words, field:value, @segment: crm help queries")]
Refs = Annotated[
    Several, typer.Argument(metavar="REF...", help="ids, names, e-mails, phones, or one query: crm help references")
]
Ref = Annotated[Text, typer.Argument(metavar="REF", help="an id, a name, an e-mail or a phone number")]
Name = Annotated[Text, typer.Argument(metavar="NAME", help="the name")]

# lists
Columns = Annotated[
    Text, option("--columns", "keys to show, in this order: name,phone; all: crm fields", "A,B,C", OUTPUT)
]
Sort = Annotated[Text, option("--sort", "keys to sort by: -spent,name or spent:desc", "KEYS", OUTPUT)]
Limit = Annotated[Text, option("--limit", "at most so many; all by default", "N", OUTPUT)]
Offset = Annotated[Text, option("--offset", "leave out the first so many", "N", OUTPUT)]
GroupBy = Annotated[
    Text,
    option("--group-by", "a row a group, with count and sums: owner,stage or created:quarter", "FIELD", OUTPUT),
]
View = Annotated[Text, option("--view", "as kept under this name: crm view list", "NAME", WHICH)]
Mine = Annotated[bool, typer.Option("--mine", help="only what I own, as owner:me", rich_help_panel=WHICH)]
All = Annotated[bool, typer.Option("--all", help="closed and done ones too", rich_help_panel=WHICH)]
Removed = Annotated[bool, typer.Option("--removed", help="those that were removed", rich_help_panel=WHICH)]

# of several nouns
Email = Annotated[Several, sets("--email", "e-mail address; several are possible", "E")]
Phone = Annotated[Several, sets("--phone", "phone number; several are possible", "P")]
Website = Annotated[Several, sets("--website", "website; several are possible", "W")]
Messenger = Annotated[Several, sets("--messenger", "handle, as wechat:zhangwei; several are possible", "M")]
Tag = Annotated[Several, sets("--tag", "tag; several are possible", "T")]
Owner = Annotated[Text, sets("--owner", "member who owns it, or me", "R")]
Note = Annotated[Text, sets("--note", "a note", "T")]
Birthday = Annotated[Text, sets("--birthday", "day of birth, as 1990-05-17", "D")]
Prefers = Annotated[Text, sets("--prefers", "preferred channel, as call or email", "CHANNEL")]
SetPairs = Annotated[Several, sets("--set", "a field of your own: shoe-size=42; several are possible", "K=V")]
Duplicate = Annotated[
    bool,
    typer.Option("--duplicate", help="add it even if it is already there", rich_help_panel="What is there already"),
]
Clear = Annotated[Several, option("--clear", "empty a field; several are possible", "FIELD", TAKES)]
Drop = Annotated[Several, option("--drop", "take one value away, as email=a@b.example", "FIELD=VALUE", TAKES)]
Customer = Annotated[Text, sets("--customer", "the customer", "R")]
Deal = Annotated[Text, sets("--deal", "the deal", "R")]
Due = Annotated[Text, sets("--due", "day or moment: tomorrow, fri, +3d, fri@14:00, 下周三; crm help dates", "D")]
NextStep = Annotated[Text, sets("--next", "the next step, a task", "TEXT")]
Source = Annotated[Text, sets("--source", "where it came from", "T")]

# customers
Kind = Annotated[Text, sets("--kind", "company or person; a new one is a company, with --birthday a person", "K")]
Status = Annotated[Text, sets("--status", "new, contacted, qualified, unqualified, customer or closed", "S")]
Industry = Annotated[Text, sets("--industry", "industry", "T")]
Size = Annotated[Text, sets("--size", "number of employees: 50", "N")]
Region = Annotated[Text, sets("--region", "region", "T")]
Country = Annotated[Text, sets("--country", "country: DE, Germany, 德国", "C")]
City = Annotated[Text, sets("--city", "city", "T")]
Address = Annotated[Text, sets("--address", "postal address", "T")]
ReferredBy = Annotated[Text, sets("--referred-by", "customer who referred this one", "R")]
Parent = Annotated[Text, sets("--parent", "parent company", "R")]
Language = Annotated[Text, sets("--language", "language they speak, as de or zh", "L")]
Cadence = Annotated[Text, sets("--cadence", "be in touch at least every so often: 30d, 2w, 1mo", "30d")]
Lifecycle = Annotated[
    Text, sets("--lifecycle", "a stage of life set by hand, as growing; scores leave it alone then", "STAGE")
]
NewName = Annotated[Text, sets("--name", "another name", "T")]

# contacts
Title = Annotated[Text, sets("--title", "job title", "T")]
Role = Annotated[Text, sets("--role", "decision-maker, influencer, user, blocker, ...", "T")]

# deals
Amount = Annotated[Text, sets("--amount", "amount: 12000, 12k, 1.5m, €12k, 1.2万; crm help money", "M")]
Currency = Annotated[
    Text, sets("--currency", "currency, as EUR; by default the customer's last, then the setting", "C")
]
Stage = Annotated[Text, sets("--stage", "stage, in either language: crm stage list", "S")]
Close = Annotated[Text, sets("--close", "day it is expected to close: fri, 24 dec, end of month", "D")]
Probability = Annotated[
    Text, sets("--probability", "its own probability, 0 to 100 percent; the stage's by default", "N")
]
Line = Annotated[
    Several,
    sets("--line", "what is sold: CODE:3 or CODE:3@99.50-10%, several are possible", "CODE:N[@M][-D%]"),
]
Risk = Annotated[Text, sets("--risk", "what may go wrong", "T")]
Contacts = Annotated[Several, sets("--contact", "a person in it, with the role: jane:decision-maker", "R[:ROLE]")]
On = Annotated[Text, sets("--on", "the day it happened; today by default", "D")]

# tasks
Priority = Annotated[Text, sets("--priority", "low, normal or high; normal by default", "P")]
Every = Annotated[Text, sets("--every", "again and again: 2w, month, mon,thu or an RRULE", "E")]
