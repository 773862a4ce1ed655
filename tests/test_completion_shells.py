"""TAB in real bash, zsh and fish at a terminal: names are data. Nothing is run, nothing expanded, each is one argument."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest
from conftest import Crm

ROOT = Path(__file__).parent.parent
PROMPT = "@@ "
SHELLS = ("bash", "zsh", "fish")
_LONGEST = 20.0
_SAVE = 'printf "%s\\0" "$@" > "$OUT"'

pytestmark = pytest.mark.process

# what begins each name, and the name
NAMES = {
    "a": "a $(touch x)",
    "b": "b `touch x`",
    "c": "c *",
    "d": "d $HOME; touch x | cat & <x >y",
    "e": "e 'single' \"double\"",
    "f": "f 'it's",
    "g": "g: colon=x @y",
    "h": "h back\\slash \\",
    "i": "i!bang !!",
    "j": "j #hash [x] {a,b} ?(z)",
    "k": "k =eq ^car ~tilde %s",
    "华东": "华东 科技（上海）",
    "'~": "~",
    "'=": "=ls",
    "-- -r": "-rf",
}
# names that were never typed: the hidden is left out, what cannot be typed back is not offered
HIDDEN = {"m": ("m tab\tand\nline", "m tab and line"), "n": ("n\u202ebidi\u202c", "nbidi"), "o": ("o\x1b[31mred", "")}


class Shell:
    """A shell at a terminal with the completion loaded; `crm` there writes down the arguments that it gets."""

    def __init__(self, kind: str, folder: Path, environ: dict[str, str]) -> None:
        self.kind = kind
        self.folder = folder
        self.out = folder / "out"
        self.env = {**environ, "TERM": "xterm", "OUT": str(self.out), "HOME": str(folder), "HISTFILE": "/dev/null"}
        self.child = pexpect.spawn(
            self.kind, getattr(self, f"_{kind}")(), env=self.env, cwd=str(folder), encoding="utf-8",
            dimensions=(40, 200), timeout=_LONGEST,
        )  # fmt: skip
        self.child.delaybeforesend = 0.01
        self.child.expect_exact(PROMPT)
        self.take("crm started")

    def _bash(self) -> list[str]:
        start = self.folder / "bashrc"
        start.write_text(
            f"PS1='{PROMPT}'\nbind 'set enable-bracketed-paste off'\n. {ROOT}/completions/crm.bash\ncrm() {{ {_SAVE}; }}\n"
        )
        return ["--noprofile", "--rcfile", str(start), "-i"]

    def _zsh(self) -> list[str]:
        (self.folder / ".zshrc").write_text(
            f"PS1='{PROMPT}'\nunset zle_bracketed_paste\nunsetopt promptcr promptsp\nsetopt extendedglob\nbindkey -e\n"
            f"fpath=({ROOT}/completions $fpath)\nautoload -Uz compinit\ncompinit -u -D\ncrm() {{ {_SAVE} }}\n"
        )
        self.env["ZDOTDIR"] = str(self.folder)
        return ["-d", "-i"]

    def _fish(self) -> list[str]:
        start = self.folder / "config/fish/config.fish"
        start.parent.mkdir(parents=True)
        start.write_text(
            f"function fish_prompt; printf '{PROMPT}'; end\nset -g fish_greeting\nset -g fish_autosuggestion_enabled 0\n"
            f"source {ROOT}/completions/crm.fish\nfunction crm; printf '%s\\0' $argv > $OUT; end\n"
        )
        self.env["XDG_CONFIG_HOME"] = str(self.folder / "config")
        self.env["XDG_DATA_HOME"] = str(self.folder / "data")
        return ["-i"]

    def take(self, line: str, *, tabs: int = 0) -> list[str]:
        """Type the line, TAB, and Enter once the shell has settled; the arguments that crm got."""
        self.out.unlink(missing_ok=True)
        self.child.send(line)
        self._settle(0.04)
        for _ in range(tabs):
            self.child.send("\t")
            self._settle(0.06, first=3.0)  # at the least it rings
        self.child.send("\r")
        end = time.monotonic() + _LONGEST
        while not (self.out.exists() and self.out.read_bytes().endswith(b"\0")):
            assert time.monotonic() < end, f"{line!r} was never taken; the screen:\n{self.screen}"
            self._settle(0.02)
        return self.out.read_bytes().decode().split("\0")[:-1]

    screen = ""

    def _settle(self, quiet: float, first: float = 0.0) -> None:
        """Read until nothing has come for a while; `first` is how long the first of it may take."""
        end = time.monotonic() + max(quiet, first)
        while time.monotonic() < end:
            try:
                self.screen = (self.screen + self.child.read_nonblocking(4096, timeout=0.01))[-2000:]
                end = time.monotonic() + quiet
            except pexpect.TIMEOUT:
                pass

    def close(self) -> None:
        self.child.close(force=True)


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest, crm: Crm) -> Iterator[Shell]:
    """A shell over a database of hostile names."""
    if not shutil.which(request.param):
        pytest.skip(f"there is no {request.param} here")
    everyone = [*NAMES.values(), *(name for name, _ in HIDDEN.values())]
    cell = lambda name: '"' + name.replace('"', '""') + '"'  # noqa: E731
    crm.ok("import", "-", "--as", "customers", stdin="name\n" + "\n".join(cell(name) for name in everyone[:-3]) + "\n")
    for name, _ in HIDDEN.values():
        crm.ok("customer", "add", "--kind", "company", "--duplicate", "--", name)
    (crm.folder / "bin").mkdir()
    program = crm.folder / "bin/crm"
    program.write_text(f"#!{sys.executable}\nfrom crm_cli.app import main\nmain()\n")
    program.chmod(0o755)
    environ = {**crm.environ, "PATH": f"{program.parent}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    made = Shell(request.param, crm.folder, environ)
    try:
        yield made
    finally:
        made.close()


def test_a_name_is_one_argument_and_nothing_is_run(shell: Shell) -> None:
    before = sorted(path.name for path in shell.folder.iterdir())
    wrong = {}
    for begun, name in NAMES.items():
        got = shell.take(f"crm show {begun}", tabs=1)
        if got != ["show", *begun.split()[:-1], name]:
            wrong[begun] = got
    for begun, (_, shown) in HIDDEN.items():
        got = shell.take(f"crm show {begun}", tabs=1)
        if shown and got != ["show", shown]:
            wrong[begun] = got
        assert "\x1b" not in "".join(got)
    assert not wrong, f"{shell.kind}: {wrong}"
    after = sorted(path.name for path in shell.folder.iterdir())
    assert set(after) - set(before) <= {"out", "data"}


def test_within_quotes_that_were_opened(shell: Shell) -> None:
    wrong = {}
    for mark in ('"', "'"):
        for begun in ("a", "b", "d", "e", "f", "g", "h", "i", "华东"):
            name = NAMES[begun]
            got = shell.take(f"crm show {mark}{begun}", tabs=1)
            if got != ["show", name]:
                wrong[mark + begun] = got
    got = shell.take("crm show g:\\ c", tabs=1)
    assert got == ["show", NAMES["g"]]
    assert not wrong, f"{shell.kind}: {wrong}"
    assert not (shell.folder / "x").exists()


def test_options_fields_files_and_several_names(shell: Shell, crm: Crm) -> None:
    assert shell.take("crm follo", tabs=1) == ["followups"]
    assert shell.take("crm deal add x --cust", tabs=1) == ["deal", "add", "x", "--customer"]
    assert shell.take("crm deal add x --customer=a", tabs=1) == ["deal", "add", "x", f"--customer={NAMES['a']}"]
    assert shell.take("crm deal add x --stage nego", tabs=1) == ["deal", "add", "x", "--stage", "negotiation"]
    assert shell.take("crm deal list stag", tabs=1) == ["deal", "list", "stage:"]
    assert shell.take("crm deal list stage:nego", tabs=1) == ["deal", "list", "stage:negotiation"]
    assert shell.take("crm deal list not:stage:nego", tabs=1) == ["deal", "list", "not:stage:negotiation"]
    assert shell.take("crm show customer:-r", tabs=1) == ["show", "customer:-rf"]
    (shell.folder / "some list.csv").touch()
    assert shell.take("crm import some", tabs=1) == ["import", "some list.csv"]
    for name in ("zebra one", "ZEBRA TWO", "zoo alpha", "zoo beta"):
        crm.ok("customer", "add", name, "--kind", "company", "--duplicate")
    # fish goes by the case that was typed, as it does everywhere
    assert shell.take("crm show zeb", tabs=1) == ["show", "zebra one" if shell.kind == "fish" else "zeb"]
    assert shell.take("crm show zoo", tabs=1)[1:] in (["zoo "], ["zoo"])


@pytest.mark.parametrize("kind", SHELLS)
def test_no_database_no_words(kind: str, crm: Crm) -> None:
    if not shutil.which(kind):
        pytest.skip(f"there is no {kind} here")
    (crm.folder / "bin").mkdir()
    program = crm.folder / "bin/crm"
    program.write_text(f"#!{sys.executable}\nfrom crm_cli.app import main\nmain()\n")
    program.chmod(0o755)
    environ = {**crm.environ, "PATH": f"{program.parent}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    shell = Shell(kind, crm.folder, environ)
    try:
        assert shell.take("crm show a", tabs=1) == ["show", "a"]
        assert not crm.db.exists()
        program.unlink()
        assert shell.take("crm show b", tabs=1) == ["show", "b"]
        assert "rror" not in shell.screen and "not found" not in shell.screen
    finally:
        shell.close()


@pytest.mark.skipif(shutil.which("zsh") is None, reason="no zsh here")
@pytest.mark.parametrize("before", ["", "autoload -Uz compinit; compinit -u -D; "])
def test_the_line_for_zshrc_is_silent_with_and_without_compinit(tmp_path: Path, before: str) -> None:
    script = f'{before}eval "$(<{ROOT}/completions/_crm)"; print -r -- $_comps[crm]'
    done = subprocess.run(
        ["zsh", "-f", "-c", script],
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "ZDOTDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "_crm\n", "")
