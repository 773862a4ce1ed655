"""What is typed by habit or by mistake, and the line that answers it; options wherever they stand; streams that fail."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Crm

from crm_cli.app import NOUNS

pytestmark = pytest.mark.ci


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("customer ls", "crm customer list"),
        ("customer ls tag:vip --limit 5", "crm customer list tag:vip --limit 5"),
        ("customer new Acme --region DACH", "crm customer add Acme --region DACH"),
        ("customer create 'Acme GmbH'", "crm customer add 'Acme GmbH'"),
        ("customer view acme", "crm customer show acme"),
        ("customer rm 3", "crm customer remove 3"),
        ("customer delete 3", "crm customer remove 3"),
        ("customer update 3 --region X", "crm customer edit 3 --region X"),
        ("customer close 3", "crm customer edit 3 --status closed"),
        ("customer lsit", "crm customer list"),
        ("customer tag acme vip", "crm tag add vip acme"),
        ("contact new Jane", "crm contact add Jane"),
        ("deal close 3", "crm deal win 3"),
        ("deal finish 3", "crm deal win 3"),
        ("deal won 3", "crm deal win 3"),
        ("deal lost 3 --reason price", "crm deal lose 3 --reason price"),
        ("deal rollout", "crm deal show rollout"),
        ("deal stage:won", "crm deal list stage:won"),
        ("deal @big", "crm deal list @big"),
        ("task close 3", "crm task done 3"),
        ("task finish 3", "crm task done 3"),
        ("task complete 3", "crm task done 3"),
        ("interaction add call acme hello", "crm log call acme hello"),
        ("list deals", "crm deal list"),
        ("add customer Acme", "crm customer add Acme"),
        ("ls deals", "crm deal list"),
        ("delete customer 3", "crm customer remove 3"),
        ("companies", "crm customer"),
        ("opportunities list", "crm deal list"),
        ("call acme hello", "crm log call acme hello"),
        ("win 3", "crm deal win 3"),
        ("pipeline", "crm funnel"),
        ("custmer list", "crm customer list"),
        ("folowups", "crm followups"),
        ("acme", "crm find acme"),
        ("customer list '$x; rm -rf /' 'it'\\''s' --colums a", "--columns"),
    ],
)
def test_a_near_miss_is_refused_with_the_line_to_paste(crm: Crm, typed: str, meant: str) -> None:
    result = crm(*shlex.split(typed))
    assert (result.code, result.out) == (2, "")
    assert meant in result.err
    assert not crm.db.exists()


def test_the_line_to_paste_is_quoted_for_the_shell(crm: Crm) -> None:
    said = crm("customer", "new", "a b", "$(rm x)", "it's", "").err
    line = said.partition("Type: ")[2].strip()
    assert shlex.split(line) == ["crm", "customer", "add", "a b", "$(rm x)", "it's", ""]


@pytest.mark.parametrize("plural", [entry[4] for entry in NOUNS.values() if entry[4]])
def test_plurals_are_taken_for_their_noun(crm: Crm, plural: str) -> None:
    assert crm.ok(plural).out == crm.ok(f"{plural.removesuffix('s')} list").out
    assert crm.ok(f"{plural} list --json").code == 0


@pytest.mark.parametrize(
    "line",
    [
        "deal --limit 1 --json", "deals --limit 1 --json", "deal --json --limit 1", "deal -f json --limit 1",
        "--json deal --limit 1", "-f json deal --limit 1", "deal -fjson --limit 1", "deal list --limit 1 -f json",
        "deal --format=json list --limit 1", "deal list --json --limit 1", "deal --limit=1 --format json",
        "deal list --limit 1 -f json --", "deal -q --json --limit 1",
    ],
)  # fmt: skip
def test_a_bare_noun_is_its_list_and_options_stand_anywhere(acme: Crm, line: str) -> None:
    assert [row["title"] for row in acme.ok(line).json] == ["Acme rollout"]


def test_every_command_takes_the_shared_options_before_and_after_it(acme: Crm, tmp_path: Path) -> None:
    other = str(tmp_path / "other.db")
    assert acme.ok("--db", other, "customer", "list", "--json").json == []
    assert acme.ok("customer", "--db", other, "list", "--json").json == []
    assert acme.ok("customer", "list", "--json", "--db", other).json == []
    assert acme.ok(f"customer list --json --db={other}").json == []
    assert acme.ok("-q customer list").err == acme.ok("customer list --quiet").err == ""
    assert "名称" in acme.ok("customer list --lang zh").out
    assert "名称" in acme.ok("--lang zh customer list").out


def test_values_that_look_like_options_stay_values(crm: Crm) -> None:
    crm.ok("customer", "add", "Acme", "--note", "--json", "--region", "--dry-run")
    (row,) = crm.rows("customer list")
    assert (row["note"], row["region"]) == ("--json", "--dry-run")
    crm.ok("customer", "add", "--kind", "company", "--", "--json")
    assert [row["name"] for row in crm.rows("customer list --sort id")] == ["Acme", "--json"]
    result = crm("customer", "add", "X", "--note", "--json", "--nonsense")
    assert (result.code, result.err[:5]) == (2, "crm: ")


@pytest.mark.parametrize(
    "line",
    [
        "customer list --colums x --json", "--json customer list --colums x", "customer frob --json", "frob --json",
        "customer list stag:x --json", "customer list --format json --limit x", "customer list -fjson --limit",
        "customer show nobody --json", "customer list --json --sort nme", "customer add --json",
    ],
)  # fmt: skip
def test_with_json_asked_for_errors_are_json(crm: Crm, line: str) -> None:
    result = crm(line)
    assert result.code in (2, 3)
    error = json.loads(result.err)
    assert error["error"] in ("usage", "not_found")
    assert error["message"]


def test_crm_format_json_makes_errors_json_too(crm: Crm) -> None:
    for line in ("customer list --colums x", "customer frob", "customer list stag:x"):
        assert json.loads(crm(line, env={"CRM_FORMAT": "json"}).err)["error"] == "usage"


# ------------------------------------------------------------------ help

PAGES = [[], *([noun] for noun in NOUNS), ["customer", "list"], ["customer", "add"], ["deal", "move"], ["task", "add"]]


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("columns", [80, 40, 30])
@pytest.mark.parametrize("words", PAGES, ids=" ".join)
def test_help_fits_the_screen(crm: Crm, words: list[str], columns: int, lang: str) -> None:
    from crm_cli.rules.text import width

    page = crm.ok(*words, "--help", "--lang", lang, env={"COLUMNS": str(columns)}).out
    assert page.endswith("\n")
    assert max(map(width, page.splitlines())) <= columns
    assert ("用法" in page) == (lang == "zh")


@pytest.mark.parametrize("words", [["deal"], ["deal", "move"], ["today"], []], ids=" ".join)
def test_help_is_one_page_however_it_is_asked_for(crm: Crm, words: list[str]) -> None:
    page = crm.ok(*words, "--help").out
    assert crm.ok("help", *words).out == page
    assert crm.ok(*words, "-h").out == page
    assert crm.ok("--quiet", "help", *words).out == page


def test_help_names_every_command_and_every_verb(crm: Crm) -> None:
    page = crm.ok("--help").out
    assert all(f"  {name} " in page for name in NOUNS)
    verbs = [line.split()[0] for line in crm.ok("deal --help").out.splitlines() if line.startswith("  ")]
    assert verbs[:4] == ["add", "list", "show", "edit"]
    assert {"move", "win", "lose", "reopen"} <= set(verbs)
    move = crm.ok("help deal move").out
    assert move.startswith("Usage: crm deal move REF... STAGE")
    assert "--help/-h --db" in move


def test_help_on_a_word_that_is_none_is_refused(crm: Crm) -> None:
    assert crm("help frob").code == 2
    assert crm("help customer frob").code == 2


def test_version_is_said_alone_and_among_other_options(crm: Crm) -> None:
    assert crm.ok("--version").out.startswith("crm ")
    assert crm.ok("--json --version").out == crm.ok("--version").out


def test_bytes_that_are_no_text_are_refused(crm: Crm) -> None:
    result = crm("customer", "list", "\udcff")
    assert (result.code, "UTF-8" in result.err) == (2, True)


# ------------------------------------------------------------------ streams that fail: the real program


def shell(crm: Crm, line: str) -> subprocess.CompletedProcess[str]:
    environ = {**crm.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    return subprocess.run(["bash", "-c", line], env=environ, capture_output=True, text=True, timeout=60)


@pytest.mark.process
def test_a_closed_pipe_is_no_fault(acme: Crm) -> None:
    done = shell(
        acme, "crm fields --format json | head -1; echo ${PIPESTATUS[0]}; crm --help | head -1; echo ${PIPESTATUS[0]}"
    )
    assert done.stdout.splitlines()[1::2] == ["0", "0"]
    assert done.stderr == ""


@pytest.mark.process
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_behind_stdout_is_said_and_is_exit_5(acme: Crm) -> None:
    for words in ("customer list", "customer list --json", "--help", "--version", "fields"):
        done = shell(acme, f"crm {words} > /dev/full; echo $?")
        assert done.stdout == "5\n", words
    assert "disk is full" in shell(acme, "crm customer list > /dev/full").stderr


@pytest.mark.process
def test_closed_streams_harm_nobody(acme: Crm) -> None:
    assert shell(acme, "crm customer list >&-; echo $?").stdout == "0\n"
    assert shell(acme, "crm customer list stag:x 2>&-; echo $?").stdout == "2\n"
    assert shell(acme, "crm customer add Globex <&- >&- 2>&-; echo $?").stdout == "0\n"
    assert [row["name"] for row in acme.rows("customer list")] == ["Acme GmbH", "Globex"]


@pytest.mark.process
def test_output_is_utf8_whatever_the_locale(acme: Crm) -> None:
    acme.ok("customer add 张伟")
    odd = {"LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    prefix = " ".join(f"{key}={value}" for key, value in odd.items())
    for words, text in (("customer list", "张伟"), ("customer list --json", "张伟"), ("--lang zh --help", "用法")):
        done = shell(acme, f"{prefix} crm {words}")
        assert text in done.stdout, done


# ------------------------------------------------------------------ numbers, verbs and words that lead nowhere


@pytest.mark.parametrize("line", ["done 1", "done task:1", "task done 1"])
def test_a_task_that_is_done_is_never_answered_with_another_one(acme: Crm, line: str) -> None:
    acme.ok("task add a --customer acme")
    acme.ok("task add b --customer acme")
    acme.ok("done 1")
    result = acme(line)
    assert (result.code, result.out) == (3, "")
    assert result.err == "crm: a is done already\nTo open it again: crm task reopen 1\n"


@pytest.mark.parametrize(
    "line", ["done 7", "done task:7", "task done 7", "task reopen 7", "deal win 7", "contact show 7"]
)
def test_a_number_that_fits_nothing_leads_to_nothing(acme: Crm, line: str) -> None:
    """Not even where it is the number of a customer who has one task, one deal and one person."""
    for number in range(2, 8):
        acme.ok(f"customer add Number{number}")
    acme.ok("contact add Max --customer 7")
    acme.ok("deal add Big --customer 7")
    acme.ok("task add call --customer 7")
    result = acme(line)
    assert (result.code, result.out) == (3, "")
    assert "Type:" not in result.err
    assert result.err.splitlines()[1].startswith("See: crm ")


def test_closed_and_open_deals_by_number_say_which_they_are(acme: Crm) -> None:
    acme.ok("deal lose 1 --reason price")
    assert acme("deal win 1").err == "crm: Acme rollout is closed already\nTo open it again: crm deal reopen 1\n"
    acme.ok("deal reopen 1")
    assert acme("deal reopen deal:1").err == "crm: Acme rollout is still open\nSee: crm deal show 1\n"


def test_what_fits_no_kind_is_to_be_looked_for(acme: Crm) -> None:
    result = acme("show 99")
    assert (result.code, result.err.splitlines()) == (
        3,
        ["crm: Nothing fits 99", "To look for it: crm find WORDS. All customers: crm customer list"],
    )


@pytest.mark.parametrize("word", ["exit", "quit", "退出"])
def test_there_is_nothing_to_leave(crm: Crm, word: str) -> None:
    result = crm(word)
    assert (result.code, result.out) == (2, "")
    assert (
        result.err
        == "crm: There is nothing to leave: crm ends by itself after each command\nAll commands: crm --help\n"
    )


@pytest.mark.parametrize("line", ["edit", "edit nobody --city X", "add", "remove", "restore acme", "rename acme x"])
def test_a_verb_alone_names_its_nouns_and_no_line_that_would_not_run(acme: Crm, line: str) -> None:
    result = acme(line)
    assert (result.code, result.out) == (2, "")
    assert "Nouns that have it: customer contact deal" in result.err
    assert "Type:" not in result.err


def test_a_removed_record_is_found_for_restore(acme: Crm) -> None:
    acme.ok("customer remove acme --yes")
    assert acme("restore acme").err.splitlines()[-1] == "Type: crm customer restore acme"
