"""Behind `crm export addresses`: the address book that a mail program of the terminal asks."""

from collections.abc import Sequence

from crm_cli.context import App
from crm_cli.errors import Misuse

KINDS = ("addresses", "address", "emails")


def write_addresses(app: App, words: Sequence[str]) -> None:
    """The answer to `query_command` of mutt and neomutt, and to `address-book-cmd` of aerc."""
    from crm_cli.formats.addressbook import answer
    from crm_cli.queries.addresses import find_addresses

    asked = str(app.flags.get("format") or "mutt").lower()
    if asked != "mutt":
        raise Misuse("Addresses are written in the format mutt", hint="Other formats: crm export contacts --format csv")
    with app.read() as db:
        rows = find_addresses(db, words)
    app.speaker("csv").out.write(answer(rows))
