"""What questions would walk over is kept beside: how many deals stand where and how long they stayed (counted when the
triggers that keep it are made), and the words of the index as sheets."""

from crm_cli.store.released import run_beside

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """The SQL beside this file."""
    run_beside(__file__)
