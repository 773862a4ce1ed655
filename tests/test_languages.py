"""Everything that the program says, it says in Chinese too: no line is missing, stale, or half translated."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from conftest import Crm
from sentences import CATALOGUE, KNOWN, ROOMS, arranged, catalogue, escaped, lost, met, sentences

from crm_cli import i18n
from crm_cli.app import NOUNS
from crm_cli.config import SETTINGS
from crm_cli.output.manual import TOPICS
from crm_cli.output.output import FORMATS
from crm_cli.rules import names
from crm_cli.rules.fields import FIELDS, find_field
from crm_cli.rules.text import fold

pytestmark = pytest.mark.ci

HOLE = re.compile(r"\{[^{}]*\}")
CHINESE = re.compile("[㐀-鿿]")
ARRANGE = "To group and sort it: python tests/sentences.py --write"

# ------------------------------------------------------------------ the catalogue


def test_every_sentence_has_a_chinese_line() -> None:
    known = catalogue()
    missing = [(escaped(text), place) for text, place in sentences().items() if escaped(text) not in known]
    lines = "\n".join(f"{text}\t" for text, _ in missing)
    places = "\n".join(f"{place}  {text}" for text, place in missing)
    assert not missing, (
        f"Add to crm_cli/locale/zh.tsv, with the Chinese behind the tab:\n{lines}\n\nThey are said at:\n{places}"
    )


def test_every_line_is_said_somewhere() -> None:
    said = {escaped(text) for text in sentences()}
    stale = [line for line in catalogue() if line not in said]
    assert not stale, "Nothing says these any more; take them out of crm_cli/locale/zh.tsv:\n" + "\n".join(stale)


def test_no_sentence_slips_by_the_extractor() -> None:
    assert not lost(), (
        "Write the sentence where it is handed over, or name the reason in tests/sentences.py KNOWN:\n"
        + "\n".join(lost())
    )
    assert not KNOWN.keys() - met(), "Nothing needs these any more in tests/sentences.py KNOWN"


def test_the_extractor_sees_what_the_commands_say_of_themselves() -> None:
    said = sentences()
    unseen = sorted({text for _, text in helps() if text and text not in said})
    assert not unseen, unseen


def test_the_holes_are_the_same() -> None:
    wrong = [
        line
        for line, other in catalogue().items()
        if sorted(set(HOLE.findall(line))) != sorted(set(HOLE.findall(other)))
    ]
    assert not wrong, "Other holes in the Chinese:\n" + "\n".join(wrong)


def test_the_catalogue_is_in_order() -> None:
    text = CATALOGUE.read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert all(
        line.count("\t") == 1 and all(part.strip() == part != "" for part in line.split("\t")) for line in lines
    ), lines
    repeated = [line for line, n in Counter(line.partition("\t")[0] for line in lines).items() if n > 1]
    assert not repeated, repeated
    assert {line for line in text.splitlines() if line.startswith("#")} <= {f"# {room}" for room in ROOMS}, ARRANGE
    said = {escaped(sentence) for sentence in sentences()}
    assert text == arranged(catalogue()) or set(catalogue()) - said, ARRANGE


def test_what_is_read_is_what_is_written() -> None:
    assert i18n.read_catalogue("zh") == {
        line.replace("\\n", "\n"): other.replace("\\n", "\n") for line, other in catalogue().items()
    }


# Words that stay as they are typed: commands, fields, values, formats; what is no word of the program is an example.
EXAMPLES = set(
    # names, places and texts of examples
    "acme com jane example zhangwei bad map crm lines europe berlin asia shanghai eur cny de cn big spenders keys key "
    # days, durations, amounts, RRULE
    "tomorrow fri mon sun thu month monthly daily weekly yearly freq interval count until wkst byday bymonth bymonthday "
    "byyearday byweekno bysetpos rrule am pm ymd dmy mdy utc t z d w mo y k m h "
    # files and encodings
    # of cards, calendars, letters and presets
    "ics vcard vcf mutt vcalendar begin end dtstart from to date nan infinity hubspot needs holds "
    "xlsx xls zip excel mb jq commands txt docs importing u neill calendar addresses all columns sort group o "
    "csv tsv utf gb cp shift_jis big shift jis nul pip install upgrade ls l shell bash zsh fish powershell compinit chmod sqlite postgresql tab comma semicolon pipe cli toml config cron crontab op backups latest off esc "
    # places for a value, in the notation of the help pages
    "ref query name stage member file kind header field noun verb command words text day id value a b "
    # keys at a prompt, and the editor it opens
    "ctrl s c n editor nano "
    # values of options
    "help me or not asc desc skip new fail update keep drop owners stages customers contacts deals interactions tasks owner month spent "
    "contract has no is fair letter quiet contacted tag en zh account code core erp sap seats other "
    # of sales: periods, currencies, where rates and ways to work out come from, how ties are cut
    "quarter year total yesterday usd jpy ecb foreign products playbook zoho rank breaks "
    # what formulas call their parts
    "alpha beta gamma bg nbd fm p q v x".split()
)


def vocabulary() -> set[str]:
    """Every word of the program that is typed as it is, in lower case."""
    words = {*NOUNS, *SETTINGS, *FORMATS, *TOPICS, *EXAMPLES}
    words |= {verb for path, _ in pages() for verb in path.split()}
    words |= {field.key for fields in FIELDS.values() for field in fields} | {
        field.short for fields in FIELDS.values() for field in fields
    }
    words |= {value for group in names._WORDS for value in names.values(group)}
    return {part for word in words for part in re.split("[-_ ]", word.lower())}


def test_no_english_is_left_in_the_chinese() -> None:
    known = vocabulary()
    left = {}
    for line, other in catalogue().items():
        text = HOLE.sub(" ", other)
        text = re.sub(r"--[a-z][a-z-]*|-[a-z]\b|CRM_[A-Z]+", " ", text)
        words = [word for word in re.findall("[A-Za-z]+", text) if word.lower() not in known]
        if words:
            left[line] = words
    assert not left, left


def test_what_has_no_chinese_has_nothing_to_translate() -> None:
    plain = {line: other for line, other in catalogue().items() if not CHINESE.search(other)}
    words = {line for line in plain if re.search("[a-z]{3,}", re.sub(r"--[a-z-]+", "", HOLE.sub("", line)))}
    assert words <= {", ; tab or |"}, words


# ------------------------------------------------------------------ help


def pages() -> Iterator[tuple[str, Any]]:
    """Every command as it is typed, with what Typer made of it; of a noun its verbs."""
    from crm_cli.lazy import Entry, load

    for name, line in NOUNS.items():
        command = load(name, Entry(*line))
        yield name, command
        for verb in getattr(command, "infos", {}):
            yield f"{name} {verb}", command.get_command(None, verb)


def helps() -> Iterator[tuple[str, str]]:
    """(command, text): the first lines of the commands and the help of their options and arguments."""
    for path, command in pages():
        if hasattr(command, "infos"):
            continue
        yield path, (command.help or "").strip().split("\n")[0]
        for parameter in command.params:
            yield path, getattr(parameter, "help", None) or ""


def test_every_command_and_option_says_what_it_is_for() -> None:
    silent = [path for path, text in helps() if not text]
    assert not silent, silent


def squeezed(text: str) -> str:
    return "".join(text.split())


PAGES = ["", *(path for path, _ in pages())]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path or "crm")
def test_a_chinese_help_page_has_no_english_sentence(crm: Crm, path: str) -> None:
    page = crm.ok(*path.split(), "--help", "--lang", "zh").out
    assert CHINESE.search(page)
    whole = squeezed(page)
    chinese = catalogue()
    # a line may repeat what is typed: `call email meeting ...`
    english = [
        text
        for text in sentences()
        if len(HOLE.sub(" ", text).split()) > 2 and text not in chinese.get(escaped(text), "")
    ]
    left = [text for text in english if squeezed(HOLE.sub("", text)) in whole]
    assert not left, page


# ------------------------------------------------------------------ the words of the trade


@pytest.mark.parametrize("group", sorted(names._WORDS))
def test_every_value_has_a_chinese_name_and_answers_to_it(group: str) -> None:
    for value in names.values(group):
        chinese = names.shown(group, value, "zh")
        assert CHINESE.search(chinese), value
        assert names.shown(group, value, "en") == value
        for name in names.names_of(group, value):
            assert names.canonical(group, fold(name)) == value, name


@pytest.mark.parametrize("noun", sorted(FIELDS))
def test_every_field_has_a_chinese_name_of_its_own(noun: str) -> None:
    called = Counter(name for field in FIELDS[noun] for name in {field.key, field.short or field.key, field.chinese})
    assert not [name for name, n in called.items() if n > 1]
    for field in FIELDS[noun]:
        assert CHINESE.search(field.chinese), field.key
        for name in (field.key, field.short or field.key, field.chinese):
            assert find_field(noun, name) is field


def test_one_thing_is_called_one_name() -> None:
    chinese = catalogue()
    for noun in set(names.values("noun")) - {"customer~contact"}:  # a pair of two things
        assert chinese[noun] == names.shown("noun", noun, "zh")


# ------------------------------------------------------------------ which language

ENGLISH, CHINESE_WORDS = "Nothing found.\n", "没有找到。\n"
NOT_SAID = {"CRM_LANG": "", "LC_ALL": "", "LC_MESSAGES": "", "LANG": ""}


@pytest.mark.parametrize(
    ("environ", "typed", "said"),
    [
        ({}, "", ENGLISH),
        ({"CRM_LANG": "zh"}, "", CHINESE_WORDS),
        ({"CRM_LANG": "zh-Hans"}, "", CHINESE_WORDS),
        ({"CRM_LANG": "中文"}, "", CHINESE_WORDS),
        ({"LC_ALL": "zh_CN.UTF-8"}, "", CHINESE_WORDS),
        ({"LC_MESSAGES": "zh_CN.UTF-8", "LANG": "en_US.UTF-8"}, "", CHINESE_WORDS),
        ({"LANG": "zh_CN.UTF-8"}, "", CHINESE_WORDS),
        ({"LANG": "zh_TW"}, "", CHINESE_WORDS),
        ({"LANG": "C.UTF-8"}, "", ENGLISH),
        ({"LANG": "de_DE.UTF-8"}, "", ENGLISH),
        ({"LC_ALL": "en_US.UTF-8", "LANG": "zh_CN.UTF-8"}, "", ENGLISH),
        ({"CRM_LANG": "en", "LC_ALL": "zh_CN.UTF-8", "LANG": "zh_CN.UTF-8"}, "", ENGLISH),
        ({"CRM_LANG": "zh", "LC_ALL": "en_US.UTF-8"}, "", CHINESE_WORDS),
        ({"CRM_LANG": "en", "LC_ALL": "C"}, "--lang zh", CHINESE_WORDS),
        ({"CRM_LANG": "en"}, "--lang=zh", CHINESE_WORDS),
        ({"CRM_LANG": "zh", "LC_ALL": "zh_CN.UTF-8"}, "--lang en", ENGLISH),
    ],
)
def test_the_nearest_wish_wins(crm: Crm, environ: dict[str, str], typed: str, said: str) -> None:
    assert crm.ok(f"customer list {typed}", env={**NOT_SAID, **environ}).err == said
    assert crm.ok(f"{typed} customer list", env={**NOT_SAID, **environ}).err == said


def test_the_config_chooses_the_language_where_no_variable_of_crm_does(crm: Crm) -> None:
    crm.ok("config set lang zh")
    assert crm.ok("customer list", env={**NOT_SAID, "LANG": "en_US.UTF-8"}).err == CHINESE_WORDS
    assert crm.ok("customer list", env={**NOT_SAID, "CRM_LANG": "en"}).err == ENGLISH
    assert crm.ok("customer list --lang en", env=NOT_SAID).err == ENGLISH


def test_a_language_that_we_do_not_speak_is_refused(crm: Crm) -> None:
    result = crm("customer list --lang xx")
    assert result.code == 2, result
    assert "xx" in result.err
    assert "en zh" in result.err


# ------------------------------------------------------------------ what is said, and what is data


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a database that has something to show everywhere; made once, copied for each test."""
    acme = Crm(tmp_path_factory.mktemp("kept"))
    acme.ok('customer add "Acme GmbH" --email sales@acme.example --phone "+49 30 1234567" --region DACH --tag key')
    acme.ok('contact add "Jane Doe" --customer acme --title CTO --role decision-maker --email jane@acme.example')
    acme.ok('deal add "Acme rollout" --customer acme --amount 48k --currency EUR --stage proposal --close 2026-12-31')
    acme.ok("member add tester --email tester@crm.example")
    acme.ok('task add "send offer" --deal rollout --due yesterday --priority high')
    acme.ok("task add ring --customer acme --due today@14:00 --every 1w")
    acme.ok("log call acme wants a quote for 200 --deal rollout --direction in --outcome interested")
    acme.ok("segment add keys tag:key")
    acme.ok('customer add "Zhang Wei" --birthday 1990-11-26 --cadence 1d')
    acme.ok("log email zhang hello --at -9d")
    acme.ok('deal add "Small one" --customer zhang --amount 900 --currency CNY --opened -60d')
    acme.ok('deal add "Gone one" --customer zhang --amount 100 --currency CNY')
    acme.ok("deal lose gone --reason price")
    return acme.folder


