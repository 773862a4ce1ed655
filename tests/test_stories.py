"""Plays every session of README, docs and tests/stories as a person sees it; `--rewrite` writes what the program says now.

A session is a fenced block marked `console` (in a story: the whole file): lines that begin with `$ ` are typed, the lines
below are the screen. A page is one day in one database; `# now 2026-11-26T09:00` in a story moves the clock, and
`$ export CRM_LANG=zh` holds for the lines after it.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ENVIRONMENT, Crm

pytestmark = pytest.mark.ci

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "tests" / "stories").glob("*.txt"))]
SHELL = re.compile(r"[|<>;&$`*]|\bxargs\b")


def blocks(page: Path, text: str) -> list[tuple[int, int]]:
    """Start and end (line indexes) of each session of a page."""
    lines = text.splitlines()
    if page.suffix == ".txt":
        return [(0, len(lines))]
    found, start = [], None
    for i, line in enumerate(lines):
        if line.strip() == "```console":
            start = i + 1
        elif line.strip() == "```" and start is not None:
            found.append((start, i))
            start = None
    return found


class Player:
    """Types the lines of one page."""

    def __init__(self, crm: Crm) -> None:
        self.crm = crm

    def screen(self, line: str) -> list[str]:
        """What the screen shows after a line: data, then words."""
        if line.startswith("crm") and not SHELL.search(re.sub(r"'[^']*'|\"[^\"$`]*\"", "", line)):
            result = self.crm(line.removeprefix("crm").strip()) if line.strip() != "crm" else self.crm("today")
            shown = result.out + result.err
        else:
            shown = self.in_shell(line)
        return [row.rstrip().replace(str(self.crm.folder), "~") for row in shown.splitlines()]

    def in_shell(self, line: str) -> str:
        environ = {**ENVIRONMENT, **self.crm.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        done = subprocess.run(
            ["bash", "-c", line], capture_output=True, text=True, env=environ, cwd=self.crm.folder, check=False
        )
        return done.stdout + done.stderr

    def play(self, lines: list[str]) -> list[str]:
        """The session as it is now."""
        shown: list[str] = []
        for line in lines:
            if line.startswith("# now "):
                self.crm.environ["CRM_NOW"] = line.removeprefix("# now ").strip()
            if line.startswith(("$ ", "# ")):
                shown.append(line)
            if line.startswith("$ export "):
                name, _, value = line.removeprefix("$ export ").partition("=")
                self.crm.environ[name] = value
            elif line.startswith("$ "):
                shown += self.screen(line.removeprefix("$ "))
        return shown


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_session_plays_as_written(
    page: Path, crm: Crm, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(crm.folder)
    player = Player(crm)
    text = page.read_text(encoding="utf-8")
    lines = text.splitlines()
    wrong: list[str] = []
    rebuilt: list[str] = []
    position = 0
    for start, end in blocks(page, text):
        rebuilt += lines[position:start]
        written = [line.rstrip() for line in lines[start:end]]
        played = player.play(written)
        rebuilt += played
        position = end
        if written != played:
            wrong.append("\n".join(played))
    rebuilt += lines[position:]
    if request.config.getoption("--rewrite"):
        page.write_text("\n".join(rebuilt) + "\n", encoding="utf-8")
        return
    assert not wrong, "the program says now:\n" + "\n\n".join(wrong)
