"""crm view: lists kept under a name; the order of Chinese names; and the whole picture of crm show."""

import random
from datetime import UTC, datetime

import pytest
from conftest import Crm

from crm_cli.rules.pinyin import sort_key
from crm_cli.rules.text import fold

pytestmark = pytest.mark.ci


@pytest.fixture
def firms(acme: Crm) -> Crm:
    acme.ok('customer add "Beta AG" --region DACH --tag key --city Wien')
    acme.ok('customer add "Nordic AB" --region Nordics')
    return acme


KEYS = ["id", "uuid", "name", "noun", "query", "columns", "sort", "group_by", "problem"]


def test_a_list_is_kept_and_shown(firms: Crm) -> None:
    saved = firms.ok("view save dach region:dach --columns name,city --sort -name")
    assert saved.err == "Kept view dach (customer): crm view show dach; undo: crm undo\n"
    assert firms.ok("view show dach --format csv").out == "name,city\nBeta AG,Wien\nAcme GmbH,\n"
    assert firms.ok("customer list --view DACH --format csv").out == "name,city\nBeta AG,Wien\nAcme GmbH,\n"
    (row,) = firms.rows("view list")
    assert list(row) == KEYS
    del row["id"], row["uuid"]
    assert row == {
        "name": "dach", "noun": "customer", "query": "region:dach", "columns": "name,city", "sort": "-name",
        "group_by": None, "problem": None,
    }  # fmt: skip
    table = firms.ok("view").out.splitlines()
    assert table[0].split() == ["id", "name", "noun", "query", "columns", "sort"]
    assert table[1].split() == ["1", "dach", "customer", "region:dach", "name,city", "-name"]
    assert firms.ok("views", env={"CRM_LANG": "zh"}).out.splitlines()[1].split()[2] == "客户"


def test_further_words_narrow_and_options_replace(firms: Crm) -> None:
    firms.ok("view save either region:dach or region:nordics --columns name")
    assert firms.rows("view show either beta") == [{"name": "Beta AG"}]
    assert firms.rows("customer list --view either city:wien --columns city") == [{"city": "Wien"}]
    assert [row["name"] for row in firms.rows("view show either --sort -name --limit 1")] == ["Nordic AB"]
    counted = firms.rows("view show either --group-by region")
    assert [(row["region"], row["count"]) for row in counted] == [("DACH", 2), ("Nordics", 1)]
    firms.ok("member add tester")
    assert firms.rows("customer list --view either --mine") == []


def test_groups_are_kept_too(firms: Crm) -> None:
    firms.ok("view save worth --kind deals status:any --group-by stage --sort stage --columns stage,count")
    rows = firms.rows("view show worth")
    assert rows and list(rows[0]) == ["stage", "count"]
    assert firms.rows("deal list --view worth") == rows
    other = firms.rows("view show worth --group-by owner")
    assert list(other[0]) == ["owner", "count", "amount", "weighted"]


def test_the_kind_is_said_or_follows_from_the_query(firms: Crm) -> None:
    assert firms.rows("view save a stage:proposal")["noun"] == "deal"
    assert firms.rows("view save b --kind 联系人 --columns name,phone")["noun"] == "contact"
    assert firms.rows("view save c --kind task")["noun"] == "task"
    missing = firms("view save d --columns name")
    assert (missing.code, missing.err) == (
        2,
        "crm: --kind is missing: without a query nothing says what the view is of\n"
        "As: crm view save phones --kind customers --columns name,phone\n",
    )
    wrong = firms("view save d --kind tags")
    assert (
        wrong.err
        == "crm: A view is of customers, contacts, deals, interactions, tasks, orders, products, not of tags\n"
    )
    other = firms("customer list --view a")
    assert (other.code, other.err) == (2, "crm: View a is of another kind: deals\nType: crm view show a\n")


