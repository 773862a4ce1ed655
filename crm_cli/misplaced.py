"""Typer's complaints in our words: options and words that stand where they do not belong, with the line that fits."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Any, NamedTuple

from crm_cli.errors import Misuse
from crm_cli.i18n import t
from crm_cli.misuse import OR, THEN, TYPE, json_keys
from crm_cli.rules.fields import NOUNS, find_field, is_any_field
from crm_cli.rules.paste import line

# options of other programs, and what they are called here; the first that the command has
_HABITS = {
    "-n": "--limit", "-a": "--all", "-o": "--format", "-c": "--columns", "-s": "--sort", "--output": "--format",
    "--max": "--limit", "--head": "--limit", "--top": "--limit", "--order": "--sort", "--order-by": "--sort",
    "--sort-by": "--sort", "--fields": "--columns", "--select": "--columns", "--company": "--customer",
    "--client": "--customer", "--account": "--customer", "--mail": "--email", "--tel": "--phone",
    "--mobile": "--phone", "--telephone": "--phone", "--url": "--website", "--web": "--website", "--notes": "--note",
    "--comment": "--note", "--message": "--note", "--tags": "--tag", "--person": "--contact", "--people": "--contact",
    "--user": "--owner", "--assignee": "--owner", "--value": "--amount", "--price": "--amount", "--sum": "--amount",
    "--deadline": "--due", "--when": "--due --at --on", "--date": "--due --at --on --close", "--until": "--due --to",
    "--day": "--due --on --to", "--stage": "--to", "--due": "--close --to", "--close": "--due", "--closed": "--on",
    "--time": "--at", "--name": "--title", "--force": "--yes", "--reason": "--note", "--lang": "--language",
    "--tz": "--timezone", "--subject": "--next", "--todo": "--next", "--dryrun": "--dry-run", "--colour": "--no-color",
}  # fmt: skip
_DASHES = "－—–―−"


class Line(NamedTuple):
    """A line as typed, behind crm, taken apart by the options of its command."""

    words: list[str]
    plain: list[int]  # the words that are no options and no values of options, those of the command left out
    ended: int  # where -- stands; as long as the line where it does not


def taken_apart(arguments: Sequence[str], ctx: Any) -> Line:
    """Which words are what; an unknown option takes the word behind it for its value."""
    words = list(arguments)
    ended = words.index("--") if "--" in words else len(words)
    params = ctx.command.get_params(ctx)
    flags = {name for param in params if getattr(param, "is_flag", False) for name in param.opts} | {"--help", "-h"}
    plain, i = [], 0
    while i < len(words):
        word = words[i]
        if i == ended or not word.startswith("-") or len(word) < 2 or i > ended:
            plain += [i] if i != ended else []
        elif "=" not in word and word not in flags and not (word[1] != "-" and len(word) > 2):
            i += 1
        i += 1
    names = ctx.command_path.split()[1:]
    for name in names:
        typed = words[plain[0]].lower() if plain else ""
        if typed == name or typed.rstrip("s") == name:
            plain.pop(0)
    return Line(words, plain, ended)


def misuse_of(error: Any, arguments: Sequence[str], verb: str) -> Misuse:
    """Typer's complaint with the line that shows how; `verb` is the command as far as it was known."""
    ctx = error.ctx
    where = ctx.command_path if ctx else verb
    name = type(error).__name__
    if name == "NoSuchOption":
        return _no_such_option(str(error.option_name), ctx, where, arguments)
    if name == "MissingParameter":
        return Misuse("{name} is missing", hint="See: {where} --help", name=_param_name(error), where=where)
    if name == "BadOptionUsage":
        return _wrong_use(error, where, arguments)
    if name == "BadParameter":
        return Misuse(
            "{name} cannot take that: {reason}",
            hint="See: {where} --help",
            name=_param_name(error),
            reason=error.message,
            where=where,
        )
    if "extra argument" in error.message and ctx:
        return _extra(taken_apart(arguments, ctx), ctx, where)
    return Misuse("{reason}", hint="See: {where} --help", reason=error.message, where=where)


def _param_name(error: Any) -> str:
    param = error.param
    if param is None:
        return t("a value")
    return str(param.opts[0] if param.param_type_name == "option" else param.metavar or param.name)


