"""crm score, why, tier and lifecycle: what the facts say of customers, asked in lists, told with reasons, changed."""

import json

import pytest
from conftest import Crm
from test_rfm import load

ORDERS = [
    *(("Acme", f"2026-{month:02}-20", 1000) for month in range(1, 12)),  # every month until now
    *(("Acme", f"2025-{month:02}-20", 500) for month in range(1, 12)),
    *(("Beta", f"2026-{month:02}-10", 800) for month in range(1, 8)),  # every month until July
    *(("Gamma", f"2026-{month:02}-01", 10) for month in (9, 10)),
    ("Once", "2026-11-01", 40),
    ("Returns", "2026-06-01", -30),
    ("Later", "2027-02-01", 999),
    *((f"Small{n}", "2026-05-05", 5) for n in range(1, 4)),
]


@pytest.fixture
def firm(crm: Crm, begun: dict[str, bytes]) -> Crm:
    """Customers of all kinds on Wednesday 25 November 2026, scored."""
    if "firm" not in begun:
        crm.ok("customer add Silent --kind company --quiet")
        load(crm, ORDERS)
        crm.ok("log call once hello --quiet")
        crm.ok("score")
        begun["firm"] = crm.db.read_bytes()
    crm.db.write_bytes(begun["firm"])
    return crm


def _scores(crm: Crm) -> dict[str, dict[str, object]]:
    columns = "name,order_count,revenue,growth,rfm.class,tier,lifecycle,risk,last_order_on,first_order_on"
    return {row["name"]: row for row in crm.ok(f"customer list --columns {columns} --json").json}


def _dump(crm: Crm) -> list[str]:
    import sqlite3

    connection = sqlite3.connect(crm.db)
    try:
        skip = ("journal", "operation", "sqlite_sequence", "search_", "score_run")
        return [line for line in connection.iterdump() if not any(f'INTO "{name}' in line for name in skip)]
    finally:
        connection.close()


# ------------------------------------------------------------------ what is worked out


def test_each_customer_has_a_sensible_answer(firm: Crm) -> None:
    rows = _scores(firm)
    acme = rows["Acme"]
    assert (acme["order_count"], acme["revenue"], acme["growth"]) == (22, 16500, 100)  # 11 of 1000, against 11 of 500
    assert (acme["tier"], acme["lifecycle"], acme["risk"]) == ("vip", "mature", 0)
    assert (rows["Beta"]["tier"], rows["Beta"]["lifecycle"], rows["Beta"]["risk"]) == ("at-risk", "lost", 94)
    assert (rows["Once"]["lifecycle"], rows["Once"]["tier"]) == ("exploring", "ordinary")
    assert (rows["Silent"]["lifecycle"], rows["Silent"]["tier"], rows["Silent"]["risk"]) == ("prospect", None, None)
    assert (rows["Returns"]["order_count"], rows["Returns"]["revenue"], rows["Returns"]["rfm_class"]) == (0, -30, None)
    assert (rows["Later"]["order_count"], rows["Later"]["revenue"]) == (0, None)


def test_the_same_facts_give_the_same_scores(firm: Crm) -> None:
    before = _dump(firm)
    firm.ok("score")
    assert _without_ids(_dump(firm)) == _without_ids(before)


def _without_ids(lines: list[str]) -> list[str]:
    return [line.partition("VALUES(")[2].partition(",")[2] if 'INTO "score"' in line else line for line in lines]


def test_scores_are_no_step_to_take_back(firm: Crm) -> None:
    commands = [row["command"] for row in firm.rows("history")]
    assert not any("crm score" in command for command in commands)
    assert "crm log call" in firm.ok("undo").err


def test_a_trial_writes_nothing(crm: Crm) -> None:
    load(crm, [("Acme", "2026-11-01", 10)])
    assert "Trial, nothing was kept: 1 customer would be scored" in crm.ok("score --dry-run").err
    assert crm.sql("SELECT count(*) FROM score") == [(0,)]


def test_money_without_a_rate_is_not_counted_and_that_is_said(firm: Crm) -> None:
    firm.ok("rate base EUR")
    load(firm, [("Acme", "2026-11-02", 70)], "USD")
    assert "1 customer has orders in a currency without a rate" in firm.ok("score").err
    acme = _scores(firm)["Acme"]
    assert (acme["order_count"], acme["revenue"], acme["growth"], acme["rfm_class"]) == (23, None, None, None)
    assert "money is not known: an order has no rate" in firm.ok("why acme").out