def test_edit_rename_remove_and_back(firms: Crm) -> None:
    firms.ok("view save dach region:dach --columns name --sort name")
    assert firms.ok("view edit dach tag:key --sort -name").err == "Changed view dach (customer); undo: crm undo\n"
    assert firms.ok("view edit dach --sort=-name").err == "Nothing to change: it is so already\n"
    assert [row["name"] for row in firms.rows("view show dach")] == ["Beta AG", "Acme GmbH"]
    firms.ok("view edit dach --clear columns --clear query --clear sort")
    assert len(firms.rows("view show dach")) == 3
    assert len(firms.rows("view show dach")[0]) > 10
    assert firms("view edit dach").code == 2
    assert firms("view edit dach --clear colour").err.startswith("crm: A view has no colour to clear\n")
    assert firms.ok("view rename dach 重点").err == "Renamed view dach to 重点; undo: crm undo\n"
    assert firms.ok("view remove 重点").err == "Removed view 重点; undo: crm undo\n"
    assert firms.rows("view") == []
    firms.ok("view save 重点 tag:key")  # the name is free again
    firms.ok("undo --yes")
    firms.ok("undo --yes")
    assert [row["name"] for row in firms.rows("view")] == ["重点"]
    for _ in range(4):
        firms.ok("undo --yes")
    assert firms.rows("view") == []
    firms.ok("redo --yes")
    assert firms.rows("view list --columns name,query") != []


def test_names(firms: Crm) -> None:
    firms.ok("view save dach region:dach")
    again = firms("view save DACH region:nordics")
    assert (again.code, again.err.splitlines()[0]) == (4, "crm: A view called dach is already there")
    assert firms("view save 'two words' tag:key").err.startswith("crm: two words is no name for a view\n")
    unknown = firms("view show dahc")
    assert (unknown.code, unknown.err.splitlines()[0]) == (3, "crm: No view is called dahc")
    assert firms("customer list --view nobody").code == 3
    assert firms.ok("view show da --format ids").out.split()  # the beginning of a name will do
    firms.ok("view save other tag:key")
    assert firms("view rename other dach").code == 4


@pytest.mark.parametrize(
    "words",
    ["regio:dach", "--kind deals --columns nme", "--kind deals --sort colour", "--kind deals --group-by amount",
     "--kind deals --group-by owner --columns title", "tag:key --sort ,", "@nobody"],
)  # fmt: skip
def test_what_no_list_could_show_is_not_kept(firms: Crm, words: str) -> None:
    assert firms(f"view save bad {words}").code in (2, 3)
    assert firms.rows("view") == []


def test_a_view_that_does_not_hold_any_more_says_why(firms: Crm) -> None:
    firms.ok("segment add dach region:dach")
    firms.ok("view save mine @dach --columns name")
    firms.ok("segment remove dach")
    broken = firms("view show mine")
    assert broken.code == 2
    assert broken.err == (
        "crm: View mine does not hold any more: No segment is called dach\nChange it: crm view edit mine --help\n"
    )
    assert firms.rows("view list --columns name,problem") == [{"name": "mine", "problem": "No segment is called dach"}]
    firms.ok("view edit mine region:dach")
    assert len(firms.rows("view show mine")) == 2


def test_what_is_renamed_is_renamed_in_views(firms: Crm) -> None:
    firms.ok("segment add dach region:dach")
    firms.ok("view save a tag:key @dach")
    firms.ok("view save b stage:proposal")
    said = firms.ok("tag rename key top").err
    assert "View a asks for it too: tag:top @dach\n" in said
    assert "View a asks for it too: tag:top @alps\n" in firms.ok("segment rename dach alps").err
    firms.ok("stage edit proposal --name Offer")
    assert [row["query"] for row in firms.rows("view")] == ["tag:top @alps", "stage:Offer"]
    assert len(firms.rows("view show a")) == 2


# ------------------------------------------------------------------ the order of names

NAMES = [
    "北京银行",
    "安徽电力",
    "Acme 2",
    "陈记",
    "阿里",
    "zebra",
    "Émile",
    "张三",
    "章鱼",
    "赵四",
    "北方",
    "A公司",
    "한국",
    "𠀀",
]


def test_chinese_names_go_by_how_they_are_read(crm: Crm) -> None:
    shuffled = NAMES[:]
    random.Random(5).shuffle(shuffled)
    rows = "".join(f"{name},{name},company\n" for name in shuffled)
    crm.ok("import", "-", "--as", "customers", "--on-duplicate", "new", stdin=f"name,region,kind\n{rows}")
    expected = [
        "Acme 2",
        "A公司",
        "Émile",
        "zebra",
        "阿里",
        "安徽电力",
        "北方",
        "北京银行",
        "陈记",
        "张三",
        "章鱼",
        "赵四",
    ]
    found = [row["name"] for row in crm.rows("customer list --sort name")]
    assert found[:12] == expected
    assert sorted(found) == sorted(NAMES)
    assert found == sorted(NAMES, key=lambda name: sort_key(fold(name)))
    assert [row["region"] for row in crm.rows("customer list --sort region")] == found
    assert [row["name"] for row in crm.rows("customer list --sort -name")] == found[::-1]
    pages = [
        row["name"] for at in range(0, 14, 3) for row in crm.rows(f"customer list --sort name --limit 3 --offset {at}")
    ]
    assert pages == found
    groups = crm.rows("customer list --group-by region --sort region --columns region")
    assert [row["region"] for row in groups] == found
    for name in NAMES[:6]:
        crm.ok("tag", "add", name.replace(" ", ""), "1")
    tags = [row["name"] for row in crm.rows("tag list --sort name")]
    assert tags == sorted((name.replace(" ", "") for name in NAMES[:6]), key=lambda name: sort_key(fold(name)))