@pytest.fixture
def busy(kept: Path, tmp_path: Path) -> Crm:
    """A copy of it."""
    copytree(kept, tmp_path, dirs_exist_ok=True)
    return Crm(tmp_path)


READS = [
    "customer list", "contact list", "deal list --all", "interaction list", "task list", "stage list", "tag list", "segment list",
    "member list", "segment show keys", "show acme", "deal show rollout", "find quote", "today", "followups", "funnel", "fields deal",
]  # fmt: skip


@pytest.mark.parametrize("format_", ["json", "jsonl", "csv", "tsv", "ids"])
def test_data_are_the_same_in_every_language(busy: Crm, format_: str) -> None:
    for line in READS:
        english, chinese = (busy.ok(f"{line} --format {format_} --lang {lang}").out for lang in ("en", "zh"))
        assert english == chinese, line
        assert english, line


def test_what_a_write_prints_as_data_is_the_same_in_every_language(busy: Crm) -> None:
    for line in (
        "deal move rollout negotiation --dry-run",
        "task add later --customer acme --dry-run",
        "tag add vip acme --dry-run",
    ):
        english, chinese = (busy.ok(f"{line} --json --lang {lang}").json for lang in ("en", "zh"))
        drop_uuids(english)
        drop_uuids(chinese)
        assert english == chinese, line


