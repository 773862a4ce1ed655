"""Words of a list's query: rows that the full-text index knows not to have a word need not be read for it."""

from collections.abc import Callable
from typing import Any

from crm_cli.queries.search_places import RECORDS, Index
from crm_cli.rules import tokens
from crm_cli.rules.tokens import Word
from crm_cli.store import fulltext
from crm_cli.store.reader import Reader

_FEW = 20_000  # rows named by the index; of a word that more have, a list is full before many rows are read


def may_have(db: Reader, noun: str, row_id: str, word: str, bind: Callable[[Any], str]) -> str:
    """A test in SQL that every row passes in whose name or text a folded word stands, be it within words; "" where
    there is no index, where it cannot say, or would name very many."""
    head = tokens.leading(word)
    if noun not in RECORDS or 0 < len(head) < tokens.SHORT:
        return ""
    index, place = Index(db), RECORDS[noun]
    match = index.match([Word((word,))]) if index.has_index and index.marks[place.number] else ""
    if match == "":
        return ""
    first, last = place.base + 1, place.base + (1 << 40) - 1
    mark = f"(SELECT last_id FROM search_mark WHERE place = {place.number})"
    changed = f"(SELECT doc - {place.base} FROM search_pending WHERE doc BETWEEN {first} AND {last})"
    tests = [f"{row_id} > {mark}", f"{row_id} IN {changed}"]
    if match is not None:
        asked = f"FROM {fulltext.INDEX} f WHERE f.{fulltext.INDEX} MATCH {{}} AND f.rowid BETWEEN {first} AND {last}"
        most = f"SELECT count(*) FROM (SELECT 1 {asked.format(':match')} LIMIT {_FEW + 1})"
        if db.value(most, {"match": match}) > _FEW:
            return ""
        tests.append(f"{row_id} IN (SELECT f.rowid - {place.base} {asked.format(bind(match))})")
    return f"({' OR '.join(tests)})"