def test_a_removed_product_and_a_removed_customer_do_no_harm(firm: Crm) -> None:
    firm.ok("product add Seat --code S-1 --price 100EUR")
    firm.ok("order add gamma --line S-1:2 --on 2026-11-03")
    firm.ok("product remove S-1 --yes")
    firm.ok("customer remove beta --yes")
    firm.ok("score")
    rows = _scores(firm)
    assert rows["Gamma"]["order_count"] == 3
    assert "Beta" not in rows
    assert firm.sql("SELECT count(*) FROM score s JOIN customer c ON c.id = s.customer_id WHERE c.name = 'Beta'") == [
        (0,)
    ]


def test_a_removed_talk_never_was(crm: Crm) -> None:
    for name in ("Acme", "Beta"):
        crm.ok(f"customer add {name}")
        crm.ok(f"log call {name} hello --at 2026-11-20")
        crm.ok(f"log call {name} again --at 2026-11-24")
    crm.ok("interaction remove 1 --yes")
    crm.ok("interaction remove 2 --yes")
    crm.ok("interaction remove 3 --yes")
    crm.ok("score")
    stages = {row["name"]: row["lifecycle"] for row in crm.rows("customer list --columns name,lifecycle")}
    assert stages == {"Acme": "prospect", "Beta": "exploring"}
    since = crm.sql("SELECT lifecycle_since_on FROM score ORDER BY customer_id")
    assert since == [("2026-11-25",), ("2026-11-24",)]


def test_no_customer_at_all_is_no_fault(crm: Crm) -> None:
    assert crm.ok("score --json").json["customers"] == 0


# ------------------------------------------------------------------ asked


@pytest.mark.ci
@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("tier:vip", ["Acme"]),
        ("tier:风险", ["Beta"]),
        ("lifecycle:lost risk:60..", ["Beta", "Small1", "Small2", "Small3"]),
        ("rfm.class:champions", ["Acme"]),
        ("rfm.m:5", ["Acme", "Beta"]),
        ("growth:100..", ["Acme"]),
        ("orders.count:20..", ["Acme"]),
        ("revenue:5000.. not:tier:vip", ["Beta"]),
        ("ordered:..-90d order_count:7..", ["Beta"]),
        ("生命周期:潜在", ["Later", "Returns", "Silent"]),
        ("no:tier", ["Later", "Returns", "Silent"]),
    ],
)
def test_scores_can_be_asked_for(firm: Crm, query: str, names: list[str]) -> None:
    assert [row["name"] for row in firm.rows("customer", "list", *query.split())] == names


def test_segments_exports_and_changes_by_query_take_them(firm: Crm) -> None:
    firm.ok("segment add leaving tier:at-risk")
    assert [row["name"] for row in firm.rows("customer list @leaving")] == ["Beta"]
    assert "Beta" in firm.ok("export customers tier:at-risk --format csv").out
    firm.ok("customer edit tier:at-risk no:cadence --cadence 7d --yes")
    assert firm.rows("customer list cadence:7")[0]["name"] == "Beta"
    assert [row["name"] for row in firm.rows("customer list --sort -revenue --limit 2")] == ["Acme", "Beta"]
    grouped = {row["tier"]: row["count"] for row in firm.rows("customer list --group-by tier")}
    assert grouped["vip"] == 1


def test_reads_say_that_there_are_no_scores_or_how_old_they_are(firm: Crm, crm: Crm) -> None:
    assert firm.ok("customer list tier:vip").err == ""
    later = firm.at("2026-11-28T09:00:00")
    assert later.ok("customer list tier:vip").err == "Scores are of 2026-11-25: crm score\n"
    assert later.ok("customer list name:acme").err == ""
    later.ok("customer add New --kind company")
    assert "1 command has changed something since: crm score" in later.ok("customer list --columns name,tier").err
    assert later.rows("customer list tier:vip")  # reads write nothing
    assert firm.sql("SELECT computed_on FROM score_run") == [("2026-11-25",)]


def test_before_the_first_run_that_is_said(crm: Crm) -> None:
    crm.ok("customer add Acme --kind company")
    assert "There are no scores yet: crm score" in crm.ok("customer list risk:50..").err
    assert "not scored yet: crm score" in crm.ok("why acme").out
    assert crm.ok("tier list").err == "There are no scores yet: crm score\n"


def test_remind_makes_the_scores_of_the_day(firm: Crm) -> None:
    tomorrow = firm.at("2026-11-26T09:00:00")
    tomorrow.ok("remind")
    assert firm.sql("SELECT computed_on FROM score_run") == [("2026-11-26",)]


def test_remind_leaves_a_database_without_orders_alone(crm: Crm) -> None:
    crm.ok("customer add Acme --kind company")
    crm.ok("remind")
    assert crm.sql("SELECT count(*) FROM score_run") == [(0,)]


# ------------------------------------------------------------------ told