def drop_uuids(value: Any) -> None:
    """A trial makes a new one each time."""
    if isinstance(value, dict):
        value.pop("uuid", None)
    for child in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        drop_uuids(child)


def test_an_error_as_json_keeps_its_kind_and_translates_its_words(busy: Crm) -> None:
    import json

    english, chinese = (json.loads(busy(f"show nobody --json --lang {lang}").err) for lang in ("en", "zh"))
    assert english["error"] == chinese["error"] == "not_found"
    assert list(english) == list(chinese)
    assert CHINESE.search(chinese["message"])


@pytest.mark.parametrize("line", [*READS[:9], "followups", "funnel", "find quote"])
def test_a_chinese_table_has_chinese_headings(busy: Crm, line: str) -> None:
    heads = next(text for text in busy.ok(f"{line} --lang zh").out.splitlines() if CHINESE.search(text))
    assert not re.search("[A-Za-z]", heads), heads


@pytest.mark.parametrize(
    "line",
    [
        "today",
        "followups",
        "funnel",
        "today --format text",
        "followups --format text",
        "funnel --format text",
        "stage list",
    ],
)
def test_a_chinese_answer_has_no_english_word_of_ours(busy: Crm, line: str) -> None:
    out = busy.ok(f"{line} --lang zh").out
    ours = re.findall(
        r"\b(overdue|due|today|tomorrow|days?|quiet|cadence|lead|qualified|proposal|negotiation|won|lost|open|weighted|birthdays?)\b",
        out,
        re.I,
    )
    assert not ours, out


