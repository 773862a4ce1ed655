"""The candidates where a value stands, by its kind (kinds.py): fixed words, words in use, small tables, dates."""

from crm_cli.completion.keys import key_of, readable, typable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from crm_cli.completion.answer import Place
    from crm_cli.completion.lines import Offer

MOST = 50  # of one table
_NEWEST = 100_000  # rows that are looked through for the values in use
_RECORDS = ("customer", "contact", "deal", "task", "interaction")

# table -> SQL of its names, the key and what each is
_SMALL = {
    "member": "SELECT name, name_key, coalesce(email, '') FROM member WHERE removed_at IS NULL ORDER BY 2",
    "pipeline": "SELECT name, name_key, '' FROM pipeline WHERE removed_at IS NULL",
    "stage": "SELECT name, name_key, '' FROM stage WHERE removed_at IS NULL ORDER BY pipeline_id, position",
    "tag": "SELECT name, name_key, '' FROM tag ORDER BY 2",
    "segment": "SELECT name, name_key, query FROM segment WHERE removed_at IS NULL ORDER BY 2",
    "view": "SELECT name, name_key, noun FROM view WHERE removed_at IS NULL ORDER BY 2",
    "tier": "SELECT name, name_key, query FROM tier ORDER BY position",
    "icp": "SELECT DISTINCT name, name_key, '' FROM icp WHERE removed_at IS NULL ORDER BY 2",
    "product": "SELECT code, code_key, name FROM product WHERE removed_at IS NULL ORDER BY 2",
    "mapping": "SELECT name, name_key, kind FROM import_mapping WHERE name NOT LIKE '~%' ORDER BY 2",
}
_SPANS = "1d 3d 7d 14d 30d 90d 1w 2w 1mo 3mo 6mo 1y"
_EVERY = "day 1w 2w month 3mo quarter year mon tue wed thu fri"
_WEEKDAYS = "mon tue wed thu fri sat sun".split()