def test_why_tells_every_fact_with_its_day_and_rule(firm: Crm) -> None:
    told = firm.ok("why beta --json").json
    assert (told["customer"], told["scored_on"]) == ("Beta", "2026-11-25")
    facts = told["facts"]
    tier = [(fact["fact"], fact["rule"]) for fact in facts if fact["about"] == "tier"]
    assert tier[-1] == ("is at-risk, the first rule that holds", "risk:50.. rfm.m:3..")
    assert {"about": "orders", "fact": "last order", "value": None, "on": "2026-07-10", "rule": None} in facts
    stages = [(fact["value"], fact["on"]) for fact in facts if fact["about"] == "lifecycle"]
    assert stages[-2:] == [("declining", "2026-09-10"), ("lost", "2026-10-10")]
    risk = [fact for fact in facts if fact["about"] == "risk"]
    assert [fact["value"] for fact in risk] == [30.5, 71, 23, 94]
    assert "silent for 138 days, usually 30" in risk[1]["fact"]
    assert "NaN" not in json.dumps(told)


@pytest.mark.ci
@pytest.mark.parametrize("name", ["Silent", "Returns", "Later", "Once"])
def test_why_copes_with_customers_of_few_orders(firm: Crm, name: str) -> None:
    for language in ("en", "zh"):
        environ = {"COLUMNS": "40", "FORCE_COLOR": "1", "NO_COLOR": "1", "CRM_LANG": language}
        lines = firm.ok(f"why {name}", env=environ).out.splitlines()
        assert all(len(line) <= 40 for line in lines)
    assert firm.ok(f"why {name} --format csv").out.startswith("about,fact,value,on,rule")


def test_who_is_about_to_leave_is_on_the_call_sheet(firm: Crm) -> None:
    row = next(row for row in firm.rows("followups") if row["kind"] == "risk")
    assert (row["ref"], row["bucket"]) == ("customer:3", "overdue")
    assert row["reason"] == "no order for 138 days, usually every 30; risk 94 of 100"
    assert row["due_on"] == "2026-09-08"
    assert row["what"].startswith("Ask once why they left")
    assert "Ask once why they left" in firm.ok("today").out
    assert "已 138 天没有订单" in firm.ok("followups --lang zh").out
    assert firm.ok("remind").out.count("customer:3") == 1


def test_it_leaves_the_call_sheet_when_it_is_put_off_or_talked_to(firm: Crm) -> None:
    firm.ok("snooze customer:3 +5d")
    assert [row for row in firm.rows("followups") if row["kind"] == "risk"] == []
    firm.ok("undo")
    firm.ok("done customer:3")
    assert [row for row in firm.rows("followups") if row["kind"] == "risk"] == []
    assert [row["ref"] for row in firm.at("2026-12-20T09:00:00").rows("followups") if row["kind"] == "risk"]
    firm.ok("undo")
    firm.ok("tier edit at-risk --no-risk")
    assert [row for row in firm.rows("followups") if row["kind"] == "risk"] == []


def test_the_call_sheet_names_those_that_most_money_came_from(crm: Crm) -> None:
    months = range(1, 8)
    load(crm, [(f"Firm{n}", f"2026-{month:02}-10", 100 + n) for n in range(60) for month in months])
    crm.ok("tier add everybody --query has:last_order_on --position 1 --risk")
    crm.ok("score")
    rows = [row for row in crm.rows("followups") if row["kind"] == "risk"]
    assert {row["customer"] for row in rows} == {f"Firm{n}" for n in range(10, 60)}
    crm.ok("snooze firm3 +3d")  # who is not on it can be put off all the same


def test_one_customer_is_named_once_though_its_cadence_ran_out_too(firm: Crm) -> None:
    firm.ok("customer edit beta --cadence 3d")
    rows = firm.at("2026-12-02T09:00:00").rows("followups")
    assert [row["kind"] for row in rows if row["customer"] == "Beta"] == ["risk"]


def test_show_says_where_a_customer_stands_and_what_to_do(firm: Crm) -> None:
    record = firm.ok("show acme --json").json
    assert (record["tier"], record["lifecycle"], record["risk"]) == ("vip", "mature", 0)
    assert record["playbook"].startswith("Keep them")
    firm.ok("lifecycle edit mature --playbook 'Dinner in May'")
    assert "Dinner in May" in firm.ok("show acme").out
    firm.ok("undo")
    assert "Keep them" in firm.ok("show acme").out


# ------------------------------------------------------------------ changed


def test_a_rule_that_cannot_be_asked_is_refused_with_its_place(firm: Crm) -> None:
    refused = firm("tier", "edit", "vip", "--query", "rfm.m:5 colour:red")
    assert refused.code == 2
    assert "at " in refused.err
    assert firm("tier edit vpi --cadence 7d").code == 3
    assert firm("tier edit vip").code == 2
    assert firm("tier add vip --query tag:x").code in (3, 4)


