"""What was typed wrongly before a command could run, answered with the line that was probably meant."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from crm_cli.errors import Misuse
from crm_cli.i18n import t

# What people type who come from other programs, and what they mean.
NEAR_VERBS = {
    "ls": "list", "all": "list", "new": "add", "create": "add", "insert": "add", "view": "show", "get": "show",
    "info": "show", "rm": "remove", "delete": "remove", "del": "remove", "update": "edit", "set": "edit",
    "change": "edit", "modify": "edit", "rename": "edit", "close": "win", "finish": "done", "complete": "done",
    "search": "list", "find": "list", "undelete": "restore", "won": "win", "lost": "lose", "assign": "edit",
    "advance": "move", "stage": "move",
}  # fmt: skip
_VERBS = {"add", "list", "show", "edit", "remove", "restore", "merge", "move", "win", "lose", "reopen", "rename"}
# where a noun has no such verb but another one that does it
_INSTEAD = {"win": "done", "done": "win"}

NEAR_WORDS = {
    "company": "customer", "companies": "customer", "account": "customer", "accounts": "customer", "client": "customer",
    "clients": "customer", "lead": "customer", "leads": "customer", "person": "contact", "people": "contact",
    "opportunity": "deal", "opportunities": "deal", "pipeline": "funnel", "activity": "interaction",
    "activities": "interaction", "call": "log call", "email": "log email", "meeting": "log meeting",
    "note": "log note", "visit": "log visit", "todo": "task", "todos": "task", "reminder": "task", "search": "find",
    "view": "show", "finish": "done", "complete": "done", "agenda": "today", "due": "followups", "user": "member",
    "users": "member", "team": "member", "settings": "config", "win": "deal win", "lose": "deal lose",
    "move": "deal move", "ls": "customer list", "list": "customer list",
}  # fmt: skip

_NEEDS_QUOTES = set(" \t\n'\"\\$`!*?()[]{}<>|&;#~")


def line(words: Sequence[str]) -> str:
    """Words as a line to paste."""
    return " ".join(
        word if word and not set(word) & _NEEDS_QUOTES else "'" + word.replace("'", "'\\''") + "'" for word in words
    )


def _nearest(word: str, known: Collection[str]) -> str | None:
    from difflib import get_close_matches

    hits = get_close_matches(word.lower(), list(known), n=1, cutoff=0.7)
    return hits[0] if hits else None


def unknown_verb(noun: str, args: Sequence[str], known: Collection[str]) -> Misuse:
    """`crm deal ls`, `crm deal rollout`, `crm deal stage:won`."""
    typed, rest = args[0], list(args[1:])
    paste = _of_another_noun(noun, typed.lower(), rest)
    meant = NEAR_VERBS.get(typed.lower(), typed.lower())
    meant = meant if meant in known else _INSTEAD.get(meant, "")
    if not paste and meant not in known:
        meant = _nearest(typed, known) or ""
    if not paste and meant:
        paste = ["crm", noun, meant, *rest]
    if not paste and (":" in typed or typed.startswith("@")):
        paste = ["crm", noun, "list", *args]
    if paste:
        return Misuse("There is no {noun} {verb}", hint="Type: {line}", noun=noun, verb=typed, line=line(paste))
    verbs = " ".join(known)
    if "show" in known:
        return Misuse(
            "There is no {noun} {verb}",
            hint="Verbs: {verbs}. For one record type: {line}",
            noun=noun,
            verb=typed,
            verbs=verbs,
            line=line(["crm", noun, "show", *args]),
        )
    return Misuse("There is no {noun} {verb}", hint="Verbs: {verbs}", noun=noun, verb=typed, verbs=verbs)


def _of_another_noun(noun: str, typed: str, rest: list[str]) -> list[str]:
    """Lines whose words stand elsewhere here."""
    if noun == "interaction" and NEAR_VERBS.get(typed, typed) == "add":
        return ["crm", "log", *rest]
    if noun == "customer" and typed == "close" and rest:
        return ["crm", "customer", "edit", *rest, "--status", "closed"]
    if noun in ("customer", "contact", "deal") and typed in ("tag", "untag") and len(rest) > 1:
        return ["crm", "tag", "add" if typed == "tag" else "remove", rest[-1], *rest[:-1]]
    return []


def unknown_command(args: Sequence[str], entries: Mapping[str, Any], plurals: Mapping[str, str]) -> Misuse:
    """`crm list deals`, `crm companies`, `crm acme`."""
    typed = args[0]
    low = typed.lower()
    swapped = args[1].lower() if len(args) > 1 else ""
    swapped = plurals.get(swapped, swapped)
    if (low in NEAR_VERBS or low in _VERBS) and swapped in entries and entries[swapped].is_noun:
        paste = line(["crm", swapped, NEAR_VERBS.get(low, low), *args[2:]])
        return Misuse("{word} comes after its noun", hint="Type: {line}", word=typed, line=paste)
    meant = NEAR_WORDS.get(low) or _nearest(typed, [*entries, *plurals])
    if meant:
        paste = line(["crm", *meant.split(), *args[1:]])
        return Misuse("There is no command {word}", hint="Type: {line}", word=typed, line=paste)
    return Misuse(
        "There is no command {word}",
        hint="All commands: crm --help. To look something up: {line}",
        word=typed,
        line=line(["crm", "find", *args]),
    )


# ------------------------------------------------------------------ what Typer complains about


def misuse_of(error: Any, arguments: Sequence[str], verb: str) -> Misuse:
    """Typer's complaint in our words, with the line that shows how; `verb` is the command as far as it was known."""
    ctx = error.ctx
    where = ctx.command_path if ctx else verb
    name = type(error).__name__
    if name == "NoSuchOption":
        return _no_such_option(str(error.option_name), ctx, where, arguments)
    if name == "MissingParameter":
        return Misuse("{name} is missing", hint="See: {where} --help", name=_param_name(error), where=where)
    if name == "BadOptionUsage":
        value = "does not take a value" in error.message
        sentence = "{option} takes no value" if value else "{option} needs a value"
        return Misuse(sentence, hint="See: {where} --help", option=error.option_name, where=where)
    if name == "BadParameter":
        return Misuse(
            "{name} cannot take that: {reason}",
            hint="See: {where} --help",
            name=_param_name(error),
            reason=error.message,
            where=where,
        )
    if "extra argument" in error.message:
        extra = error.message.partition(" (")[2].removesuffix(")")
        return Misuse(
            "{extra} is one word too many",
            hint="Quote a name of several words. See: {where} --help",
            extra=extra,
            where=where,
        )
    return Misuse("{reason}", hint="See: {where} --help", reason=error.message, where=where)