class Values:
    """Answers kinds at one place of the line."""

    def __init__(self, place: "Place", kind: str) -> None:
        self.place = place
        self.table = place.table
        self.kind = kind
        self._lookup: Any = None

    @property
    def is_chinese(self) -> bool:
        return self.place.language == "zh"

    def rows(self, sql: str, params: "tuple[Any, ...]" = ()) -> "list[tuple[Any, ...]]":
        """Rows of the database that the line means."""
        if self._lookup is None:
            import os

            from crm_cli.store.lookup import Lookup

            path = self.place.config.database()
            self._lookup = Lookup(os.path.expandvars(path) if "$" in path else path)
        found: list[tuple[Any, ...]] = self._lookup.rows(sql, params)
        return found

    def offers(self, word: str) -> "list[Offer]":
        """The candidates of all kinds that may stand here; of a query only what no record begins with."""
        kinds = self.kind.split("+")
        records = [kind for kind in kinds if kind.partition(".")[0] in _RECORDS]
        found: list[Offer] = []
        if records:
            from crm_cli.completion.records import records_of

            found += records_of(self, records, word)
        for kind in kinds:
            is_query = kind.startswith("query:")
            if kind not in records and not (is_query and records and (found or not word)):
                found += self.one(kind, word)
        return found

    def one(self, kind: str, word: str) -> "list[Offer]":
        """The candidates of one kind that is no record."""
        name, _, rest = kind.partition(":")
        if kind[:1] == "=":
            return self._fixed(kind[1:].split(","), word)
        if name in _SMALL:
            return self._small(name, word)
        if name == "backup":
            return self._backups(word)
        if name == "line":
            return [] if ":" in word else [(f"{code}:", text) for code, text in self._small("product", word)]
        if name == "query":
            from crm_cli.completion.terms import terms_of

            return terms_of(self, self._noun_of_query(rest), word)
        by_rest = {"fixed": self._group, "use": self._in_use, "fields": self._keys, "sort": self._sort}
        by_rest["drop"] = self._drop
        if name in by_rest:
            return by_rest[name](rest, word)
        by_name = {"day": self._day, "past": self._past, "setting": self._settings}
        if name in by_name:
            return by_name[name](word)
        words = {"span": _SPANS, "every": _EVERY, "shell": "bash zsh fish powershell"}.get(name, "")
        return self._fixed(words.split(), word)

    def _noun_of_query(self, noun: str) -> str:
        """export's first argument names the noun."""
        if noun != "export":
            return noun
        kind = self.place.values[0].lower() if self.place.values else ""
        return kind.removesuffix("s") if kind.removesuffix("s") in _RECORDS else "any"

    # ------------------------------------------------------------------ words that do not change

    def _backups(self, word: str) -> "list[Offer]":
        import os

        from crm_cli.store.backups import listed

        config = self.place.config
        found = listed(config.database(), os.path.expanduser(config.get("backup-dir")))
        return [(name, "") for name in ("latest", *(one.name for one in found)) if name.startswith(word)]

    def _fixed(self, cells: list[str], word: str) -> "list[Offer]":
        """Words, each with its Chinese name behind a slash; who types Chinese is offered the Chinese ones."""
        key = key_of(word)
        found: list[Offer] = []
        for cell in cells:
            value, _, chinese = cell.partition("/")
            if value.startswith(key):
                found.append((value, chinese if self.is_chinese else ""))
            elif chinese and key and chinese.startswith(key):
                found.append((chinese, value))
        return found

    def _group(self, group: str, word: str) -> "list[Offer]":
        cells = self.table.row(f"@{group}")
        if group == "channel":
            cells = cells + [own for own in self.place.config.get("channels").replace(" ", "").split(",") if own]
        return self._fixed(cells, word)

    def _settings(self, word: str) -> "list[Offer]":
        if self.place.command == "config set" and self.place.values:
            return []
        return [(name, text) for name, _, text in self._cells("%") if name.startswith(word)]

    def _cells(self, head: str) -> list[tuple[str, str, str]]:
        return [cell.partition("|") for cell in self.table.row(head)]

    def _keys(self, noun: str, word: str) -> "list[Offer]":
        """`--columns name,ph`: the key behind the last comma."""
        head, comma, last = word.rpartition(",")
        taken = head.split(",")
        keys = [short or key for key, short, _, _ in self.table.fields(noun)]
        return [(head + comma + key, "") for key in keys if key.startswith(last) and key not in taken]

    def _sort(self, noun: str, word: str) -> "list[Offer]":
        """As columns, with - before what begins with the largest."""
        head, comma, last = word.rpartition(",")
        mark = "-" if last.startswith("-") else ""
        return [
            (head + comma + mark + key, text)
            for key, text in self._keys(noun, last.removeprefix("-"))
            if "," not in key
        ]

    def _drop(self, keys: str, word: str) -> "list[Offer]":
        name, equals, value = word.partition("=")
        if equals:
            return [(f"tag={tag}", text) for tag, text in self._small("tag", value)] if name == "tag" else []
        return [(f"{key}=", "") for key in keys.split(",") if key.startswith(word)]

    # ------------------------------------------------------------------ from the database

    def _small(self, name: str, word: str) -> "list[Offer]":
        """Names of a small table, whole; stages answer to their Chinese names too."""
        key = key_of(word).rstrip()
        rows = self.rows(_SMALL[name])
        own = [("me", "me", "")] if name == "member" and rows else []
        found: list[Offer] = []
        for value, value_key, text in [*own, *rows]:
            shown = typable(value, value_key) if value_key.startswith(key) else ""
            if shown and shown[0] != "-":
                found.append((shown, readable(text)))
        if name == "stage":
            known = {value for value, _ in self._all_stages()}
            cells = [cell for cell in self.table.row("@stage") if cell.partition("/")[0] in known]
            names = dict(self._fixed(cells, word))
            found = [(value, text or names.get(value, "")) for value, text in found]
            found += [(value, text) for value, text in names.items() if not value.isascii()]
        return found

    def _all_stages(self) -> "list[tuple[str, str]]":
        return [(key, "") for _, key, _ in self.rows(_SMALL["stage"])]

    def _in_use(self, place: str, word: str) -> "list[Offer]":
        """Values of a text column, the usual ones first, by the newest rows."""
        table, _, column = place.partition(".")
        if table not in (*_RECORDS, "product") or not column.replace("_", "").isalpha():
            return []
        key = key_of(word).rstrip()
        rows = self.rows(
            f"SELECT value FROM (SELECT {column} AS value FROM {table} WHERE removed_at IS NULL"
            " ORDER BY id DESC LIMIT ?) WHERE value IS NOT NULL GROUP BY value ORDER BY count(*) DESC LIMIT 500",
            (_NEWEST,),
        )
        found: list[Offer] = []
        for (value,) in rows:
            shown = typable(value, key_of(value).strip()) if key_of(value).startswith(key) else ""
            if shown and shown[0] != "-":
                found.append((shown, ""))
        return found[:MOST]

    # ------------------------------------------------------------------ days

    def _day(self, word: str) -> "list[Offer]":
        """Days to come."""
        chinese = "今天 明天 后天 {} 3天后 下周一 月底 下个月".format(
            " ".join(self._weekdays("周一 周二 周三 周四 周五 周六 周日"))
        )
        english = ["today", "tomorrow", *self._weekdays(" ".join(_WEEKDAYS)), "+1d", "+3d", "+1w", "+2w", "+1mo"]
        english += ["next month", "end of month", "end of next month"]
        return self._spoken(english, chinese.split(), word)

    def _past(self, word: str) -> "list[Offer]":
        """Days that have been."""
        chinese = "今天 昨天 前天 {}".format(" ".join(self._weekdays("周一 周二 周三 周四 周五 周六 周日")))
        english = ["today", "yesterday", *self._weekdays(" ".join(_WEEKDAYS)), "-1d", "-3d", "-1w", "-2w", "-1mo"]
        return self._spoken(english, chinese.split(), word)

    def _spoken(self, english: list[str], chinese: list[str], word: str) -> "list[Offer]":
        """In the user's language, or in the one that was begun."""
        key = key_of(word)
        is_chinese = self.is_chinese if not key else not key.isascii()
        return [(day, "") for day in (chinese if is_chinese else english) if day.startswith(key)]

    def _weekdays(self, names: str) -> list[str]:
        """All but today's own, which could be today or in a week."""
        import time

        fixed = self.place.environ.get("CRM_NOW", "")[:10].split("-")
        now = time.localtime()
        if len(fixed) == 3 and all(part.isdigit() for part in fixed):
            year, month, day = map(int, fixed)
            now = time.localtime(time.mktime((year, month, day, 12, 0, 0, 0, 0, -1)))
        days = names.split()
        return days[now.tm_wday + 1 :] + days[: now.tm_wday]
