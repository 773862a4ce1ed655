"""Words in the wrong place that only the data can tell: a stage before its deal, a channel forgotten."""

from collections.abc import Sequence

from crm_cli.context import App
from crm_cli.errors import Ambiguous, CrmError, Misuse
from crm_cli.queries.find import KINDS, Finder, find_stage
from crm_cli.rules import names
from crm_cli.rules.paste import line
from crm_cli.rules.text import fold
from crm_cli.store.reader import Reader

_BETWEEN = ("to", "into", "->", "→", "到", "至", "stage", "=")


def is_record(app: App, db: Reader, text: str, kinds: Sequence[str]) -> bool:
    """Whether a reference means something here, be it several records."""
    try:
        return Finder(db, kinds, country=app.country).fitting(text, list(kinds)) is not None
    except Ambiguous:
        return True
    except CrmError:
        return False


def with_noun(app: App, verb: str, words: Sequence[str], kinds: Sequence[str]) -> list[str]:
    """`crm edit acme --city B` as `customer edit acme --city B`: the noun of the record named; empty for none."""
    end = next((i for i, word in enumerate(words) if word.startswith("-")), len(words))
    named, options = list(words[:end]), list(words[end:])
    if not named:
        return []
    if verb == "add":
        return ["customer", "add", " ".join(named), *options]
    known = [kind for kind in KINDS if kind in kinds]
    for refs in ([" ".join(named)], named):
        try:
            with app.read() as db:
                finder = Finder(db, known, removed=verb == "restore", country=app.country)
                found = {finder.one(text).kind for text in refs}
        except CrmError:
            continue
        if len(found) == 1:
            return [*found, verb, *refs, *options]
    return []


def refuse_stage_first(app: App, words: Sequence[str], stage: str) -> None:
    """`crm deal move negotiation rollout` and `crm deal move rollout to negotiation`."""
    if not words:
        return
    with app.read() as db:
        between = len(words) > 1 and words[-1].lower() in _BETWEEN and not is_record(app, db, words[-1], ["deal"])
        turned = len(words) == 1 and _is_stage(db, words[0]) and not _is_stage(db, stage)
        turned = turned and is_record(app, db, stage, ["deal"]) and not is_record(app, db, words[0], ["deal"])
    if between:
        raise Misuse(
            "{word} is not needed before the stage",
            instead=(f"{words[-1]} {stage}", stage),
            word=words[-1],
        )
    if turned:
        swapped = _swapped(app.arguments, words[0], stage)
        raise Misuse("The deal stands before the stage", hint="Type: {line}", line=swapped)


def _swapped(arguments: Sequence[str], one: str, other: str) -> str:
    """The line with two neighbours in the other order."""
    words = list(arguments)
    for i in range(len(words) - 1):
        if words[i : i + 2] == [one, other]:
            words[i : i + 2] = [other, one]
            break
    return line(["crm", *words])


def _is_stage(db: Reader, text: str) -> bool:
    try:
        find_stage(db, text)
    except Ambiguous:
        return True
    except CrmError:
        return False
    return True


def refuse_stage_word(app: App, kind: str, words: Sequence[str]) -> None:
    """`crm deal win rollout won`: the verb says the stage already."""
    said = [word for word in words if names.canonical("deal_status", fold(word)) == kind]
    if len(words) < 2 or len(said) != 1:
        return
    with app.read() as db:
        if is_record(app, db, said[0], ["deal"]):
            return
    rest = list(app.arguments)
    del rest[max(i for i, word in enumerate(rest) if word == said[0])]
    raise Misuse("{word} says what the verb says already", hint="Type: {line}", line=line(["crm", *rest]), word=said[0])


# how people begin to tell of a talk -> the channel that it was
_TOLD = {
    "called": "call", "rang": "call", "phoned": "call", "calls": "call", "emailed": "email", "mailed": "email",
    "wrote": "email", "met": "meeting", "visited": "visit", "texted": "sms", "messaged": "message", "noted": "note",
    "打了电话": "call", "来电": "call", "去电": "call", "发了邮件": "email", "见面": "meeting", "开会": "meeting",
    "拜访了": "visit", "拜访": "visit", "微信": "wechat", "发微信": "wechat", "发短信": "sms", "聊了": "call",
}  # fmt: skip


def refuse_no_channel(app: App, typed: str, who: str | None) -> None:
    """`crm log acme called about x`: the channel was forgotten; a word behind it may tell which it was."""
    with app.read() as db:
        if not is_record(app, db, typed, ["customer", "contact", "deal"]):
            return
    channel = _TOLD.get((who or "").lower(), "call")
    raise Misuse(
        "The channel is missing: {known}",
        hint="Type: {line}",
        known=" ".join(names.CHANNELS),
        line=_before(app.arguments, typed, channel),
    )


def _before(arguments: Sequence[str], typed: str, channel: str) -> str:
    """The line with the channel before the word that stands in its place."""
    words = list(arguments)
    at = next((i for i, word in enumerate(words) if word == typed and i), len(words))
    return line(["crm", *words[:at], channel, *words[at:]])


def refuse_file_names(app: App, words: Sequence[str]) -> None:
    """A `*` that the shell turned into the names of the files here: nobody searches for all of them."""
    import os

    if len(words) < 2:
        return
    try:
        there = {name for name in os.listdir(".") if not name.startswith(".")}
    except OSError:
        return
    if set(words) == there and len(words) == len(there):
        first = " ".join(words)
        raise Misuse(
            "The shell has put the names of the files here in place of *: {names}",
            instead=(first, ""),
            names=first if len(first) < 60 else first[:60] + "...",
        )
