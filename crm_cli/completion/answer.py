"""crm __complete: what a shell is told on TAB. No Typer, no SQLModel; whatever is wrong, the answer is empty."""

from crm_cli.completion.lines import Typed, bash_line, for_bash, for_others, in_common, mode_of
from crm_cli.completion.table import Option, Table
from crm_cli.config import Config
from crm_cli.i18n import from_environment, language_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from crm_cli.completion.lines import Offer

_MOST = 200  # candidates


def answer(words: list[str], environ: dict[str, str]) -> str:
    """The lines for a shell: `bash TYPE BREAKS LINE`, `zsh WORDS...`, `fish WORDS...`, `powershell` with
    CRM_COMPLETE. The last word is the one to complete."""
    shell = words[0]
    if shell == "bash":
        typed = bash_line(words[3], words[2])
    else:
        given = environ["CRM_COMPLETE"].split("\n") if shell == "powershell" else words[1:]
        typed = Typed(given[:-1], given[-1])
    if typed.is_file:
        return "files\n"
    place = Place(typed, environ)
    offers = place.offers()
    if offers is None:
        return "files\n"
    offers = [(value, text) for value, text in dict(offers).items() if _fits(value, typed)][:_MOST]
    if not offers:
        return "words\n"
    mode = mode_of(typed, offers, len(offers) == 1 or _is_within(typed, offers))
    lines = for_bash(typed, offers, mode, words[1]) if shell == "bash" else for_others(offers)
    return "\n".join([mode, *lines]) + "\n"


def _fits(value: str, typed: Typed) -> bool:
    """What bash keeps of the word must be what the candidate begins with, but for case."""
    return not typed.kept or value[: len(typed.kept)].lower() == typed.kept.lower()


def _is_within(typed: Typed, offers: "list[Offer]") -> bool:
    from crm_cli.completion.keys import key_of

    if not typed.word:
        return True
    common = in_common(value[len(typed.kept) :] for value, _ in offers)
    return key_of(typed.word[len(typed.kept) :]) in key_of(common)


class Place:
    """Where the cursor stands: in which command, at which argument, or behind which option."""

    def __init__(self, typed: Typed, environ: dict[str, str]) -> None:
        self.word = typed.word
        self.environ = environ
        self.flags: dict[str, str] = {}
        self.command = ""
        self.is_known = True
        self.is_help = False
        self.is_bare = False  # behind --, where nothing is an option
        self.values: list[str] = []
        self.used: list[str] = []
        self.waiting: Option | None = None
        self._peek(typed.before)
        self.config = Config(environ, self.flags)
        self.language = self._language()
        self.table = Table(self.language)
        for word in typed.before:
            self._step(word)

    def _peek(self, words: list[str]) -> None:
        """--db and --lang, wherever they stand: they say which table is read."""
        for i, word in enumerate(words):
            name, equals, value = word.partition("=")
            if name in ("--db", "--lang"):
                self.flags[name[2:]] = value if equals else "".join(words[i + 1 : i + 2])

    def _language(self) -> str:
        wish = self.config.get("lang")
        return (language_of(wish) if wish else None) or from_environment(self.environ) or "en"

    @property
    def path(self) -> str:
        """The command whose options are meant: a bare noun is its list."""
        return f"{self.command} list" if self.table.has_verbs(self.command) else self.command

    def _step(self, word: str) -> None:
        """One whole word further."""
        if self.waiting is not None:
            self.waiting = None
        elif word == "--" and not self.is_bare:
            self.is_bare = True
        elif word[:1] == "-" and len(word) > 1 and not self.is_bare:
            name, equals, _ = word.partition("=")
            option = self.table.find_option(self.path, name)
            if option is not None:
                self.used.append(option.names[0])
                self.waiting = option if option.takes and not equals else None
        elif word == "help" and (not self.command or self.table.has_verbs(self.command)):
            self.is_help = True
        elif not self.command:
            self.command = self.table.noun(word)
            self.is_known = self.command != ""
        elif self.table.has_verbs(self.command):
            self.is_known = bool(self.table.row(f"{self.command} {word}"))
            self.command = f"{self.command} {word}"
        else:
            self.values.append(word)

    def offers(self) -> "list[Offer] | None":
        """The candidates; None where the shell completes file names."""
        if not self.is_known:
            return []
        if self.waiting is not None:
            return self._values(self.waiting.kind, "", self.word)
        if self.word[:1] == "-" and not self.is_bare:
            name, equals, value = self.word.partition("=")
            option = self.table.find_option(self.path, name) if equals else None
            return self._values(option.kind, f"{name}=", value) if option else self._options()
        if not self.command:
            return self._beginning([*self.table.commands(), *([] if self.is_help else [("help", "")])])
        if self.table.has_verbs(self.command):
            return self._beginning(self.table.verbs(self.command))
        return [] if self.is_help else self._argument()

    def _argument(self) -> "list[Offer] | None":
        kinds = self.table.arguments(self.command)
        if kinds in ([], [""]):
            return [] if self.word else self._options()
        at = len(self.values)
        if at >= len(kinds) and not kinds[-1].endswith("*"):
            return []
        return self._values(kinds[min(at, len(kinds) - 1)].rstrip("*"), "", self.word)

    def _options(self) -> "list[Offer]":
        """Long names; short ones have none. What was typed and cannot stand twice is left out."""
        options = [o for o in self.table.options(self.path) if o.several or o.names[0] not in self.used]
        return self._beginning([(option.names[0], option.text) for option in options])

    def _beginning(self, offers: "list[Offer]") -> "list[Offer]":
        return [offer for offer in offers if offer[0].startswith(self.word)]

    def _values(self, kind: str, head: str, word: str) -> "list[Offer] | None":
        if kind == "file":
            return None
        from crm_cli.completion.values import Values

        offers = Values(self, kind).offers(word)
        if kind == "backup" and not offers:
            return None  # a file of any place
        return [(head + value, text) for value, text in offers] if head else offers