def _wrong_use(error: Any, where: str, arguments: Sequence[str]) -> Misuse:
    """`--limit` without its number, `--mine=yes`, `--json=name,email`."""
    option = error.option_name
    if "does not take a value" not in error.message:
        return Misuse("{option} needs a value", hint="See: {where} --help", option=option, where=where)
    typed = next((word for word in arguments if word.startswith(f"{option}=")), "")
    if option == "--json" and "," in typed:
        return json_keys([word if word != typed else "--json" for word in arguments], typed.partition("=")[2])
    return Misuse(
        "{option} takes no value", hint="See: {where} --help", instead=(typed, option), option=option, where=where
    )


# ------------------------------------------------------------------ one word too many


def _extra(typed: Line, ctx: Any, where: str) -> Misuse:
    """A name of several words that nobody quoted, options behind --, a customer without its option."""
    places = [param for param in ctx.command.params if param.param_type_name == "argument"]
    over = [typed.words[i] for i in typed.plain[len(places) :]]
    lines = _with_options(typed) or _with_customer(typed, ctx, places) or [_joined(typed, len(places))]
    return Misuse(
        "{extra} is one word too many",
        hint="Quote a name of several words." if places else "",
        extra=" ".join(over),
        where=where,
        lines=[(OR if i else TYPE, line(["crm", *words])) for i, words in enumerate(lines)],
    )


def _joined(typed: Line, places: int) -> list[str]:
    """The last place takes what is left over; where there is none it goes."""
    words, plain = typed.words, typed.plain
    if not places:
        return [word for i, word in enumerate(words) if i not in plain]
    first = plain[places - 1]
    name = " ".join(words[i] for i in plain[places - 1 :]).strip("“”‘’\"' ")
    return [name if i == first else word for i, word in enumerate(words) if i == first or i not in plain[places:]]


def _with_options(typed: Line) -> list[list[str]]:
    """Options behind -- or behind a dash that a word processor made are options after all."""
    ends = [i for i in typed.plain if dashed(typed.words[i])]
    if not ends:
        return []
    return [[dashed(word) or word for i, word in enumerate(typed.words) if i != typed.ended]]


def dashed(word: str) -> str:
    """A word that was meant as an option, with the two dashes that it needs; empty where it is none."""
    bare = word.lstrip("-" + _DASHES)
    marks = word[: len(word) - len(bare)]
    head = bare.partition("=")[0]
    is_option = head[:1].isalpha() and head.replace("-", "").isalnum() and head.isascii()
    return f"--{bare}" if is_option and len(head) > 1 and (marks == "--" or set(marks) & set(_DASHES)) else ""


def _with_customer(typed: Line, ctx: Any, places: Sequence[Any]) -> list[list[str]]:
    """`crm contact add Jane Acme`: the last word is the customer, or the words behind `at`."""
    own = {name for param in ctx.command.params for name in param.opts}
    named = any(word.partition("=")[0] == "--customer" for word in typed.words[: typed.ended])
    if "--customer" not in own or named or len(places) != 1 or len(typed.plain) < 2:
        return []
    joint = _at_somebody(typed, ctx)
    if joint:
        behind = [i for i in typed.plain if i > joint]
        of = " ".join(typed.words[i] for i in behind)
        words = [word for i, word in enumerate(typed.words) if i != joint and i not in behind[1:]]
        first = behind[0] - 1
        words[first : first + 1] = ["--customer", of]
        return [_joined(typed._replace(words=words, plain=[i for i in typed.plain if i < joint]), 1)]
    last = typed.plain[-1]
    with_ = typed._replace(
        words=[*typed.words[:last], "--customer", *typed.words[last:]], plain=typed.plain[:-1], ended=typed.ended
    )
    return [_joined(with_, 1)]


_AT = ("at", "of", "from", "for", "@", "在", "的")


def _at_somebody(typed: Line, ctx: Any) -> int:
    """Where `at` stands between a name and its customer, which nobody has to type; 0 where it does not.

    A title may have an `of` of its own: of a deal only the last word but one counts.
    """
    places = typed.plain[1:-1] if ctx.command_path.split()[1:2] == ["contact"] else typed.plain[1:-1][-1:]
    return next((i for i in reversed(places) if typed.words[i].lower() in _AT), 0)


# ------------------------------------------------------------------ an option that the command does not have


