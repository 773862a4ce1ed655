"""Who is leaving, in the order of the call sheet; how long deals stayed, from the index alone; whose the lines and
prices were that are gone; and shorter triggers, which every migration makes anew."""

from pathlib import Path

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Frozen SQL, as it was released."""
    text = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
    for statement in text.split(";\n"):
        if statement.strip():
            op.get_bind().exec_driver_sql(statement)
