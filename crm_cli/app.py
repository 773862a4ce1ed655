"""The root: the table of contents of the whole program, and its entry point."""

import gc
import os
import sys

from crm_cli import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing alone costs half of what completion may
    from typing import NoReturn

DAY, LOOK, RECORDS, FILES, PROGRAM = "Every day", "Look up", "Customers and deals", "Files", "Set up"

# name -> module, help, section, whether it is a noun with verbs, plural
NOUNS: dict[str, tuple[str, str, str, bool, str]] = {
    "today": ("reports", "Show what today asks for.", DAY, False, ""),
    "followups": ("reports", "Show the call sheet: whom to turn to, and why.", DAY, False, ""),
    "log": ("activity", "Take down a call, an e-mail, a meeting, a visit or a note.", DAY, False, ""),
    "done": ("activity", "Tick off what is on the call sheet.", DAY, False, ""),
    "snooze": ("activity", "Put something off until a day.", DAY, False, ""),
    "next": ("walking", "Walk the call sheet: log, done, snooze, move, skip with one key.", DAY, False, ""),
    "remind": ("reminding", "Tell what is due, for cron: silent when nothing is.", DAY, False, ""),
    "undo": ("past", "Take back my newest command, my last N, or one by its number.", DAY, False, ""),
    "redo": ("past", "Do again what my newest undo took back.", DAY, False, ""),
    "shell": ("shell", "Type one command after another, each answered at once.", DAY, False, ""),
    "find": ("reports", "Find customers, contacts, deals, interactions and tasks.", LOOK, False, ""),
    "show": ("reports", "Show everything about one record.", LOOK, False, ""),
    "history": ("past", "Show what was done, and what became of one record.", LOOK, False, ""),
    "funnel": ("reports", "Show the funnel: what stands in each stage and what it is worth.", LOOK, False, ""),
    "report": ("reporting", "What was done, what it brought, and what may come.", LOOK, True, ""),
    "why": ("why", "Show what stands behind the scores of a customer.", LOOK, False, ""),
    "score": ("scoring", "Work out tiers, stages of life, risk and more of all customers.", LOOK, False, ""),
    "predict": ("predictions", "What customers are likely to order, and who is slipping away.", LOOK, True, ""),
    "customer": ("customers", "Companies and persons who buy, or may buy.", RECORDS, True, "customers"),
    "contact": ("contacts", "The people at a customer.", RECORDS, True, "contacts"),
    "deal": ("deals", "Possible sales, from lead to won or lost.", RECORDS, True, "deals"),
    "order": ("orders", "What customers bought, and what came back.", RECORDS, True, "orders"),
    "task": ("tasks", "What is to be done, and by when.", RECORDS, True, "tasks"),
    "interaction": ("activity", "What happened with customers.", RECORDS, True, "interactions"),
    "product": ("products", "What is sold: products and services, and what goes with them.", RECORDS, True, "products"),
    "tag": ("words", "Words put on customers, contacts and deals.", RECORDS, True, "tags"),
    "segment": ("words", "Saved queries with a name.", RECORDS, True, "segments"),
    "view": ("views", "Lists with a name: a query, its columns, order and groups.", RECORDS, True, "views"),
    "dupes": (
        "dupes",
        "Show who is likely there twice, and why; merge them, or say that they are two.",
        RECORDS,
        False,
        "",
    ),
    "import": (
        "transfer",
        "Load customers, contacts, deals and more from the files of other programs.",
        FILES,
        False,
        "",
    ),
    "export": ("transfer", "Write records to a file or to stdout.", FILES, False, ""),
    "backup": ("backups", "Copies of the database: made, listed, brought back.", FILES, True, "backups"),
    "rate": ("rates", "What one currency is worth in another, by day.", PROGRAM, True, "rates"),
    "tier": ("tiers", "What customers are worth, by rules, and their service.", PROGRAM, True, "tiers"),
    "icp": ("icp", "Whom we want: the ideal customer, and how well others fit.", PROGRAM, True, ""),
    "lifecycle": ("lifecycle", "What to do with customers in each stage of their life.", PROGRAM, True, ""),
    "stage": ("team", "The steps of a pipeline.", PROGRAM, True, "stages"),
    "member": ("team", "The people of the team.", PROGRAM, True, "members"),
    "privacy": ("privacy", "What is kept of people: handed out, erased, agreed to.", PROGRAM, True, ""),
    "purge": ("purging", "Empty the recycle bin, or cut off old history, for good.", PROGRAM, False, ""),
    "fields": ("system", "List the fields of a noun, for queries and columns.", PROGRAM, False, ""),
    "config": ("system", "Show, set and unset settings.", PROGRAM, True, ""),
    "check": ("checking", "Check that the database is sound, and mend it.", PROGRAM, False, ""),
    "completion": ("completing", "Print what makes your shell complete crm on TAB.", PROGRAM, False, ""),
    "demo": ("system", "Make a throw-away company to play with.", PROGRAM, False, ""),
}


def execute(arguments: list[str], environ: dict[str, str]) -> int:
    """One run of the program with nothing kept from another; returns the exit code."""
    if arguments[:1] == ["__complete"]:
        return _complete(arguments[1:], environ)
    from crm_cli.context import App, choose_language
    from crm_cli.errors import CrmError

    app = App(environ)
    app.again = execute
    try:
        choose_language(arguments, environ)
    except CrmError as error:
        app.out.error(error)
        return error.code
    from crm_cli.lazy import Entry, Root, run

    entries = {name: Entry(*line) for name, line in NOUNS.items()}
    return run(Root(entries, bare="today"), arguments, app)


def _complete(words: list[str], environ: dict[str, str]) -> int:
    """What a shell asks on TAB, before anything else is loaded. Whatever goes wrong, nothing may be said: the answer
    would land in the middle of a line that somebody types."""
    try:
        from crm_cli.completion.answer import answer

        sys.stdout.buffer.write(answer(words, environ).encode("utf-8", "replace"))
    except (Exception, KeyboardInterrupt):
        return 0
    return 0


def main() -> "NoReturn":
    """The console script. Collecting garbage while importing, and tearing down afterwards, would cost more than
    most commands: the first is put off, the second is left to the system once all is kept and said."""
    gc.disable()
    if sys.argv[1:] in (["--version"], ["-V"]):
        code = _version()
    else:
        os.umask(0o077)
        if sys.argv[1:2] != ["__complete"]:
            from crm_cli.postponed import postpone

            postpone()
        code = execute([_decoded(argument) for argument in sys.argv[1:]], dict(os.environ))
    _leave(code)


def _decoded(argument: str) -> str:
    """UTF-8 whatever the locale says: where that is ASCII, Python hands bytes over as lone surrogates."""
    if argument.isascii():
        return argument
    try:
        return os.fsencode(argument).decode("utf-8")
    except UnicodeDecodeError:
        return argument  # refused by name, once there is somebody to say so


def _version() -> int:
    try:
        print(f"crm {__version__}")  # noqa: T201 - before anything else is loaded
    except (OSError, ValueError):
        return 5
    return 0


def _leave(code: int) -> "NoReturn":
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except BrokenPipeError:
            pass
        except (OSError, ValueError):
            code = code or (5 if stream is sys.stdout else 0)
    os._exit(code)


if __name__ == "__main__":
    main()
