"""The file of rejected rows: the columns of the original and the reasons, to be mended and fed back."""

import csv
import io
import json
import os
from contextlib import suppress

from crm_cli.actions.imports.plan import REASON, Plan
from crm_cli.actions.imports.problems import Problems
from crm_cli.errors import Conflict, CrmError
from crm_cli.formats.tabular import Table, read_table
from crm_cli.formats.target import open_binary_target
from crm_cli.store.bulk import Staging

_WINDOWS = ("utf-8-sig", "utf-16", "gb18030", "cp1252", "big5")


class Rejects:
    """A file that this program may replace or remove: one of its own, or none yet."""

    def __init__(self, path: str) -> None:
        self.path = path
        if os.path.lexists(path) and not self._is_ours():
            raise Conflict(
                "{path} is already there, and is no file of rejected rows.",
                hint="Choose another name for --rejects.",
                path=path,
            )

    def _is_ours(self) -> bool:
        """Whether the last column is that of the reasons; what is no plain file is written to as it is."""
        if not os.path.isfile(self.path):
            return not os.path.isdir(self.path)
        if os.path.getsize(self.path) == 0:
            return True
        try:
            table = read_table(self.path)
        except CrmError:
            return False
        with suppress(AttributeError):
            table.records.close()  # type: ignore[attr-defined]
        return table.headers[-1:] == [REASON]

    def write(self, db: Staging, plan: Plan, problems: Problems, table: Table) -> None:
        """Write the spoiled rows, each with all its reasons; an earlier file is replaced in one step."""
        reasons = problems.reasons or {}
        encoding = "utf-8-sig" if table.encoding.lower() in _WINDOWS else "utf-8"
        headers = [header if place not in table.blank_columns else "" for place, header in enumerate(table.headers)]
        drop = len(headers) - 1 if headers[-1] == REASON and _reasons_only(plan, headers) else None
        if drop is not None:
            del headers[drop]
        with open_binary_target(self.path, force=True) as binary:
            text = io.TextIOWrapper(binary, encoding=encoding, errors="replace", newline="")
            writer = csv.writer(text, delimiter=table.delimiter, lineterminator="\n", quoting=csv.QUOTE_MINIMAL)
            writer.writerow([*headers, REASON])
            for n, raw in db.stream("SELECT n, raw FROM s_reject ORDER BY n"):
                cells = json.loads(raw)
                own, surplus = cells[: plan.width], cells[plan.width :]
                if drop is not None:
                    del own[drop]
                writer.writerow([*own, "; ".join(reasons.get(n, ())), *surplus])
            text.flush()
            text.detach()

    def remove(self) -> None:
        """No row was bad: an earlier file of ours has nothing to say any more."""
        if os.path.isfile(self.path):
            with suppress(OSError):
                os.unlink(self.path)


def _reasons_only(plan: Plan, headers: list[str]) -> bool:
    """Whether the last column of a file that is fed back is that of the reasons, which is written anew."""
    column = next(
        (c for columns in [*plan.fields.values(), plan.custom] for c in columns if c.place == len(headers) - 1), None
    )
    return column is None or column.header == REASON
