"""What a read loads: nothing of prompts, of writing, and of the query language where nothing is asked."""

import json
import subprocess
import sys

import pytest
from conftest import Crm

_LOADED = """
import json, os, sys
from crm_cli.app import execute
sys.stdout = open(os.devnull, "w")
assert execute(sys.argv[1:], dict(os.environ)) == 0
print(json.dumps([name for name in sys.modules if name.startswith("crm_cli.")]), file=sys.__stdout__)
"""
_NEVER = {"commands.ask", "commands.prompts", "store.writer", "model.base", "queries.compiler", "rules.dates"}


@pytest.mark.parametrize(
    "line", ["followups", "funnel", "today", "remind", "customer list --limit 5", "find acme", "show acme"]
)
def test_a_daily_read_loads_what_it_needs(acme: Crm, line: str) -> None:
    words = [sys.executable, "-c", _LOADED, *line.split(), "--format", "json"]
    done = subprocess.run(words, env=acme.environ, capture_output=True, text=True, check=True)
    loaded = {name.removeprefix("crm_cli.") for name in json.loads(done.stdout)}
    assert loaded & _NEVER == set()
