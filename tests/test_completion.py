"""What TAB is answered: candidates by place, nothing said when something is wrong, nothing heavy loaded, files fresh."""

import os
import random
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from conftest import ENVIRONMENT, Crm, Result

from crm_cli.completion import lines, scripts
from crm_cli.completion.generate import words
from crm_cli.completion.keys import key_of
from crm_cli.completion.kinds import _DIFFERENT
from crm_cli.config import _plain_lines
from crm_cli.rules.text import fold
from crm_cli.store import identity, lookup

ROOT = Path(__file__).parent.parent
REWRITE = "Not fresh; write it anew: python -m pytest tests/test_completion.py --rewrite"


def asked(crm: Crm, *typed: str, env: dict[str, str] | None = None) -> list[str]:
    """The candidates for a line, the last word being completed, without what they are."""
    return [line.partition("\t")[0] for line in told(crm, *typed, env=env)[1:]]


def told(crm: Crm, *typed: str, env: dict[str, str] | None = None) -> list[str]:
    """The whole answer as zsh gets it."""
    result = crm.ok("__complete", "zsh", *typed, env=env)
    assert result.err == ""
    return result.out.splitlines()


def in_bash(crm: Crm, line: str, kind: str = "9") -> list[str]:
    return crm.ok("__complete", "bash", kind, " \t\n\"'@><=;|&(:", line).out.splitlines()


# ------------------------------------------------------------------ what is generated


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_table_of_commands_is_fresh(language: str, request: pytest.FixtureRequest) -> None:
    path = ROOT / f"crm_cli/completion/words.{language}.tsv"
    if request.config.getoption("--rewrite"):
        path.write_text(words(language), encoding="utf-8")
    assert path.read_text(encoding="utf-8") == words(language), REWRITE


@pytest.mark.parametrize("shell", scripts.FILES)
def test_the_scripts_are_fresh_and_printed(crm: Crm, shell: str, request: pytest.FixtureRequest) -> None:
    path = ROOT / "completions" / scripts.FILES[shell]
    if request.config.getoption("--rewrite"):
        path.write_text(scripts.script(shell), encoding="utf-8")
    assert path.read_text(encoding="utf-8") == scripts.script(shell), REWRITE
    assert crm.ok("completion", shell).out == scripts.script(shell)


def test_the_package_carries_what_shells_look_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]["targets"]
    shared = project["wheel"]["shared-data"]
    assert shared == {
        "completions/crm.bash": "share/bash-completion/completions/crm",
        "completions/_crm": "share/zsh/site-functions/_crm",
        "completions/crm.fish": "share/fish/vendor_completions.d/crm.fish",
        "completions/crm.ps1": "share/crm/crm.ps1",
        "man/crm.1": "share/man/man1/crm.1",
    }
    assert all((ROOT / source).is_file() for source in shared)
    assert {"completions", "man", "crm_cli"} <= set(project["sdist"]["include"])


# ------------------------------------------------------------------ crm completion


@pytest.mark.parametrize(
    ("shell", "place", "line"),
    [
        ("/bin/bash", "For bash, put this line into ~/.bashrc:", '  eval "$(crm completion bash)"'),
        (
            "/usr/bin/zsh",
            "For zsh, put this line at the end of ~/.zshrc; it starts compinit where nothing else does:",
            '  eval "$(crm completion zsh)"',
        ),
        ("fish", "For fish, put this line into ~/.config/fish/config.fish:", "  crm completion fish | source"),
        (
            "/opt/pwsh",
            "For powershell, put this line into $PROFILE:",
            "  crm completion powershell | Out-String | Invoke-Expression",
        ),
    ],
)
def test_completion_alone_says_how_to_install_it(
    crm: Crm, shell: str, place: str, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "getppid", lambda: 999_999_999)  # whatever runs the tests
    told = crm.ok("completion", env={"SHELL": shell}).out.splitlines()
    assert told[:2] == [place, line]
    assert len(told) == 3
    assert told[2].startswith("It works in the next shell that you open. Other shells: ")