SAYINGS = [
    "deal move rollout negotiation", "deal edit rollout --amount 50k", "deal win rollout", "customer edit acme --region EMEA", "customer remove zhang --yes",
    "customer add New --phone '+49 30 999999'", "contact add Jim --customer acme --role user", "task done 1", "tag add vip acme", "tag remove key acme",
    "log call acme hello --next 'ring back' --due fri", "done 1", "snooze 1 fri", "stage add Pilot --after proposal", "segment edit keys tag:vip",
    "deal add Other --customer acme --amount 12k --currency EUR --stage lead", "deal reopen gone", "member edit tester --name Testa",
    "show nobody", "deal move rollout nowhere", "deal list stage:nowhere", "deal list amout:1", "deal add X --customer acme --amount abc --currency EUR",
    "frobnicate", "deal list --colums x", "log telegram acme x", "task add x --due 05/06/2026", "customer edit acme", "customer add",
    "deal list --limit x", "customer add Acme", "config set lang xx", "deal lose rollout", "deal win", "import nowhere.csv --as customers",
]  # fmt: skip


@pytest.mark.parametrize("line", SAYINGS)
def test_what_is_said_in_chinese_has_no_english_of_ours(busy: Crm, line: str) -> None:
    said = busy(f"{line} --lang zh").err
    assert CHINESE.search(said), said
    plain = re.sub(r"crm .*|可用的有：call .*|--[a-z-]+|[a-z]+:[^ ]*", "", said.removeprefix("crm: "))
    ours = {"the", "of", "is", "no", "customer", "contact", "deal", "task", "stage", "company", "person", "lead", "negotiation", "proposal", "won", "lost",
            "call", "amount", "title", "name", "open", "user", "not", "email", "phone"}  # fmt: skip
    left = [word for word in re.findall("[A-Za-z]+", plain) if word in ours]
    assert not left, said
