"""What is sold and to whom: products, orders, rates, tiers, ideal customers; and the scores made of them."""

from crm_cli.store.released import run_beside

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """The SQL beside this file."""
    run_beside(__file__)