def test_an_unknown_shell_is_not_found(crm: Crm) -> None:
    result = crm("completion fsh")
    assert (result.code, result.out) == (3, "")
    assert result.err == "crm: There is no completion for fsh\nDid you mean fish? Known: bash zsh fish powershell\n"
    assert crm.ok("completion", "pwsh").out == crm.ok("completion", "powershell").out


# ------------------------------------------------------------------ commands, options, fixed words


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        (["fo"], ["followups"]),
        (["deal", "mo"], ["move"]),
        (["deals", "wi"], ["win"]),
        (["help", "deal", "mo"], ["move"]),
        (["deal", "move", "--n"], ["--note", "--no-color"]),
        (["deal", "--colu"], ["--columns"]),
        (["customer", "add", "x", "--kind", ""], ["company", "person"]),
        (["customer", "add", "x", "--kind=p"], ["--kind=person"]),
        (["task", "add", "x", "--priority", "h"], ["high"]),
        (["--format", "js"], ["json", "jsonl"]),
        (["today", "--format", "t"], ["table", "tsv", "text"]),
        (["customer", "list", "--format", "te"], []),
        (["export", "customers", "--format", "x"], ["xlsx"]),
        (["export", "de"], ["deals"]),
        (["log", "me"], ["meeting", "message"]),
        (["completion", ""], ["bash", "zsh", "fish", "powershell"]),
        (["config", "get", "cou"], ["country"]),
        (["--lang", ""], ["en", "zh"]),
        (["customer", "list", "--columns", "name,spe"], ["name,spent"]),
        (["customer", "list", "--columns", "name,na"], []),
        (["tag", "list", "--columns", "cu"], ["customers"]),
        (["followups", "--columns", "days"], ["days_late"]),
        (["customer", "list", "--sort", "-spe"], ["-spent"]),
        (["customer", "edit", "1", "--clear", "reg"], ["region"]),
        (["customer", "edit", "1", "--drop", "em"], ["email="]),
        (["import", "x.csv", "--on-duplicate", "u"], ["update"]),
        (["deal", "add", "x", "--close", "tom"], ["tomorrow"]),
        (["deal", "add", "x", "--close", "明"], ["明天"]),
        (["nonsense", ""], []),
        (["deal", "nonsense", ""], []),
        (["customer", "add", ""], []),
        (["customer", "show", "--", "--f"], []),
    ],
)  # fmt: skip
def test_candidates_by_place(crm: Crm, line: list[str], wanted: list[str]) -> None:
    if line == ["customer", "add", ""]:
        assert asked(crm, *line)[0] == "--kind"  # a name of one's own: only options can be offered
        return
    assert asked(crm, *line) == wanted


def test_an_option_that_stands_already_is_not_offered_again_unless_it_may(crm: Crm) -> None:
    line = ["customer", "add", "x", "--region", "y", "--email", "a@b.example"]
    assert "--region" not in asked(crm, *line, "--")
    assert "--email" in asked(crm, *line, "--")


def test_descriptions_are_in_the_users_language(crm: Crm) -> None:
    assert told(crm, "deal", "wi") == ["words", "win\tWin open deals; with --order they become orders too."]
    (chinese,) = told(crm, "deal", "wi", env={"CRM_LANG": "zh"})[1:]
    assert chinese.startswith("win\t") and "商机" in chinese
    assert told(crm, "--lang", "zh", "customer", "add", "x", "--kind", "p") == ["words", "person\t个人"]
    assert asked(crm, "customer", "add", "x", "--kind", "个") == ["个人"]


def test_files_are_left_to_the_shell(crm: Crm) -> None:
    for line in (["import", ""], ["--db", ""], ["export", "customers", "-o", "x"], ["import", "x", "--rejects", ""]):
        assert told(crm, *line) == ["files"]
    assert in_bash(crm, "crm export customers > ") == ["files"]


def test_todays_own_weekday_is_not_offered(crm: Crm) -> None:
    assert "wed" not in asked(crm, "task", "add", "x", "--due", "")
    assert {"mon", "tue", "thu"} <= set(asked(crm, "task", "add", "x", "--due", ""))


