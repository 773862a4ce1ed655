"""Who is leaving, in the order of the call sheet; how long deals stayed, from the index alone; whose the lines and
prices were that are gone; and shorter triggers, which every migration makes anew."""

from crm_cli.store.released import run_beside

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """The SQL beside this file."""
    run_beside(__file__)
