"""The public keys of every noun and answer, spelled out by hand: scripts depend on them. More may come, none goes."""

from typing import Any

import pytest
from conftest import Crm

pytestmark = pytest.mark.ci

CUSTOMER = (
    "id uuid name kind status parent parent_id email emails phone phones website websites messengers industry size"
    " region country city address source referred_by language prefers birthday cadence_days owner tags note"
    " last_contact_on next_task_on open_deals won open won_amount open_amount currency created_at updated_at"
    " removed_at external_source external_id custom"
)
CONTACT = (
    "id uuid name customer customer_id title role email emails phone phones prefers birthday tags note last_contact_on"
    " created_at updated_at external_id custom"
)
DEAL = (
    "id uuid title customer customer_id contacts stage pipeline status amount currency probability weighted"
    " expected_close_on opened_on closed_on source next_step next_step_on risk lost_reason owner tags last_touch_on"
    " days_in_stage created_at updated_at external_id custom"
)
INTERACTION = (
    "id uuid channel direction at text outcome duration_minutes customer customer_id contacts deal deal_id owner"
    " created_at updated_at external_source external_id custom"
)
TASK = (
    "id uuid text due_on due_at priority every done_at customer customer_id deal deal_id owner created_at updated_at"
    " external_source external_id custom"
)
ORDER = (
    "id uuid number customer customer_id deal deal_id ordered_on amount currency cost margin lines owner note created_at"
    " updated_at external_source external_id custom"
)
PRODUCT = (
    "id uuid code name kind category unit price currency prices cost cost_currency audience active note created_at"
    " updated_at external_source external_id custom"
)
# asked, sorted by and shown where they are named
ON_REQUEST = {
    "customer": "order_count first_order_on last_order_on revenue margin growth rfm_class rfm_group rfm_r rfm_f rfm_m tier"
    " lifecycle lifecycle_since_on risk alive clv next_order_on fit priority",
    "deal": "slips",
}
FOLLOWUP = (
    "ref kind bucket what customer customer_id contact contact_id phone email deal deal_id task_id due_on days_late"
    " last_word last_on reason owner"
)
FUNNEL = "stage kind position deals amount currency weighted share conversion median_days"
FIND = "ref kind id name customer snippet"
TODAY = "overdue due appointments closing quiet birthdays"
ERROR = "error message candidates"

NOUNS = {"customer": CUSTOMER, "contact": CONTACT, "deal": DEAL, "interaction": INTERACTION, "task": TASK}
NOUNS |= {"order": ORDER, "product": PRODUCT}
SHORT = {
    "customer": {
        "cadence": "cadence_days", "contacted": "last_contact_on", "next": "next_task_on", "spent": "won_amount",
        "created": "created_at", "updated": "updated_at", "tag": "tags", "messenger": "messengers",
    },
    "deal": {
        "close": "expected_close_on", "opened": "opened_on", "closed": "closed_on", "next": "next_step_on",
        "touched": "last_touch_on", "tag": "tags", "contact": "contacts", "reason": "lost_reason",
    },
    "task": {"due": "due_on", "done": "done_at"},
}  # fmt: skip


@pytest.fixture
def full(acme: Crm) -> Crm:
    """One of each noun."""
    acme.ok("product add Seat --code SEAT --price 100EUR")
    acme.ok("order add acme --line SEAT:2 --number A-1")
    acme.ok('log call acme "wants a quote" --deal rollout --next "send it" --due 2026-11-24')
    return acme


@pytest.mark.parametrize("noun", list(NOUNS))
def test_a_list_has_these_keys_in_this_order(full: Crm, noun: str) -> None:
    (row,) = full.rows(f"{noun} list")
    assert list(row) == NOUNS[noun].split()
    head = full.ok(f"{noun} list --format csv").out.splitlines()[0]
    assert head == ",".join(NOUNS[noun].split())
    assert full.ok(f"{noun} list --format tsv").out.splitlines()[0] == "\t".join(NOUNS[noun].split())


@pytest.mark.parametrize("noun", list(NOUNS))
def test_keys_and_values_of_data_are_never_translated(full: Crm, noun: str) -> None:
    for form in ("json", "jsonl", "csv", "tsv"):
        english = full.ok(f"{noun} list --format {form}").out
        assert full.ok(f"{noun} list --format {form} --lang zh").out == english


