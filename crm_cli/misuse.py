"""What was typed wrongly, answered with the line that was probably meant: words, verbs, and pieces of a line."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from crm_cli.errors import CrmError, Misuse
from crm_cli.rules.paste import line

TYPE, OR, THEN = "Type: {line}", "or", "then"

# What people type who come from other programs, or in Chinese, and what they mean.
NEAR_VERBS = {
    "ls": "list", "all": "list", "new": "add", "create": "add", "insert": "add", "view": "show", "get": "show",
    "info": "show", "rm": "remove", "delete": "remove", "del": "remove", "update": "edit", "set": "edit",
    "change": "edit", "modify": "edit", "rename": "edit", "close": "win", "finish": "done", "complete": "done",
    "search": "list", "find": "list", "undelete": "restore", "won": "win", "lost": "lose", "assign": "edit",
    "advance": "move", "stage": "move", "open": "show", "postpone": "snooze", "defer": "snooze",
    "添加": "add", "新增": "add", "新建": "add", "增加": "add", "列表": "list", "列出": "list", "查询": "list",
    "搜索": "list", "查找": "list", "查看": "show", "显示": "show", "详情": "show", "修改": "edit", "编辑": "edit",
    "更新": "edit", "删除": "remove", "移除": "remove", "恢复": "restore", "合并": "merge", "推进": "move",
    "移动": "move", "赢单": "win", "成交": "win", "输单": "lose", "丢单": "lose", "重开": "reopen",
    "重命名": "rename", "完成": "done", "推迟": "snooze", "延期": "snooze",
}  # fmt: skip
_VERBS = {
    "add", "list", "show", "edit", "remove", "restore", "merge", "move", "win", "lose", "reopen", "rename",
}  # fmt: skip
# where a noun has no such verb but another one that does it
_INSTEAD = {"win": "done", "done": "win", "edit": "rename"}

NEAR_WORDS = {
    "company": "customer", "companies": "customer", "account": "customer", "accounts": "customer", "client": "customer",
    "clients": "customer", "lead": "customer", "leads": "customer", "person": "contact", "people": "contact",
    "opportunity": "deal", "opportunities": "deal", "pipeline": "funnel", "activity": "interaction",
    "activities": "interaction", "call": "log call", "email": "log email", "meeting": "log meeting",
    "note": "log note", "visit": "log visit", "todo": "task", "todos": "task", "reminder": "task", "search": "find",
    "cron": "remind", "crontab": "remind",
    "view": "show", "get": "show", "info": "show", "open": "show",
    "finish": "done", "complete": "done", "agenda": "today", "due": "followups", "user": "member",
    "users": "member", "team": "member", "settings": "config", "win": "deal win", "lose": "deal lose",
    "move": "deal move", "ls": "customer list", "list": "customer list", "postpone": "snooze", "board": "deal board",
    "客户": "customer", "公司": "customer", "联系人": "contact", "商机": "deal", "任务": "task", "互动": "interaction",
    "互动记录": "interaction", "标签": "tag", "客群": "segment", "细分": "segment", "阶段": "stage", "成员": "member",
    "今天": "today", "今日": "today", "跟进": "followups", "待办": "followups", "漏斗": "funnel", "记录": "log",
    "登记": "log", "电话": "log call", "完成": "done", "推迟": "snooze", "延期": "snooze", "查找": "find",
    "搜索": "find", "查看": "show", "显示": "show", "导入": "import", "导出": "export", "字段": "fields",
    "设置": "config", "配置": "config", "演示": "demo", "提醒": "remind", "撤销": "undo", "重做": "redo",
    "历史": "history", "赢单": "deal win", "输单": "deal lose", "推进": "deal move",
}  # fmt: skip

_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}


def _nearest(word: str, known: Collection[str]) -> str | None:
    from difflib import get_close_matches

    hits = get_close_matches(word.lower(), list(known), n=1, cutoff=0.7)
    return hits[0] if hits else None


def unknown_verb(noun: str, args: Sequence[str], known: Collection[str]) -> Misuse:
    """`crm deal ls`, `crm deal rollout`, `crm deal rollout win`, `crm deal stage:won`."""
    typed, rest = args[0], list(args[1:])
    meant = _meant_verb(noun, typed.translate(_WIDE).strip().lower(), typed, rest, known)
    verbs = " ".join(known)
    if meant:
        return Misuse(
            "{verb} is no verb of crm {noun}", hint=TYPE, noun=noun, verb=typed, verbs=verbs, line=line(["crm", *meant])
        )
    shown = [noun, "show", " ".join(_words_before_options(args)), *_from_options(args)]
    return Misuse(
        "{verb} is no verb of crm {noun}",
        hint="Verbs: {verbs}",
        noun=noun,
        verb=typed,
        verbs=verbs,
        lines=[(TYPE, line(["crm", *shown]))] if "show" in known else [],
    )


def _meant_verb(noun: str, low: str, typed: str, rest: list[str], known: Collection[str]) -> list[str]:
    """The words of the line behind crm; empty where nobody can tell."""
    elsewhere = _of_another_noun(noun, low, rest)
    if elsewhere:
        return elsewhere
    meant = NEAR_VERBS.get(low, low)
    meant = meant if meant in known else _INSTEAD.get(meant, "")
    if meant not in known and rest and rest[0].lower() in known:
        return [noun, rest[0].lower(), typed, *rest[1:]]  # `crm deal rollout win`
    if meant not in known:
        meant = _nearest(low, known) or ""
    if meant:
        return [noun, meant, *rest]
    if ":" in typed or typed.startswith("@"):
        return [noun, "list", typed, *rest]
    if noun == "tag" and rest:
        return [noun, "add", typed, *rest]
    if noun == "segment" and rest:
        return [noun, "add", typed, *rest]
    return []


def _words_before_options(args: Sequence[str]) -> list[str]:
    """A name of several words is one reference."""
    end = next((i for i, word in enumerate(args) if word.startswith("-")), len(args))
    return list(args[:end])


def _from_options(args: Sequence[str]) -> list[str]:
    return list(args[len(_words_before_options(args)) :])


def _of_another_noun(noun: str, typed: str, rest: list[str]) -> list[str]:
    """Lines whose words stand elsewhere here."""
    if noun == "interaction" and NEAR_VERBS.get(typed, typed) == "add":
        return ["log", *rest]
    if noun == "customer" and typed == "close" and rest:
        return ["customer", "edit", *rest, "--status", "closed"]
    if noun in ("customer", "contact", "deal") and typed in ("tag", "untag") and len(rest) > 1:
        return ["tag", "add" if typed == "tag" else "remove", rest[-1], *rest[:-1]]
    if noun == "tag" and NEAR_VERBS.get(typed) == "remove" and len(rest) == 1:
        return ["tag", "remove", rest[0], f"tag:{rest[0]}"]
    return []


_LEAVING = frozenset(("exit", "quit", "bye", "logout", "退出", "离开"))


def verb_alone(typed: str, plurals: Mapping[str, str]) -> str:
    """The verb of a line that begins with one, as `crm edit acme`; empty where a word of that name means more."""
    low = typed.translate(_WIDE).strip().lower()
    verb = NEAR_VERBS.get(low, low)
    return verb if verb in _VERBS - {"list", "show"} and low not in NEAR_WORDS and low not in plurals else ""


def without_noun(args: Sequence[str], verb: str, nouns: Sequence[str], paste: Sequence[str]) -> Misuse:
    """`crm edit acme`, `crm add`: `nouns` have that verb, `paste` is the line where the next word names a record."""
    return Misuse(
        "{typed} comes behind its noun: crm NOUN {verb}",
        hint="Nouns that have it: {nouns}",
        typed=args[0],
        verb=verb,
        nouns=" ".join(nouns),
        lines=[(TYPE, line(["crm", *paste]))] if paste else [],
    )


def unknown_command(args: Sequence[str], entries: Mapping[str, Any], plurals: Mapping[str, str]) -> Misuse:
    """`crm list deals`, `crm companies`, `crm acme`."""
    typed, rest = args[0], list(args[1:])
    if typed.lower() in _LEAVING:
        return Misuse(
            "There is nothing to leave: crm ends by itself after each command", hint="All commands: crm --help"
        )
    paste = _with_verb(entries, _meant_command(typed.translate(_WIDE).strip().lower().split(), rest, entries, plurals))
    if paste:
        noun = args[1].lower() if len(args) > 1 else ""
        swapped = (
            typed.lower() != "crm"
            and paste[0] in (noun, plurals.get(noun), NEAR_WORDS.get(noun))
            and paste[0] in entries
        )
        return Misuse(
            "{word} comes after its noun" if swapped else "There is no command {word}",
            hint=TYPE,
            word=typed,
            line=line(["crm", *paste]),
        )
    if rest == ["--help"]:
        return Misuse(
            "There is no help on {word}", hint="All commands: crm --help. First steps: crm help start", word=typed
        )
    looked_up = "show" if typed.isdigit() or (":" in typed and typed.partition(":")[0] in entries) else "find"
    return Misuse(
        "There is no command {word}",
        hint="All commands: crm --help",
        word=typed,
        lines=[(TYPE, line(["crm", looked_up, *args]))],
    )


def _with_verb(entries: Mapping[str, Any], paste: list[str]) -> list[str]:
    """The line with its verb put right too: `crm 客户 列表`."""
    if len(paste) > 1 and paste[0] in entries and entries[paste[0]].is_noun and not paste[1].isascii():
        return [paste[0], NEAR_VERBS.get(paste[1], paste[1]), *paste[2:]]
    return paste


def _meant_command(
    words: list[str], rest: list[str], entries: Mapping[str, Any], plurals: Mapping[str, str]
) -> list[str]:
    """The words of the line behind crm; `words` are the first one in ASCII forms, or two where a wide space joined
    them."""
    if not words:
        return []
    low, rest = words[0], [*words[1:], *rest]
    if low == "crm" and rest:
        return rest
    if low in entries or low in plurals:
        return [low, *rest]  # typed in full-width forms, or with a wide space behind it
    noun = NEAR_WORDS.get(rest[0].lower(), plurals.get(rest[0].lower(), rest[0].lower())) if rest else ""
    if (low in NEAR_VERBS or low in _VERBS) and noun in entries and entries[noun].is_noun:
        return [noun, NEAR_VERBS.get(low, low), *rest[1:]]
    joined = low.replace("_", "-").replace(".", "-").split("-")
    if len(joined) == 2 and plurals.get(joined[0], joined[0]) in entries and joined[1] in (_VERBS | set(NEAR_VERBS)):
        return [plurals.get(joined[0], joined[0]), NEAR_VERBS.get(joined[1], joined[1]), *rest]
    meant = NEAR_WORDS.get(low, "")
    meant = meant if meant.split()[:1] and meant.split()[0] in entries else _nearest(low, [*entries, *plurals]) or ""
    return [*meant.split(), *rest] if meant else []


# ------------------------------------------------------------------ a piece of the line that was meant otherwise


def lines_of(error: CrmError, arguments: Sequence[str]) -> list[tuple[str, str]]:
    """The lines that were probably meant: what was typed with the piece that the error names put right."""
    if not error.instead or not error.instead[0]:
        return []
    typed, *readings = error.instead
    taken = _taken_by_shell() if error.sentence == "Nothing stands after {field}: at {at}" else ""
    if taken:
        readings = [f"{typed}{taken}.."]
    lines: list[str] = []
    for meant in readings:
        words = replaced(arguments, str(typed), meant) if meant is not None else None
        if words is not None:
            if str(meant).startswith("--") and "--" in words:
                words.remove("--")
            lines.append(line(["crm", *words]))
    return [(OR if i else TYPE, text) for i, text in enumerate(dict.fromkeys(lines))]


def _taken_by_shell() -> str:
    """The `10k` of `amount:>10k`, which the shell took for a file to write to: the name of that file."""
    import os
    import stat

    try:
        if not stat.S_ISREG(os.fstat(1).st_mode):
            return ""
        name = os.path.basename(os.readlink("/proc/self/fd/1")).removeprefix("=")
    except OSError:
        return ""
    return name if name[:1].isdigit() and len(name) < 20 else ""


def replaced(arguments: Sequence[str], typed: str, meant: str) -> list[str] | None:
    """The arguments with the one place where something was typed replaced, by nothing where it is empty.

    None where it stands nowhere, or in several places: then nobody can tell which.
    """
    words = [_folded(word) for word in arguments]
    sought = _folded(typed)
    spans = [
        (i, j)
        for i in range(len(words))
        for j in range(i + 1, min(len(words), i + 40) + 1)
        if " ".join(words[i:j]) == sought
    ]
    if len(spans) == 1:
        first, behind = spans[0]
        return [*arguments[:first], *([meant] if meant else []), *arguments[behind:]]
    if spans or not meant:
        return None
    places = [(i, at) for i, word in enumerate(words) for at in _places(word, sought)]
    if len(places) != 1:
        return None
    i, at = places[0]
    whole = arguments[i]
    return [*arguments[:i], whole[:at] + meant + whole[at + len(sought) :], *arguments[i + 1 :]]


def _folded(word: str) -> str:
    """Full-width forms as ASCII, without case; as long as it was."""
    ascii_ = word.translate(_WIDE)
    low = ascii_.lower()
    return low if len(low) == len(word) else ascii_


def _places(word: str, sought: str) -> list[int]:
    """Where a piece stands in a word as a whole: between colons, dots of a range, parentheses and spaces."""
    found, at = [], word.find(sought)
    while at >= 0:
        before, behind = word[:at], word[at + len(sought) :]
        begins = not before or before in ("@", "#") or before[-1] in " :(=,\"'" or before.endswith("..")
        begins = begins or (sought[0].isdigit() and (before[-1].isalpha() or before[-1] in "€$£¥"))
        ends = not behind or sought[-1] == ":" or behind[0] in " ):=,\"'" or behind.startswith("..")
        ends = ends or (sought[-1].isdigit() and behind[0].isalpha())
        if begins and ends:
            found.append(at)
        at = word.find(sought, at + 1)
    return found


def json_keys(words: Sequence[str], keys: str) -> Misuse:
    """`--json name,email`, as gh has it; `words` are the line without the keys."""
    at = words.index("--json") + 1
    return Misuse(
        "--json takes no keys: {keys}",
        hint=TYPE,
        keys=keys,
        line=line(["crm", *words[:at], "--columns", keys, *words[at:]]),
    )


def refuse_json_keys(arguments: Sequence[str], options: Collection[str]) -> None:
    """Keys behind --json are taken for words to search for: the silent empty list of everybody who comes from gh."""
    at = next((i for i, word in enumerate(arguments) if word == "--json"), -1)
    typed = arguments[at + 1] if 0 <= at < len(arguments) - 1 else ""
    keys = [key.strip() for key in typed.replace("，", ",").split(",")]
    from crm_cli.rules.fields import is_any_field

    looks_like_keys = any(map(is_any_field, keys)) or all(key.isidentifier() and key.islower() for key in keys)
    if "--" in arguments[: at + 1] or len(keys) < 2 or not looks_like_keys:
        return
    rest = [*arguments[: at + 1], *arguments[at + 2 :]]
    if "--columns" in options:
        raise json_keys(rest, typed)
    raise Misuse("--json takes no keys: {keys}", hint=TYPE, keys=typed, line=line(["crm", *rest]))


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
