"""The journal of every change, which history and undo read; the triggers that write it are made anew after this."""

from pathlib import Path

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Frozen SQL, as it was released."""
    text = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
    for statement in text.split(";\n"):
        if statement.strip():
            op.get_bind().exec_driver_sql(statement)