def test_latin_names_keep_their_index(crm: Crm) -> None:
    from crm_cli.queries.conditions import Asker
    from crm_cli.queries.records import order_by
    from crm_cli.store.reader import open_reader

    asker = Asker(datetime(2026, 11, 25, 9, tzinfo=UTC))
    crm.ok("customer add Acme --kind company")
    db = open_reader(str(crm.db))
    assert order_by("customer", "name", db, asker) == "c.name_key, c.id"
    db.close()
    crm.ok("customer add 安徽 --kind company")
    db = open_reader(str(crm.db))
    assert order_by("customer", "name", db, asker) == "collated(c.name_key), c.id"
    db.close()


# ------------------------------------------------------------------ the whole picture


def test_show_names_the_segments_that_a_record_is_in(firms: Crm) -> None:
    firms.ok("segment add dach region:dach")
    firms.ok("segment add keys tag:key")
    firms.ok("segment add north region:nordics")
    firms.ok("segment add work stage:proposal")
    firms.ok("segment add gone @keys")
    assert firms.rows("show acme")["segments"] == ["dach", "gone", "keys"]
    assert firms.rows("customer show nordic")["segments"] == ["north"]
    assert firms.rows("deal show rollout")["segments"] == ["work"]
    assert firms.rows("contact show jane")["segments"] == []
    firms.ok("task add call")
    assert "segments" not in firms.rows("task show call")
    firms.ok("member add Bob")
    firms.ok("segment edit gone owner:Bob")
    firms.ok("member remove Bob")
    assert firms.rows("show acme")["segments"] == ["dach", "keys"]
    text = firms.ok("show acme").out
    assert "segments    dach, keys\n" in text or "segments  dach, keys\n" in text
    chinese = firms.ok("show acme", env={"CRM_LANG": "zh", "FORCE_COLOR": "1", "NO_COLOR": "1", "COLUMNS": "40"}).out
    assert "dach、keys" in chinese
    assert "客群" in chinese


def test_of_many_segments_none_is_looked_at(firms: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crm_cli.queries.segments._MOST_LOOKED_AT", 2)
    for n in range(3):
        firms.ok(f"segment add s{n} region:dach")
    assert firms.rows("show acme")["segments"] is None
    assert "segments" not in firms.ok("show acme").out
    firms.ok("segment remove s0")
    assert firms.rows("show acme")["segments"] == ["s1", "s2"]


def test_a_screen_has_open_deals_first_and_the_last_five_talks(firms: Crm) -> None:
    screen = {"FORCE_COLOR": "1", "NO_COLOR": "1", "COLUMNS": "80"}
    for n in range(1, 6):
        firms.ok(f"deal add Old{n} --customer beta --amount {n}k --currency EUR")
        firms.ok(f"deal win Old{n}")
        firms.ok(f"log call beta talk{n}")
    firms.ok("deal add Fresh --customer beta")
    firms.ok("log call beta talk6")
    shown = firms.ok("show beta", env=screen).out
    assert "Deals (6)" in shown
    assert "Fresh" in shown
    assert "Old1" not in shown
    assert "5 closed: crm deal list is:closed customer_id:2\n" in shown
    assert len(firms.rows("deal list is:closed customer_id:2")) == 5
    assert "talk6" in shown and "talk2" in shown and "talk1" not in shown
    assert "1 more: crm interaction list customer_id:2\n" in shown
    assert "Old1" in firms.ok("show beta").out  # a pipe has them all
    narrow = firms.ok("show beta", env={**screen, "COLUMNS": "40"}).out
    assert all(len(line) <= 40 for line in narrow.splitlines())
