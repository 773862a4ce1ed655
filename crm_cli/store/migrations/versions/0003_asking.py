"""Who is in a segment and since when, views, and pairs that only look like duplicates."""

from crm_cli.store.released import run_beside

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """The SQL beside this file."""
    run_beside(__file__)
