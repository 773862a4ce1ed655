"""Modules that no usual command touches are not loaded, and are whole when something touches them."""

import subprocess
import sys

import pytest
from conftest import Crm

CODE = """
import sys
from crm_cli.postponed import _NAMES, _Postponed, postpone
postpone()
{}
print(*sorted(name for name in _NAMES if type(sys.modules[name]) is _Postponed))
"""
NAMES = "bz2 ipaddress linecache lzma ntpath subprocess tokenize"


def child(code: str, crm: Crm) -> str:
    """The names that still are stand-ins when the code has run."""
    done = subprocess.run([sys.executable, "-c", CODE.format(code)], env=crm.environ, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


@pytest.mark.process
@pytest.mark.parametrize("line", ["customer list", "today", "funnel --format json", "followups"])
def test_a_usual_command_touches_none_of_them(crm: Crm, line: str) -> None:
    crm.ok("customer add Acme")
    run = f"import os; from crm_cli.app import execute; assert execute({line.split()}, dict(os.environ)) == 0"
    assert child(run, crm) == NAMES


@pytest.mark.process
def test_what_is_touched_is_the_module_itself(crm: Crm) -> None:
    code = """
import os, subprocess, bz2, lzma, ipaddress, linecache, tokenize, ntpath
from subprocess import Popen
from lzma import *
assert subprocess.run(["true"]).returncode == 0 and Popen is subprocess.Popen and issubclass(LZMAFile, object)
assert bz2.decompress(bz2.compress(b"a")) == lzma.decompress(lzma.compress(b"a")) == b"a"
assert ipaddress.ip_address("::1").is_loopback and ntpath.basename("a/b") == "b"
assert "OS routines" in linecache.getline(os.__file__, 1)
assert tokenize.open and not hasattr(tokenize, "nothing") and "Tokenization" in tokenize.__doc__
"""
    assert child(code, crm) == ""
