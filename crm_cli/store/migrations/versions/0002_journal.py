"""The journal of every change, which history and undo read; the triggers that write it are made anew after this."""

from crm_cli.store.released import run_beside

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """The SQL beside this file."""
    run_beside(__file__)