@pytest.mark.ci
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_day_that_is_offered_is_understood(crm: Crm, language: str) -> None:
    env = {"CRM_LANG": language}
    for day in asked(crm, "task", "add", "x", "--due", "", env=env):
        crm.ok("task", "add", "x", "--due", day, "--dry-run")
    crm.ok("customer add Acme --kind company")
    for day in asked(crm, "log", "call", "acme", "x", "--at", "", env=env):
        crm.ok("log", "call", "acme", "x", "--at", day, "--dry-run")
    for option, line in (("--every", "task add x --due 2026-12-01"), ("--cadence", "customer edit acme")):
        for value in asked(crm, *line.split(), option, "", env=env):
            crm.ok(*line.split(), option, value, "--dry-run")
    for field, noun in (("due", "task"), ("close", "deal"), ("contacted", "customer"), ("created", "customer")):
        for term in asked(crm, noun, "list", f"{field}:"):
            crm.ok(noun, "list", term)


@pytest.mark.ci
@pytest.mark.parametrize("line", sorted(_DIFFERENT))
def test_what_is_said_of_an_option_is_said_of_one_that_is_there(line: str) -> None:
    command, _, option = line.rpartition(" ")
    row = next(row for row in words("en").splitlines() if row.startswith(command + "\t"))
    names = {name for cell in row.split("\t")[4:] for name in cell.split("|")[0].split(",")}
    assert option in names or option == "--format"


@pytest.mark.ci
def test_what_is_offered_to_be_cleared_can_be_cleared(acme: Crm) -> None:
    acme.ok("log call acme x --next y --due fri --duration 15m")
    acme.ok("member add Ana")
    lines_ = [
        "customer edit 1",
        "contact edit 1",
        "deal edit 1",
        "interaction edit 1",
        "task edit 1",
        "member edit Ana",
    ]
    for line in (*lines_, "stage edit lead"):
        fields = asked(acme, *line.split(), "--clear", "")
        assert fields
        for field in fields:
            result = acme(*line.split(), "--clear", field, "--dry-run")
            assert "cannot be cleared" not in result.err, (line, field)


# ------------------------------------------------------------------ from the database


def test_names_by_their_beginning_else_by_a_part(acme: Crm) -> None:
    assert told(acme, "show", "ac") == [
        "words", "Acme GmbH\tcustomer, DACH", "Acme rollout\tdeal, Acme GmbH",
    ]  # fmt: skip
    assert asked(acme, "show", "ÁC") == ["Acme GmbH", "Acme rollout"]
    assert asked(acme, "show", "doe") == ["Jane Doe"]
    assert asked(acme, "customer", "show", "acme g") == ["Acme GmbH"]
    assert asked(acme, "customer", "show", "acme x") == []
    assert asked(acme, "deal", "add", "x", "--customer=ac") == ["--customer=Acme GmbH"]
    assert asked(acme, "show", "customer:ac") == ["customer:Acme GmbH"]
    assert asked(acme, "show", "acme/ja") == ["acme/Jane Doe"]
    assert asked(acme, "log", "call", "") == ["Acme GmbH", "Jane Doe", "Acme rollout"]
    assert asked(acme, "log", "call", "acme", "") == []


def test_only_what_the_verb_can_act_on(acme: Crm) -> None:
    assert asked(acme, "deal", "win", "") == ["Acme rollout"]
    assert asked(acme, "deal", "reopen", "") == []
    acme.ok("deal win rollout")
    assert asked(acme, "deal", "win", "") == []
    assert asked(acme, "deal", "reopen", "") == ["Acme rollout"]
    acme.ok("customer remove acme --yes")
    assert asked(acme, "customer", "show", "") == []
    assert asked(acme, "customer", "restore", "") == ["Acme GmbH"]


def test_tasks_by_their_number_with_the_text_beside_it(acme: Crm) -> None:
    acme.ok("task add later --customer acme --due 2026-12-24")
    acme.ok("task add sooner --customer acme --due 2026-11-27")
    assert told(acme, "done", "") == [
        "words", "task:2\tsooner, 2026-11-27 Acme GmbH", "task:1\tlater, 2026-12-24 Acme GmbH",
    ]  # fmt: skip
    assert asked(acme, "done", "lat") == ["later"]
    assert asked(acme, "done", "task:1") == ["task:1"]
    acme.ok("done 1")
    assert asked(acme, "task", "reopen", "") == ["task:1"]