def _no_such_option(option: str, ctx: Any, where: str, arguments: Sequence[str]) -> Misuse:
    turned = _turned_round(option, arguments)
    if turned:
        paste = line(["crm", *(f"not:{word[1:]}" if word == turned else word for word in arguments)])
        return Misuse("{text} is written {right} here", hint=TYPE, text=turned, right=f"not:{turned[1:]}", line=paste)
    if option[1:2].isdigit():
        return _a_day_back(option, ctx, arguments)
    own = {name: param for param in ctx.command.get_params(ctx) for name in param.opts}
    meant = _renamed(option, own, ctx)
    if meant:
        written = next((w for w in arguments if w.partition("=")[0] == option), option)
        return Misuse(
            "{where} has no option {option}",
            hint="Did you mean {near}?",
            where=where,
            option=option,
            near=meant,
            instead=(written, meant + written[len(option) :]),
        )
    return _elsewhere(option, own, ctx, where, arguments)


def _renamed(option: str, own: dict[str, Any], ctx: Any) -> str:
    """Another name of an option that the command has: a slip, a habit from elsewhere, a field's Chinese name."""
    for habit in _HABITS.get(option, "").split():
        if habit in own and not (habit == "--to" and ctx.command.name not in ("move", "snooze")):
            return habit
    for noun in NOUNS:
        field = find_field(noun, option.lstrip("-"))
        for name in (field.short, field.key) if field else ():
            if name and f"--{name.replace('_', '-')}" in own:
                return f"--{name.replace('_', '-')}"
    known = [name for name in own if name.startswith("--")]
    near = get_close_matches(option, known, n=1, cutoff=0.75) if option.startswith("--") else []
    return near[0] if near and not any(option in names for names in _names(ctx)) else ""


def _a_day_back(option: str, ctx: Any, arguments: Sequence[str]) -> Misuse:
    """`-1d` where a word is expected."""
    word = next((w for w in arguments if w.startswith(option)), option)
    name = ctx.command.name
    changed = [f"+{w[1:]}" if w == word else w for w in arguments]
    if name == "snooze":
        return Misuse("{day} has been: a day to come is written {right}", hint=TYPE, day=word, right=f"+{word[1:]}",
                      line=line(["crm", *changed]))  # fmt: skip
    if name == "log":
        at = arguments.index(word) if word in arguments else 0
        paste = [*arguments[:at], "--at", *arguments[at:]]
        return Misuse("{option} looks like an option", hint=TYPE, option=word, line=line(["crm", *paste]))
    at = arguments.index(word) if word in arguments else 0
    return Misuse(
        "{option} looks like an option",
        hint="Text that begins with - stands behind --.",
        option=word,
        lines=[(TYPE, line(["crm", *arguments[:at], *arguments[at + 1 :], "--", word]))],
    )


def _turned_round(option: str, arguments: Sequence[str]) -> str:
    """`-tag:lost` of other query languages, which looks like the option -t; empty where it is none."""
    for word in arguments:
        head, colon, _ = word[1:].replace("：", ":").partition(":")
        asks = word.startswith("-@") or (colon and (is_any_field(head) or head in ("is", "has", "no", "segment")))
        if word.startswith(option[:2]) and not word.startswith("--") and asks:
            return word
    return ""


_LISTS = {"list": "", "followups": "customer", "funnel": "deal", "board": "deal", "export": "", "remind": "task"}


def _elsewhere(option: str, own: dict[str, Any], ctx: Any, where: str, arguments: Sequence[str]) -> Misuse:
    """An option of another command: the line without it, and the line that says it where it belongs."""
    path = where.split()[1:]
    rest, foreign = _without(arguments, own)
    if path and path[-1] in _LISTS:
        asked = _as_query(_LISTS[path[-1]] or path[0], foreign)
        if asked:
            paste = line(["crm", *rest, *asked])
            return Misuse("A list is asked with {query}, not with {option}", hint=TYPE, option=option, line=paste,
                          query=" ".join(asked))  # fmt: skip
    day_last = ("--to", "--until", "--due", "--day", "--date")
    if path[-1:] == ["snooze"] and len(foreign) == 1 and foreign[0][0] in day_last:
        return Misuse("The day stands last", hint=TYPE, line=line(["crm", *rest, foreign[0][1]]))
    if path == ["customer", "add"] and option == "--customer" and "customer" in arguments:
        return _of_a_customer(arguments)
    at_home = homes(option, ctx)
    lines = [(TYPE, line(["crm", *rest]))]
    if at_home:
        follow = _follow_up(path, foreign, taken_apart(rest, ctx), at_home)
        lines += [(THEN, line(["crm", *follow]))] if follow else []
    return Misuse(
        "{where} has no option {option}",
        hint="It belongs to: {homes}" if at_home else "See: {where} --help",
        where=where,
        option=option,
        homes=", ".join(at_home[:4]),
        lines=lines if at_home else [],
    )


