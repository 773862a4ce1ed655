"""Print which planted bug is caught by which test: python tests/planted.py [NAME...]"""

import re
import sys
import tempfile
from pathlib import Path

from test_guards import PLANTS, planted, run


def main(names: list[str]) -> int:
    missed = 0
    for plant in PLANTS:
        if names and plant.name not in names:
            continue
        with tempfile.TemporaryDirectory() as folder:
            copy = planted(plant, Path(folder))
            for test in plant.tests:
                done = run(copy, (test,))
                caught = done.returncode == 1 and " failed" in done.stdout
                missed += not caught
                said = re.findall(r"^(\w*(?:Error|Exception|Failed)\b.*)$", done.stdout, re.MULTILINE)
                print(
                    f"{'caught' if caught else 'MISSED'}\t{plant.name}\t{test}\t{said[0][:100] if said else ''}",
                    flush=True,
                )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