def test_a_name_that_would_mean_something_else_is_offered_by_its_number(crm: Crm) -> None:
    for name in ("Twin", "Twin", "-rf", "42", "@home", "not: me", "region:x", "Bell\x07", "One"):
        crm.ok("customer", "add", "--kind", "company", "--duplicate", "--", name)
    found = told(crm, "customer", "show", "")[1:]
    assert "One" in found
    assert sorted(found) == [
        "One", "customer:1\tTwin", "customer:2\tTwin", "customer:3\t-rf", "customer:4\t42", "customer:5\t@home",
        "customer:6\tnot: me", "customer:7\tregion:x", "customer:8\tBell",
    ]  # fmt: skip
    assert asked(crm, "customer", "show", "--", "-r") == ["-rf"]
    for line in asked(crm, "customer", "show", ""):
        crm.ok("customer", "show", line)


def test_a_line_of_many_names_still_ends_with_the_last(crm: Crm) -> None:
    """What they have in common is inserted: it may not be more than what all have, also those that are not listed."""
    rows = "".join(f"Aachen {n:03}\n" for n in range(120)) + "Azur\n"
    crm.ok("import", "-", "--as", "customers", stdin="name\n" + rows)
    found = asked(crm, "customer", "show", "a")
    assert found[0] == "Aachen 000"
    assert found[-1] == "Azur"
    assert len(found) == 51


def test_what_is_sold_and_what_customers_are_worth(acme: Crm) -> None:
    acme.ok("product add Compressor --code P-100 --category machines/air")
    acme.ok("product add Oil --code P-7")
    acme.ok("tier add partner --query tag:key")
    acme.ok("icp add Best --industry machinery")
    assert asked(acme, "product", "show", "") == ["P-100", "P-7"]
    assert asked(acme, "product", "link", "P-100", "p-7") == ["P-7"]
    assert asked(acme, "product", "add", "New", "--category", "") == ["machines/air"]
    assert asked(acme, "order", "add", "ac") == ["Acme GmbH"]
    assert asked(acme, "order", "add", "Acme", "--line", "p-1") == ["P-100:"]
    assert asked(acme, "order", "add", "Acme", "--line", "P-100:") == []
    assert asked(acme, "tier", "edit", "v") == ["vip"]
    assert asked(acme, "tier", "show", "pa") == ["partner"]
    assert asked(acme, "icp", "show", "") == ["Best"]
    assert asked(acme, "lifecycle", "edit", "w") == ["won-back"]
    assert asked(acme, "customer", "list", "tier:v") == ["tier:vip"]
    assert asked(acme, "customer", "list", "rfm_class:cha") == ["rfm_class:champions"]
    assert asked(acme, "privacy", "consent", "Acme", "--basis", "con") == ["consent", "contract"]


def test_every_group_of_words_that_is_offered_is_written_down() -> None:
    told = words("en")
    used = {part.removeprefix("fixed:") for part in re.findall(r"fixed:\w+", told)}
    assert used <= {line.split("\t")[0].removeprefix("@") for line in told.splitlines() if line.startswith("@")}