def _of_a_customer(arguments: Sequence[str]) -> Misuse:
    """`crm customer add Jane --customer acme`: she is a contact, or it is a deal."""
    lines = [
        line(["crm", *(noun if word == "customer" else word for word in arguments)]) for noun in ("contact", "deal")
    ]
    return Misuse("What is of a customer is a contact or a deal", lines=[(TYPE, lines[0]), (OR, lines[1])])


def _without(arguments: Sequence[str], own: dict[str, Any]) -> tuple[list[str], list[tuple[str, str]]]:
    """The line without what the command does not know, and that with its values."""
    rest: list[str] = []
    foreign: list[tuple[str, str]] = []
    i = 0
    while i < len(arguments):
        word = arguments[i]
        head, equals, value = word.partition("=")
        if word == "--":
            return [*rest, *arguments[i:]], foreign
        known = own.get(head) or (own.get(word[:2]) if word[1:2] != "-" else None)
        if not word.startswith("--") or known is not None or len(word) < 3:
            takes = known is not None and not getattr(known, "is_flag", False) and not equals and head in own
            rest += arguments[i : i + 1 + takes]
            i += 1 + takes
            continue
        following = arguments[i + 1] if not equals and i + 1 < len(arguments) else ""
        takes = bool(following) and not following.startswith("-")
        foreign.append((head, value if equals else following if takes else ""))
        i += 1 + takes
    return rest, foreign


def _as_query(noun: str, foreign: Sequence[tuple[str, str]]) -> list[str]:
    """`--stage won` of a list as `stage:won`; empty unless all of them are fields."""
    asked = []
    for option, value in foreign:
        field = find_field(noun, option.lstrip("-")) if noun in NOUNS else None
        if field is None or not value:
            return []
        asked.append(f"{field.short or field.key}:{value}")
    return asked


def _follow_up(
    path: Sequence[str], foreign: Sequence[tuple[str, str]], typed: Line, at_home: Sequence[str]
) -> list[str]:
    """The second line, which says what the first one cannot; empty where nobody can tell."""
    pairs = [piece for option, value in foreign for piece in (option, value) if piece]
    options = {option for option, _ in foreign}
    named = _value_of("--customer", typed) or (path == ["log"] and len(typed.plain) > 1 and typed.words[typed.plain[1]])
    own = typed.words[typed.plain[0]] if typed.plain else ""
    if path == ["customer", "add"] and own and "crm deal add" in at_home:
        return ["deal", "add", "--customer", own, *pairs]
    if path == ["customer", "add"] and own and "crm task add" in at_home and "--next" not in options:
        return ["task", "add", "--customer", own, *pairs]
    deal = _value_of("--deal", typed)
    if path == ["log"] and deal and "crm deal add" in at_home and options != {"--tag"}:
        return ["deal", "edit", deal, *pairs]
    if named and options == {"--tag"}:
        return ["tag", "add", foreign[0][1], str(named)]
    if named and "crm customer add" in at_home:
        return ["customer", "edit", str(named), *pairs]
    return []


def _value_of(option: str, typed: Line) -> str:
    for i, word in enumerate(typed.words[: typed.ended]):
        if word == option and i + 1 < typed.ended:
            return typed.words[i + 1]
        if word.startswith(f"{option}="):
            return word.partition("=")[2]
    return ""


def homes(option: str, ctx: Any) -> list[str]:
    """The commands that have an option, as they are typed."""
    found = [path for path, names in _commands(ctx) if option in names]
    adding = [path for path in found if not path.endswith((" edit", " list"))]
    return adding or found


def _names(ctx: Any) -> Iterator[set[str]]:
    return (names for _, names in _commands(ctx))


def _commands(ctx: Any) -> Iterator[tuple[str, set[str]]]:
    """Every command of the program with its own options; loads them all, which only an error may do."""
    root = ctx.find_root()
    for name in root.command.list_commands(root):
        try:
            command = root.command.get_command(root, name)
        except ImportError:  # what one command lacks does not spoil the answer about another
            continue
        if not hasattr(command, "list_commands"):
            yield f"crm {name}", _own(command)
            continue
        for verb in command.list_commands(root):
            yield f"crm {name} {verb}", _own(command.get_command(root, verb))


def _own(command: Any) -> set[str]:
    return {name for param in command.params for name in param.opts if not getattr(param, "hidden", False)}