def _no_such_option(option: str, ctx: Any, where: str, arguments: Sequence[str]) -> Misuse:
    turned = _turned_round(option, arguments)
    if turned:
        paste = line(["crm", *(f"not:{word[1:]}" if word == turned else word for word in arguments)])
        return Misuse(
            "{text} is written {right} here", hint="Type: {line}", text=turned, right=f"not:{turned[1:]}", line=paste
        )
    if option[1:2].isdigit():
        return Misuse(
            "{option} looks like an option",
            hint="Write text that begins with - behind --, and a day back as a date.",
            option=option,
        )
    known = [name for param in ctx.command.get_params(ctx) for name in param.opts] if ctx else []
    from difflib import get_close_matches

    near = get_close_matches(option, known, n=2, cutoff=0.6) if option.startswith("--") else []
    if near:
        return Misuse(
            "{where} has no option {option}",
            hint="Did you mean {near}?",
            where=where,
            option=option,
            near=" ".join(near),
        )
    return Misuse("{where} has no option {option}", hint="See: {where} --help", where=where, option=option)


def _turned_round(option: str, arguments: Sequence[str]) -> str:
    """`-tag:lost` of other query languages, which looks like the option -t; empty where it is none."""
    from crm_cli.rules.fields import is_any_field

    for word in arguments:
        head, colon, _ = word[1:].replace("：", ":").partition(":")
        asks = word.startswith("-@") or (colon and (is_any_field(head) or head in ("is", "has", "no", "segment")))
        if word.startswith(option[:2]) and not word.startswith("--") and asks:
            return word
    return ""


def _param_name(error: Any) -> str:
    param = error.param
    if param is None:
        return t("a value")
    return str(param.opts[0] if param.param_type_name == "option" else param.metavar or param.name)


def asked_format(arguments: Sequence[str], with_value: Collection[str]) -> str:
    """The format typed, from words that could not be parsed; what is the value of another option does not count."""
    chosen = ""
    i = 0
    while i < len(arguments) and arguments[i] != "--":
        word = arguments[i]
        if word == "--json":
            chosen = "json"
        elif word in ("--format", "-f"):
            chosen = arguments[i + 1] if i + 1 < len(arguments) else chosen
        elif word.startswith("--format="):
            chosen = word[9:]
        elif word.startswith("-f") and not word.startswith("--"):
            chosen = word[2:]
        i += 2 if word in with_value else 1
    return chosen.strip().lower()