def test_tiers_are_tried_in_their_order_and_the_user_says_which(firm: Crm) -> None:
    firm.ok("tier add big --query revenue:5000.. --position 1 --cadence 7d")
    assert "Customers are sorted" not in firm.ok("tier edit big --playbook hello").err
    firm.ok("score")
    assert [row["name"] for row in firm.rows("customer list tier:big")] == ["Acme", "Beta"]
    names = [(row["position"], row["name"]) for row in firm.rows("tier list")]
    assert names[:3] == [(1, "big"), (2, "at-risk"), (3, "vip")]
    shown = firm.ok("tier show big --json").json
    assert (shown["cadence_days"], shown["customers"], shown["playbook"]) == (7, 2, "hello")
    assert "crm customer edit tier:big no:cadence --cadence 7d" in firm.ok("tier show big").out


@pytest.mark.ci
def test_each_change_of_a_tier_can_be_taken_back_whole(firm: Crm) -> None:
    firm.ok("tier edit vip --cadence 3w")
    for line in (
        "tier add key --query tag:key --position 2",
        "tier edit ordinary --query order_count:1.. --position 1 --risk --playbook x --name rest",
        "tier edit growing --clear cadence --clear playbook",
        "tier remove low-value",
        "tier reset",
        "lifecycle edit lost --playbook y",
        "customer edit acme --lifecycle declining",
    ):
        if "tag:key" in line:
            firm.ok("tag add key acme")
        before = _dump(firm)
        firm.ok(line)
        assert _dump(firm) != before
        firm.ok("undo")
        assert _dump(firm) == before, line


def test_the_last_tier_stays_and_reset_brings_back_the_first_five(firm: Crm) -> None:
    for name in ("vip", "at-risk", "growing", "low-value"):
        firm.ok(f"tier remove {name}")
    assert firm("tier remove ordinary").code == 4
    firm.ok("tier reset")
    assert [row["name"] for row in firm.rows("tier list")] == ["at-risk", "vip", "growing", "low-value", "ordinary"]


def test_a_stage_set_by_hand_is_marked_and_left_alone(firm: Crm) -> None:
    firm.ok("customer edit acme --lifecycle 衰退")
    firm.at("2026-11-26T09:00:00").ok("score")
    assert firm.rows("customer list lifecycle:declining --columns name,lifecycle_since_on") == [
        {"name": "Acme", "lifecycle_since_on": "2026-11-25"}
    ]
    assert "set by hand" in firm.ok("why acme").out
    firm.ok("customer edit acme --clear lifecycle")
    firm.ok("score")
    assert _scores(firm)["Acme"]["lifecycle"] == "mature"
    assert firm("customer edit acme --lifecycle happy").code == 2


def test_the_stages_and_the_ways_between_them(firm: Crm) -> None:
    rows = {row["lifecycle"]: row for row in firm.rows("report lifecycle")}
    assert list(rows) == ["prospect", "exploring", "growing", "mature", "declining", "lost", "won-back"]
    assert sum(row["customers"] for row in rows.values()) == 10
    assert (rows["lost"]["customers"], rows["lost"]["entered"], rows["lost"]["left"]) == (4, 4, 0)
    assert rows["declining"]["median_days"] == 30
    flows = firm.rows("report lifecycle --by month --from 2026-10-01")
    assert {"month": "2026-10", "from": "declining", "to": "lost", "customers": 1} in flows
    assert [row["customers"] for row in firm.rows("report lifecycle name:beta") if row["customers"]] == [1]
    drawn = firm.ok("report lifecycle", env={"COLUMNS": "40", "FORCE_COLOR": "1", "NO_COLOR": "1"}).out
    assert all(len(line) <= 40 for line in drawn.splitlines())
    assert "twice" in firm.ok("report lifecycle --explain").out or "2" in firm.ok("report lifecycle --explain").out
    assert firm.ok("lifecycle list --lang zh").out.splitlines()[1].startswith("潜在")
    assert firm("lifecycle edit happy --playbook x").code == 3


def test_a_column_called_as_a_score_is_a_field_of_its_own(crm: Crm) -> None:
    crm.ok("import - --as customers", stdin="name,revenue,tier,lifecycle\nAcme,5000,gold,lead\nBeta,10,tin,lead\n")
    assert crm.rows("customer list acme")[0]["custom"] == {"revenue": "5000", "tier": "gold", "lifecycle": "lead"}
    assert [row["name"] for row in crm.rows("customer list revenue:2000.. tier:gold")] == ["Acme"]
    assert [row["name"] for row in crm.rows("customer list --sort -revenue")] == ["Acme", "Beta"]
    assert crm.ok("customer list --columns name,tier --sort tier --format csv").out.splitlines()[1:] == [
        "Acme,gold",
        "Beta,tin",
    ]