@pytest.mark.ci
@pytest.mark.parametrize(("noun", "short", "key"), [(n, s, k) for n, names in SHORT.items() for s, k in names.items()])
def test_a_short_name_stands_for_its_key_in_columns_sort_and_queries(
    full: Crm, noun: str, short: str, key: str
) -> None:
    (row,) = full.rows(f"{noun} list --columns {short} --sort {short}")
    assert list(row) == [key]
    assert full(f"{noun} list has:{short}").code == 0


@pytest.mark.parametrize(
    ("line", "keys"),
    [("followups", FOLLOWUP), ("funnel", FUNNEL), ("find acme", FIND)],
)
def test_answers_have_these_keys(full: Crm, line: str, keys: str) -> None:
    for row in full.rows(line):
        assert [key for key in row if key in keys.split()] == keys.split()


def test_today_is_an_object_of_arrays(full: Crm) -> None:
    answer = full.rows("today")
    assert list(answer) == TODAY.split()
    assert all(isinstance(part, list) for part in answer.values())
    (row,) = answer["overdue"]
    assert set(FOLLOWUP.split()) <= set(row)


def test_show_nests_what_belongs_to_a_record(full: Crm) -> None:
    shown = full.rows("customer show acme")
    assert set(CUSTOMER.split()) <= set(shown)
    for part in ("contacts", "deals", "tasks", "interactions"):
        assert list(shown[part][0]) == NOUNS[part.removesuffix("s")].split()
    deal = full.rows("deal show rollout")
    assert {"contacts", "tasks", "interactions"} <= set(deal)


def test_an_error_is_an_object_with_its_kind_message_and_candidates(full: Crm) -> None:
    import json

    full.ok('customer add "Acme AG"')
    result = full("customer show Acm --json")
    assert result.code == 4
    error = json.loads(result.err)
    assert set(ERROR.split()) <= set(error)
    assert error["error"] == "ambiguous"
    assert [(c["kind"], c["id"], c["name"]) for c in error["candidates"]] == [
        ("customer", 1, "Acme GmbH"),
        ("customer", 2, "Acme AG"),
    ]


def test_types_of_values_are_as_published(full: Crm) -> None:
    customer: dict[str, Any] = full.rows("customer list")[0]
    assert customer["emails"] == [{"value": "sales@acme.example", "label": None}]
    assert customer["email"] == "sales@acme.example"
    assert customer["tags"] == ["key"]
    assert customer["open"] == [{"amount": 48000, "currency": "EUR", "deals": 1}]
    assert (customer["open_amount"], customer["won"], customer["won_amount"]) == (48000, [], None)
    assert (customer["currency"], customer["parent"], customer["custom"]) == ("EUR", None, {})
    assert customer["created_at"] == "2026-11-25T09:00:00+00:00"
    deal = full.rows("deal list")[0]
    assert (deal["amount"], deal["currency"], deal["probability"], deal["weighted"]) == (48000, "EUR", 50, 24000)
    assert (deal["expected_close_on"], deal["closed_on"], deal["status"]) == ("2026-12-31", None, "open")
    assert (deal["next_step"], deal["next_step_on"], deal["days_in_stage"]) == ("send it", "2026-11-24", 0)


def test_moments_have_the_offset_of_the_zone_asked_from(full: Crm) -> None:
    (row,) = full.rows("customer list --columns created", env={"CRM_TZ": "Asia/Shanghai"})
    assert row["created_at"] == "2026-11-25T17:00:00+08:00"


def test_every_field_of_the_list_of_fields_is_a_key(full: Crm) -> None:
    for noun, keys in NOUNS.items():
        listed = [row["key"] for row in full.rows(f"fields {noun}") if "." not in row["key"]]
        asked = ON_REQUEST.get(noun, "").split()
        assert [key for key in listed if key not in asked] == keys.split()
        assert [key for key in listed if key in asked] == asked


# ------------------------------------------------------------------ the small nouns, files, settings

SMALL = {
    "stage": "id uuid name pipeline position kind probability quiet_after_days deals",
    "tag": "id name customers contacts deals",
    "segment": "id uuid name noun query members week_change",
    "member": "id uuid name email open_deals open_tasks",
}
REPORT = "read added updated unchanged skipped failed errors written dry_run op"
CANDIDATE = {"kind", "id", "name"}


@pytest.fixture
def team(full: Crm) -> Crm:
    full.ok("segment add keys tag:key")
    full.ok("member add Ana --email ana@us.example")
    return full


