"""${message}"""

from crm_cli.store.released import run_beside

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    """The SQL beside this file."""
    run_beside(__file__)
