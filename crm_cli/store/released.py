"""What every revision does: run its SQL as it was released."""

from pathlib import Path


def run_beside(revision: str) -> None:
    """Run the statements of the .sql file beside a revision's own `__file__`: frozen, never today's models."""
    from alembic import op

    for statement in Path(revision).with_suffix(".sql").read_text(encoding="utf-8").split(";\n"):
        if statement.strip():
            op.get_bind().exec_driver_sql(statement)
