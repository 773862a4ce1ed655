"""All invariants, asked one by one: each is one look at the database, so that nobody waits long for it."""

from collections.abc import Iterator

from crm_cli.errors import Busy, CrmError
from crm_cli.queries.checks import (
    deals,
    journal,
    keptwice,
    keys,
    links,
    products,
    rates,
    search,
    shapes,
    tallies,
    words,
)
from crm_cli.queries.checks.finding import Ask, Finding, Invariant, finding, found_by

# History first: what is derived from it is judged by what it says.
INVARIANTS: tuple[Invariant, ...] = (
    *shapes.INVARIANTS,
    *keys.INVARIANTS,
    *words.INVARIANTS,
    *links.INVARIANTS,
    *deals.INVARIANTS,
    *tallies.INVARIANTS,
    *rates.INVARIANTS,
    *products.INVARIANTS,
    *keptwice.INVARIANTS,
    *journal.INVARIANTS,
    *search.INVARIANTS,
)


def findings(ask: Ask, *, damaged: bool = False) -> Iterator[Finding]:
    """What breaks the invariants. In a damaged file a question may fail: the damage has been named already."""
    for invariant in INVARIANTS:
        try:
            rows = found_by(invariant, ask)
        except Busy:
            raise
        except CrmError:
            if not damaged:
                raise
            continue
        for row in rows:
            yield finding(invariant, row)