def test_names_of_the_small_tables(acme: Crm) -> None:
    acme.ok("member add Ana --email ana@x.example")
    acme.ok("segment add quiet-keys tag:key")
    acme.ok("segment add big-ones tag:key")
    assert asked(acme, "deal", "move", "rollout", "") == [
        "Acme rollout", "lead", "qualified", "proposal", "negotiation", "won", "lost",
    ]  # fmt: skip
    assert asked(acme, "deal", "add", "x", "--stage", "方") == ["方案报价"]
    assert asked(acme, "customer", "edit", "acme", "--owner", "") == ["me", "Ana"]
    assert asked(acme, "tag", "add", "") == ["key"]
    assert asked(acme, "segment", "show", "") == ["big-ones", "quiet-keys"]
    assert asked(acme, "customer", "list", "@") == ["@big-ones", "@quiet-keys"]
    assert asked(acme, "customer", "list", "segment:") == ["segment:big-ones", "segment:quiet-keys"]
    assert asked(acme, "deal", "list", "@") == []
    assert asked(acme, "customer", "add", "x", "--region", "") == ["DACH"]


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        (["customer", "list", "reg"], ["region:"]),
        (["customer", "list", "地区"], ["地区:"]),
        (["customer", "list", "region:"], ["region:DACH"]),
        (["customer", "list", "地区：d"], ["地区：DACH"]),
        (["customer", "list", "Region:d"], ["Region:DACH"]),
        (["customer", "list", "not:reg"], ["not:region:"]),
        (["customer", "list", "not:tag:"], ["not:tag:key"]),
        (["customer", "list", "status:cu"], ["status:customer"]),
        (["customer", "list", "is:st"], ["is:stuck"]),
        (["customer", "list", "has:pho"], ["has:phone", "has:phones"]),
        (
            ["customer", "list", "tag:key", "o"],
            ["owner:", "open_deals:", "open_amount:", "order_count:", "ordered:", "or", "orders."],
        ),
        (["deal", "list", "stage:pro"], ["stage:proposal"]),
        (["deal", "list", "customer:ac"], ["customer:Acme GmbH"]),
        (["deal", "list", "next-"], ["next_step:", "next_step_on:"]),
        (["deal", "list", "status:"], ["status:any", "status:open", "status:won", "status:lost"]),
        (["export", "deals", "sta"], ["stage:", "status:"]),
        (["deal", "win", "stage:pro"], ["stage:proposal"]),
        (["contact", "list", "role:dec"], ["role:decision-maker"]),
        (["followups", "region:"], ["region:DACH"]),
    ],
)
def test_within_a_query(acme: Crm, line: list[str], wanted: list[str]) -> None:
    assert asked(acme, *line) == wanted


def test_a_value_of_two_words_is_one_term(crm: Crm) -> None:
    for region in ("North East", "Yes or No", 'Say "x"'):
        crm.ok("customer", "add", region, "--kind", "company", "--region", region)
    found = asked(crm, "customer", "list", "region:")
    assert sorted(found) == ['region:"Say ""x"""', 'region:"Yes or No"', "region:North East"]
    for term in found:
        assert len(crm.rows("customer", "list", term)) == 1
    assert asked(crm, "customer", "list", 'region:"Yes') == ['region:"Yes or No"']


# ------------------------------------------------------------------ which database, and when something is wrong


def test_the_database_of_the_line_of_the_environment_and_of_the_config(acme: Crm) -> None:
    moved = acme.folder / "odd name#%?.db"
    acme.db.rename(moved)
    line = ["show", "ac"]
    wanted = ["Acme GmbH", "Acme rollout"]
    assert asked(acme, *line) == []
    assert asked(acme, "--db", str(moved), *line) == wanted
    assert asked(acme, "show", f"--db={moved}", "ac") == wanted
    assert asked(acme, *line, env={"CRM_DB": str(moved)}) == wanted
    assert asked(acme, "--db", "$PLACE/odd name#%?.db", *line, env={"PLACE": str(acme.folder)}) == wanted
    config = acme.folder / "config/crm/config.toml"
    config.parent.mkdir(parents=True)
    for text in (f'db = "{moved}"\n', f"db = '{moved}' # there\n[later]\nx = 1\n"):
        config.write_text(text, encoding="utf-8")
        assert asked(acme, *line, env={"CRM_DB": ""}) == wanted
    config.write_text("not toml", encoding="utf-8")
    assert silent(acme("__complete", "zsh", *line, env={"CRM_DB": ""}))


def silent(result: Result) -> bool:
    return (result.code, result.err) == (0, "") and len(result.out.splitlines()) <= 1


def test_a_missing_database_is_not_made(crm: Crm) -> None:
    assert silent(crm("__complete", "zsh", "show", ""))
    assert not crm.db.exists()


@pytest.mark.parametrize("content", [b"", b"no database at all" * 20, b"SQLite format 3\0" + bytes(100)])
def test_a_file_that_is_not_ours_gives_nothing(crm: Crm, content: bytes) -> None:
    crm.db.write_bytes(content)
    assert silent(crm("__complete", "zsh", "show", ""))
    assert crm.db.read_bytes() == content


