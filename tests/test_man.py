"""The man page is fresh, says every command and option, and troff has nothing to complain about."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from crm_cli.completion.generate import commands, options_of
from crm_cli.completion.manpage import manpage

PAGE = Path(__file__).parent.parent / "man/crm.1"


def test_the_man_page_is_fresh(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--rewrite"):
        PAGE.write_text(manpage(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == manpage(), "Write it anew: python -m pytest tests/test_man.py --rewrite"


def test_every_command_and_option_is_in_it() -> None:
    text = manpage().replace("\\-", "-")
    for path, _, command in commands():
        if command is None:
            continue
        start = text.index(f"\\fBcrm {path}\\fR")
        own = text[start : text.find("\\fBcrm ", start + 1)]
        for option in options_of(command):
            assert f"\\fB{option.opts[0]}\\fR" in own, (path, option.opts)


def test_no_line_begins_with_what_troff_would_obey() -> None:
    asked = re.compile(r"\.(TH|SH|SS|TP|PP|nf|fi|RS|RE)\b|\.\\\"")
    for line in manpage().splitlines():
        assert line[:1] not in (".", "'") or asked.match(line), line
        assert "\\e" not in line or "\\\\" not in line


@pytest.mark.process
@pytest.mark.skipif(not shutil.which("groff"), reason="there is no groff here")
def test_troff_has_nothing_to_complain_about() -> None:
    done = subprocess.run(
        ["groff", "-ww", "-K", "utf8", "-man", "-Tutf8"], input=manpage().encode(), capture_output=True, check=True
    )
    assert done.stderr == b""
    shown = re.sub(r"\x1b\[[0-9;]*m|.\x08", "", done.stdout.decode())
    assert "crm deal move REF... STAGE" in shown
    assert "crm customer list region:dach contacted:..-30d not:tag:lost" in re.sub(r"\s+", " ", shown)