@pytest.mark.parametrize("noun", list(SMALL))
def test_the_small_nouns_have_these_keys_in_this_order(team: Crm, noun: str) -> None:
    keys = SMALL[noun].split()
    rows = team.rows(f"{noun} list")
    assert rows and all(list(row) == keys for row in rows)
    for form, mark in (("csv", ","), ("tsv", "\t")):
        assert team.ok(f"{noun} list --format {form}").out.splitlines()[0] == mark.join(keys)
    assert [list(row) for row in team.rows(f"{noun} list --columns name,id")] == [["name", "id"]] * len(rows)


@pytest.mark.parametrize(
    ("line", "keys"),
    [
        ("customer add Beta", CUSTOMER),
        ("contact add Bob --customer acme", CONTACT),
        ("deal add More --customer acme --amount 1EUR", DEAL),
        ("task add call --customer acme", TASK),
        ("log call acme hello", INTERACTION),
        ("member add Bo", SMALL["member"]),
        ("stage add Trial", SMALL["stage"]),
        ("segment add late contacted:..-30d", SMALL["segment"]),
    ],
)
def test_an_add_prints_the_record_that_it_made(team: Crm, line: str, keys: str) -> None:
    assert list(team.rows(line)) == keys.split()


@pytest.mark.parametrize(
    ("line", "keys"),
    [
        ("customer edit acme --region x", CUSTOMER),
        ("contact edit jane --title x", CONTACT),
        ("deal move rollout negotiation", DEAL),
        ("deal win rollout", DEAL),
        ("task done 1", TASK),
        ("interaction edit 1 --outcome x", INTERACTION),
        ("customer remove acme --yes", CUSTOMER),
    ],
)
def test_a_change_prints_an_array_of_what_it_changed(team: Crm, line: str, keys: str) -> None:
    (row,) = team.rows(line)
    assert list(row) == keys.split()


def test_the_report_of_an_import_has_these_keys_also_when_it_is_refused(crm: Crm) -> None:
    good = crm("import", "-", "--as", "customers", "--json", stdin="name,birthday\nA,1990-05-17\n")
    bad = crm("import", "-", "--as", "customers", "--json", stdin="name,birthday\nB,1990-15-17\n")
    assert (good.code, bad.code) == (0, 65)
    for report in (good.json, bad.json):
        assert [key for key in report if key in REPORT.split()] == REPORT.split()
    (error,) = bad.json["errors"]
    assert set("line column value reason".split()) <= set(error)
    assert (bad.json["written"], bad.json["added"]) == (False, 0)


@pytest.mark.parametrize(
    "line",
    ["customer list", "contact list", "deal list", "interaction list", "task list", "tag list", "segment list",
     "member list", "followups", "find nobody", "customer list nobody", "deal board"],
)  # fmt: skip
def test_nothing_is_an_empty_array(crm: Crm, line: str) -> None:
    assert crm.ok(f"{line} --json").out == "[]\n"
    assert crm.ok(f"{line} --json").err == ""


def test_today_has_its_arrays_also_when_nothing_is_there(crm: Crm) -> None:
    assert crm.rows("today") == {key: [] for key in TODAY.split()}


def test_what_today_holds_has_its_keys(full: Crm) -> None:
    full.ok("contact edit jane --birthday 1990-11-27")
    full.ok("deal edit rollout --close 2026-11-28")
    day = full.rows("today")
    (closing,) = day["closing"]
    (birthday,) = day["birthdays"]
    assert set("id title customer customer_id stage amount currency expected_close_on".split()) <= set(closing)
    assert set("kind id name customer on age".split()) <= set(birthday)


@pytest.mark.parametrize(
    ("line", "code", "kind"),
    [
        ("customer show nobody", 3, "not_found"),
        ("customer list nme:x", 2, "usage"),
        ("customer add 'Acme GmbH'", 4, "conflict"),
        ("customer list --limit x", 2, "usage"),
        ("import /no/such/file.csv --as customers", 5, "file"),
    ],
)
def test_errors_are_one_object_on_stderr_and_nothing_on_stdout(full: Crm, line: str, code: int, kind: str) -> None:
    import json

    result = full(f"{line} --json")
    assert (result.code, result.out) == (code, "")
    error = json.loads(result.err)
    assert list(error)[:2] == ["error", "message"]
    assert error["error"] == kind
    assert all(set(candidate) >= CANDIDATE for candidate in error["candidates"])
    assert json.loads(full(f"{line} --json --lang zh").err)["error"] == kind


def test_settings_and_fields_have_these_keys(full: Crm) -> None:
    assert all(list(row)[:3] == ["key", "short", "type"] for row in full.rows("fields deal"))
    assert all(list(row)[:3] == ["name", "value", "from"] for row in full.rows("config"))