def test_a_damaged_or_locked_database_or_a_pipe_gives_nothing(acme: Crm) -> None:
    import sqlite3

    holder = sqlite3.connect(acme.db, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    assert silent(acme("__complete", "zsh", "show", ""))
    holder.close()
    assert asked(acme, "show", "ac")
    whole = acme.db.read_bytes()
    acme.db.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    assert silent(acme("__complete", "zsh", "show", ""))
    acme.db.unlink()
    os.mkfifo(acme.db)
    assert silent(acme("__complete", "zsh", "show", ""))


@pytest.mark.parametrize(
    "words_", [[], ["bash"], ["bash", "9"], ["zsh"], ["powershell"], ["nonsense", "x"], ["zsh", "\udcff"]]
)
def test_a_call_that_makes_no_sense_says_nothing(crm: Crm, words_: list[str]) -> None:
    assert silent(crm("__complete", *words_))


def test_our_mark_in_a_file_is_the_stores() -> None:
    assert int.from_bytes(lookup.APPLICATION_ID, "big") == identity.APPLICATION_ID


def test_nothing_heavy_is_loaded(acme: Crm) -> None:
    acme.ok("config set lang en")
    code = (
        "import os, site, sys; before = set(sys.modules)\n"
        "from crm_cli.app import execute\n"
        "execute(['__complete', 'zsh', 'show', 'ac'], dict(os.environ))\n"
        "execute(['__complete', 'bash', '9', ':=@', 'crm show 华'], dict(os.environ))\n"
        "sys.stdout.flush(); print(*sorted(m for m in set(sys.modules) - before if not m.startswith('crm_cli')))"
    )
    environ = {**ENVIRONMENT, "XDG_CONFIG_HOME": acme.environ["XDG_CONFIG_HOME"], "CRM_DB": str(acme.db)}
    environ["PYTHONPATH"] = str(ROOT)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environ, check=True)
    *answers, loaded = done.stdout.splitlines()
    assert "Acme GmbH\tcustomer, DACH" in answers
    # the driver itself wants functools; typing, re, json, pathlib, datetime would each cost half a Python
    drivers = {"_sqlite3", "functools", "collections", "_collections", "_functools", "itertools", "keyword", "operator",
               "_operator", "reprlib", "types"}  # fmt: skip
    assert "_sqlite3" in loaded.split()
    assert set(loaded.split()) <= drivers | {"gc", "time"}


# ------------------------------------------------------------------ bash


@pytest.mark.parametrize(
    ("line", "before", "word", "kept", "quote"),
    [
        ("crm ", [], "", "", ""),
        ("crm show Acme\\ G", ["show"], "Acme G", "", ""),
        ('crm show "Acme G', ["show"], "Acme G", "", '"'),
        ("crm show 'it'\\''s a", ["show"], "it's a", "it'", "'"),
        ("crm list region:d", ["list"], "region:d", "region:", ""),
        ('crm list "region:d', ["list"], "region:d", "", '"'),
        ("crm add --kind=p", ["add"], "--kind=p", "--kind=", ""),
        ("X=1 crm show a", ["show"], "a", "", ""),
        ("true && crm show a", ["show"], "a", "", ""),
        ("crm show 'a b' c > x <y d", ["show", "a b", "c"], "d", "", ""),
        ('crm show "a\\"b\\c', ["show"], 'a"b\\c', "", '"'),
        ("crm show \\", ["show"], "", "", ""),
    ],
)
def test_a_line_of_bash_is_read_as_bash_reads_it(
    line: str, before: list[str], word: str, kept: str, quote: str
) -> None:
    typed = lines.bash_line(line, "\"'@><=;|&(:")
    assert (typed.before, typed.word, typed.kept, typed.quote) == (before, word, kept, quote)


@pytest.mark.process
def test_bash_reads_every_quoted_name_as_itself() -> None:
    """Thousands of hostile names in the three ways of quoting, through one real bash."""
    chance = random.Random(7)
    signs = "a b'\"\\$`!*?[]{}()<>|&;#~=^%@:,.+-_/华é\u3000${}$()"
    names = ["".join(chance.choice(signs) for _ in range(chance.randrange(1, 12))) for _ in range(1500)]
    script = []
    for name in names:
        script += [f"printf '%s\\0' {lines.quoted(name, '')}", f"printf '%s\\0' \"{lines.quoted(name, chr(34))}\""]
        script.append(f"printf '%s\\0' '{lines.quoted(name, chr(39))}'")
    done = subprocess.run(["bash", "--norc"], input="\n".join(script).encode(), capture_output=True, check=True)
    found = done.stdout.decode().split("\0")[:-1]
    assert done.stderr == b""
    assert found == [name for name in names for _ in range(3)]


def test_bash_gets_what_it_inserts(acme: Crm) -> None:
    assert in_bash(acme, "crm customer show ac") == ["words", "Acme\\ GmbH"]
    assert in_bash(acme, 'crm customer show "ac') == ["words", "Acme GmbH"]
    assert in_bash(acme, "crm customer list region:d") == ["words", "DACH"]
    assert in_bash(acme, "crm customer list reg") == ["open", "region:"]
    assert in_bash(acme, "crm show ac") == ["words", "Acme\\ GmbH", "Acme\\ rollout"]
    assert in_bash(acme, "crm show ac", kind="63") == [
        "words", "Acme\\ GmbH  (customer, DACH)", "Acme\\ rollout  (deal, Acme GmbH)",
    ]  # fmt: skip


def test_nothing_is_inserted_that_would_take_away_what_was_typed(acme: Crm) -> None:
    acme.ok("customer add ACME --kind company")
    assert in_bash(acme, "crm customer show ac") == ["list", "ACME", "Acme\\ GmbH", " "]
    assert told(acme, "customer", "show", "ac")[0] == "list"
    assert told(acme, "customer", "show", "A")[0] == "words"


# ------------------------------------------------------------------ small parts


def test_a_key_is_the_key_of_look_ups() -> None:
    chance = random.Random(7)
    signs = "aZ éØ华东（ａ\u200b\t\n ß-_"
    for _ in range(3000):
        text = "".join(chance.choice(signs) for _ in range(chance.randrange(8)))
        assert key_of(text).strip() == fold(text).strip(), repr(text)


def test_a_plain_config_is_read_as_the_library_reads_it() -> None:
    chance = random.Random(7)
    pieces = ['db = "x"', 'lang = "zh"', "", "# note", "user = '李'", 'a = "\\t"', "n = 1", "[t]", 'b="x"', 'db = "y" # z',
              '"q" = "x"', "\t", 'x.y = "z"', "week-start = \"sun\"\r"]  # fmt: skip
    plain = 0
    for _ in range(2000):
        text = "\n".join(chance.choice(pieces) for _ in range(chance.randrange(5)))
        found = _plain_lines(text)
        if found is not None:
            plain += 1
            assert found == tomllib.loads(text), repr(text)
    assert plain > 200
    assert _plain_lines('db = "/a/b.db"\nlang = "zh"\n') == {"db": "/a/b.db", "lang": "zh"}


@pytest.mark.parametrize(
    ("word", "wanted"),
    [
        ("dea", ["deals."]),
        ("deals.st", ["deals.stage:", "deals.status:", "deals.stuck."]),
        ("deals.stage:pro", ["deals.stage:proposal"]),
        ("deals.won.am", ["deals.won.amount:"]),
        ("deals.co", ["deals.contact:", "deals.count:", "deals.contacts."]),
        ("deals.customer.reg", ["deals.customer.region:"]),
        ("parent.region:D", ["parent.region:DACH"]),
        ("seat", ["seats:"]),
        ("custom.se", ["custom.seats:"]),
        ("车", ["车型:"]),
        ("deal.st.x", []),
    ],
)
def test_behind_the_dots_of_a_query_and_fields_of_the_users_own(acme: Crm, word: str, wanted: list[str]) -> None:
    acme.ok("customer", "edit", "acme", "--set", "seats=5", "--set", "车型=SUV", "--set", "a (b)=c")
    assert asked(acme, "customer", "list", word) == wanted
