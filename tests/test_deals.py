"""crm deal: added, moved through its stages, won, lost, reopened; money, dates and the history kept with it."""

import pytest
from conftest import Crm
from test_customers import refused

DEAL_KEYS = (
    "id uuid title customer customer_id contacts stage pipeline status amount currency probability weighted"
    " expected_close_on opened_on closed_on source next_step next_step_on risk lost_reason owner tags last_touch_on"
    " days_in_stage created_at updated_at external_id custom"
).split()


def changes(crm: Crm, deal_id: int = 1) -> list[tuple[object, ...]]:
    """from, to, on, days spent, by, note."""
    return crm.sql(
        "SELECT (SELECT name FROM stage WHERE id = from_stage_id), (SELECT name FROM stage WHERE id = to_stage_id),"
        " changed_on, days_spent, changed_by, note FROM stage_change WHERE deal_id = ? ORDER BY id",
        deal_id,
    )


def furthest(crm: Crm, deal_id: int = 1) -> object:
    return crm.sql("SELECT s.name FROM deal d JOIN stage s ON s.id = d.furthest_stage_id WHERE d.id = ?", deal_id)[0][0]


# ------------------------------------------------------------------ add


def test_add_echoes_amount_stage_and_the_day_with_its_weekday(crm: Crm) -> None:
    crm.ok("customer add Acme")
    result = crm.ok(
        'deal add Rollout --customer acme --amount 48k --currency EUR --close "end of next month" --next call --due fri'
    )
    assert result.out == ""
    assert result.err == (
        "Added deal 1: Rollout, Acme (EUR 48,000, lead, close Thu 2026-12-31); undo: crm undo\n"
        "Next: call, Fri 2026-11-27 (task 1)\n"
    )


def test_a_deal_without_a_next_step_says_how_to_give_it_one(crm: Crm) -> None:
    crm.ok("customer add Acme")
    assert "crm task add TEXT --deal 1 --due DAY" in crm.ok("deal add Rollout --customer acme").err


def test_every_option_of_add_is_kept(acme: Crm) -> None:
    row = acme.rows(
        "deal add Renewal --customer acme --amount 1.5m --currency usd --stage 方案报价 --close 2027-03-01 --opened 2026-11-01"
        ' --probability 60% --source fair --contact jane:champion --next call --due 2026-12-01@14:00 --risk "no budget"'
        " --tag big --set po=77"
    )
    assert list(row) == DEAL_KEYS
    assert (row["title"], row["customer"], row["stage"], row["pipeline"], row["status"]) == (
        "Renewal",
        "Acme GmbH",
        "proposal",
        "sales",
        "open",
    )
    assert (row["amount"], row["currency"], row["probability"], row["weighted"]) == (1500000, "USD", 60, 900000)
    assert (row["expected_close_on"], row["opened_on"], row["closed_on"]) == ("2027-03-01", "2026-11-01", None)
    assert row["contacts"] == [{"id": 1, "name": "Jane Doe", "role": "champion"}]
    assert (row["source"], row["risk"], row["tags"], row["custom"]) == ("fair", "no budget", ["big"], {"po": "77"})
    assert (row["next_step"], row["next_step_on"]) == ("call", "2026-12-01")
    assert (row["owner"], row["lost_reason"], row["last_touch_on"], row["days_in_stage"]) == (None, None, None, 24)
    assert changes(acme, 2) == [(None, "proposal", "2026-11-01", None, "tester", None)]


def test_a_deal_starts_in_the_first_open_stage_today(acme: Crm) -> None:
    row = acme.rows("deal add X --customer acme")
    assert (row["stage"], row["probability"], row["opened_on"], row["amount"], row["currency"]) == (
        "lead",
        10,
        "2026-11-25",
        None,
        None,
    )


@pytest.mark.parametrize(
    "line, code, part",
    [
        ("deal add", 2, "title is missing"),
        ("deal add X", 2, "--customer is missing"),
        ("deal add X --customer nobody", 3, "nobody"),
        ("deal add X --customer acme --stage nonsense", 3, "No stage is called nonsense"),
        ("deal add X --customer acme --stage propsal", 3, "Did you mean proposal?"),
        ("deal add X --customer acme --amount 5k --currency XXQ", 2, "XXQ"),
        ("deal add X --customer acme --amount -5 --currency EUR", 2, "below zero"),
        ("deal add X --customer acme --amount=-5EUR", 2, "below zero"),
        ("deal add X --customer acme --amount 12,000", 2, "12000"),
        ("deal add X --customer acme --amount lots", 2, "lots"),
        ("deal add X --customer acme --amount 12kUSD --currency EUR", 2, "is not in EUR"),
        ("deal add X --customer acme --amount 1.234567 --currency EUR", 2, "decimals"),
        ("deal add X --customer acme --close 2026-02-30", 2, "does not exist"),
        ("deal add X --customer acme --close 05/06", 2, "05/06"),
        ("deal add X --customer acme --close someday", 2, "--close"),
        ("deal add X --customer acme --opened 2026-12-01", 2, "has not come yet"),
        ("deal add X --customer acme --probability 101", 2, "percentage"),
        ("deal add X --customer acme --contact nobody", 3, "nobody"),
        ("deal add X --customer acme --due fri", 2, "--due needs --next"),
        ("deal add X --customer acme --next call --due 2026-02-30", 2, "--due"),
        ("deal add X --customer acme --stage lost", 2, "A lost deal has a reason"),
        ("deal add X --customer acme --reason price", 2, "--reason"),
        ("deal add X --customer acme --owner bob", 3, "bob"),
        ('deal add X --customer acme --amount ""', 2, "--amount may not be empty"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_kept(acme: Crm, line: str, code: int, part: str) -> None:
    refused(acme(line), code, part)
    assert len(acme.rows("deal list --all")) == 1
    assert acme.rows("task list --all") == []


def test_a_thousands_mark_of_two_readings_is_refused_with_both(acme: Crm) -> None:
    refused(acme("deal add X --customer acme --amount 12,000"), 2, "12000", "12.00", "crm config set decimal")
    acme.ok("config set decimal .")
    assert acme.rows("deal add X --customer acme --amount 12,000")["amount"] == 12000


@pytest.mark.parametrize(
    "typed, amount, currency",
    [
        ("12000", 12000, "EUR"),
        ("12k", 12000, "EUR"),
        ("1.5m", 1500000, "EUR"),
        ("€12k", 12000, "EUR"),
        ("$12k", 12000, "USD"),
        ("12kUSD", 12000, "USD"),
        ("USD 12,000.00", 12000, "USD"),
        ("1.2万", 12000, "EUR"),
        ("1.2万元", 12000, "CNY"),
        ("12000.50", 12000.5, "EUR"),
        ("0", 0, "EUR"),
        ("１２０００", 12000, "EUR"),
        ("JPY 1200", 1200, "JPY"),
        ("KWD 1.234", None, None),
    ],
)
def test_money_is_read_in_many_forms(acme: Crm, typed: str, amount: object, currency: object) -> None:
    result = acme("deal", "add", "X", "--customer", "acme", "--amount", typed, "--json")
    if amount is None:
        refused(result, 2, "1.234")  # one mark before three digits has two readings
        return
    assert result.code == 0, result
    assert (result.json["amount"], result.json["currency"]) == (amount, currency)


def test_the_currency_is_the_one_typed_the_customers_last_or_that_of_the_config(crm: Crm) -> None:
    crm.ok("customer add Acme")
    crm.ok("customer add Globex")
    refused(
        crm("deal add A --customer acme --amount 5k"),
        2,
        "5k has no currency",
        "--currency EUR",
        "crm config set currency",
    )
    assert crm.rows("deal list") == []
    assert crm.rows("deal add A --customer acme --amount 5k --currency usd")["currency"] == "USD"
    assert crm.rows("deal add B --customer acme --amount 6k")["currency"] == "USD"
    refused(crm("deal add A --customer globex --amount 5k"), 2, "has no currency")
    crm.ok("config set currency CNY")
    assert crm.rows("deal add C --customer globex --amount 5k")["currency"] == "CNY"
    assert crm.rows("deal add C --customer acme --amount 5k")["currency"] == "USD"


def test_the_same_open_deal_of_a_customer_is_refused(acme: Crm) -> None:
    refused(
        acme('deal add "ACME Rollout" --customer acme'), 4, "Acme rollout is already there", "deal:1", "--duplicate"
    )
    acme.ok('deal add "Acme rollout" --customer acme --duplicate')
    acme.ok("customer add Globex")
    acme.ok('deal add "Acme rollout" --customer globex')


def test_a_closed_deal_is_no_duplicate(acme: Crm) -> None:
    acme.ok("deal win rollout")
    acme.ok('deal add "Acme rollout" --customer acme')


def test_a_deal_may_be_added_as_won_or_lost(acme: Crm) -> None:
    won = acme.rows("deal add Old --customer acme --amount 5k --stage won --opened 2026-11-01")
    assert (won["status"], won["closed_on"], won["opened_on"]) == ("won", "2026-11-25", "2026-11-01")
    lost = acme.rows("deal add Gone --customer acme --stage 输单 --reason price")
    assert (lost["status"], lost["closed_on"], lost["lost_reason"]) == ("lost", "2026-11-25", "price")


# ------------------------------------------------------------------ move


def test_move_writes_the_step_down(acme: Crm) -> None:
    later = acme.at("2026-12-05T09:00:00")
    result = later.ok('deal move rollout negotiation --note "they like it"')
    assert result.err == "Moved deal 1: Acme rollout, Acme GmbH (EUR 48,000, negotiation); undo: crm undo\n"
    assert changes(acme) == [
        (None, "proposal", "2026-11-25", None, "tester", None),
        ("proposal", "negotiation", "2026-12-05", 10, "tester", "they like it"),
    ]
    row = later.rows("deal show rollout")
    assert (row["stage"], row["last_touch_on"], row["days_in_stage"], row["probability"]) == (
        "negotiation",
        "2026-12-05",
        0,
        75,
    )
    assert [(c["from"], c["to"], c["days_spent"]) for c in row["stage_changes"]] == [
        (None, "proposal", None),
        ("proposal", "negotiation", 10),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "deal move rollout 谈判",
        "deal move rollout nego",
        "deal move rollout --to Negotiation",
        "deal move 1 4",
        "deal move --to nego deal:1",
    ],
)
def test_a_stage_is_named_in_many_ways(acme: Crm, line: str) -> None:
    assert acme.rows(line)[0]["stage"] == "negotiation"


def test_moving_back_keeps_the_furthest_stage(acme: Crm) -> None:
    acme.ok("deal move rollout negotiation")
    acme.ok("deal move rollout lead")
    assert furthest(acme) == "negotiation"
    acme.ok("deal lose rollout --reason price")
    assert furthest(acme) == "negotiation"


def test_a_move_to_the_stage_it_is_in_changes_nothing(acme: Crm) -> None:
    assert acme.ok("deal move rollout proposal").err == "Nothing to change: it is so already\n"
    assert len(changes(acme)) == 1


def test_several_deals_move_in_one_stroke(acme: Crm) -> None:
    acme.ok("deal add Second --customer acme")
    assert acme.ok("deal move 1 second negotiation").err == "Moved 2 deals to negotiation; undo: crm undo\n"
    refused(acme("deal move 1 nobody lead"), 3, "nobody")
    assert acme.rows("deal show 1")["stage"] == "negotiation"


def test_a_query_moves_with_to_and_needs_yes(acme: Crm) -> None:
    acme.ok("deal add Second --customer acme")
    refused(acme("deal move stage:lead --to qualified"), 2, "1 deal will be moved to qualified: ", "--yes")
    assert [r["title"] for r in acme.rows("deal move stage:lead qualified --yes")] == ["Second"]
    assert [r["title"] for r in acme.rows("deal move stage:qualified --to lead --yes")] == ["Second"]
    refused(acme("deal move stage:lead rollout --to won --yes"), 2, "do not go together", "rollout")


@pytest.mark.parametrize(
    "line, code, part",
    [
        ("deal move", 2, "stage is missing"),
        ("deal move rollout", 2, "stage is missing"),
        ("deal move rollout nonsense", 3, "No stage is called nonsense"),
        ("deal move nobody lead", 3, "No open deal fits nobody"),
        ("deal move rollout lost", 2, "crm deal lose 1 --reason"),
        ("deal move rollout lead --on 2026-12-01", 2, "has not come yet"),
        ("deal move rollout lead --on 2026-01-01", 2, "was opened on 2026-11-25"),
        ("deal lose rollout", 2, "--reason is missing"),
        ('deal lose rollout --reason " "', 2, "--reason may not be empty"),
        ("deal win", 2, "deal is missing"),
        ("deal win rollout --on 2026-11-31", 2, "does not exist"),
        ("deal win customer", 3, "customer"),
        ("deal reopen rollout", 3, "Acme rollout is still open"),
    ],
)
def test_a_wrong_step_is_refused_and_nothing_changed(acme: Crm, line: str, code: int, part: str) -> None:
    refused(acme(line), code, part)
    assert len(changes(acme)) == 1
    assert acme.rows("deal show 1")["stage"] == "proposal"


def test_a_part_that_several_deals_have_is_ambiguous(acme: Crm) -> None:
    acme.ok('deal add "Acme renewal" --customer acme')
    refused(acme("deal win acme"), 4, "deal:1", "Acme rollout", "deal:2", "Acme renewal")
    acme.ok("deal win acme/renewal")


def test_closed_deals_do_not_make_a_reference_ambiguous(acme: Crm) -> None:
    acme.ok('deal add "Acme renewal" --customer acme')
    acme.ok("deal win renewal")
    assert acme.rows("deal lose acme --reason price")[0]["title"] == "Acme rollout"


# ------------------------------------------------------------------ win, lose, reopen


def test_win_closes_on_the_day_named(acme: Crm) -> None:
    later = acme.at("2026-12-10T09:00:00")
    result = later.ok("deal win rollout --on mon")
    assert result.err == "Won deal 1: Acme rollout, Acme GmbH, EUR 48,000 (Mon 2026-12-07); undo: crm undo\n"
    row = later.rows("deal show 1")
    assert (row["stage"], row["status"], row["closed_on"], row["probability"], row["last_touch_on"]) == (
        "won",
        "won",
        "2026-12-07",
        100,
        "2026-12-07",
    )
    assert changes(acme)[-1] == ("proposal", "won", "2026-12-07", 12, "tester", None)
    assert furthest(acme) == "proposal"
    assert later.rows("customer show acme")["won_amount"] == 48000


def test_moving_to_won_wins(acme: Crm) -> None:
    (row,) = acme.rows("deal move rollout 赢单")
    assert (row["status"], row["closed_on"]) == ("won", "2026-11-25")


def test_lose_keeps_the_reason(acme: Crm) -> None:
    result = acme.ok('deal lose rollout --reason price --note "too dear"')
    assert (
        result.err
        == "Lost deal 1: Acme rollout, Acme GmbH, EUR 48,000 (Wed 2026-11-25, price); undo: crm undo\nNew reason: price\n"
    )
    row = acme.rows("deal show 1")
    assert (row["stage"], row["status"], row["lost_reason"], row["weighted"]) == ("lost", "lost", "price", 0)
    assert changes(acme)[-1][5] == "too dear"
    assert acme.rows("deal list reason:price")[0]["id"] == 1


def test_moving_to_lost_with_a_reason_loses(acme: Crm) -> None:
    (row,) = acme.rows("deal move rollout lost --reason price")
    assert (row["status"], row["lost_reason"]) == ("lost", "price")


def test_several_are_won_and_lost_in_one_stroke(acme: Crm) -> None:
    acme.ok("deal add B --customer acme")
    assert acme.ok("deal win 1 2").err == "Won 2 deals (Wed 2026-11-25); undo: crm undo\n"
    acme.ok("deal reopen 1 2")
    assert "Lost 2 deals (Wed 2026-11-25, price)" in acme.ok("deal lose 1 2 --reason price").err
    acme.ok("deal reopen 1 2")
    refused(acme("deal win customer:acme"), 2, "2 deals will be won: Acme rollout, B", "--yes")
    assert len(acme.rows("deal win customer:acme --yes")) == 2


def test_a_closed_deal_cannot_be_closed_again(acme: Crm) -> None:
    acme.ok("deal win rollout")
    for line in ("deal win rollout", "deal lose 1 --reason price", "deal move deal:1 lead"):
        refused(acme(line), 3, "Acme rollout is closed already", "crm deal reopen 1")


def test_reopen_goes_back_to_where_it_was(acme: Crm) -> None:
    acme.ok("deal move rollout negotiation")
    acme.ok("deal lose rollout --reason price")
    result = acme.at("2026-12-01T09:00:00").ok("deal reopen rollout")
    assert result.err == "Reopened deal 1: Acme rollout, Acme GmbH (EUR 48,000, negotiation); undo: crm undo\n"
    row = acme.rows("deal show 1")
    assert (row["stage"], row["status"], row["closed_on"], row["lost_reason"]) == ("negotiation", "open", None, None)
    assert changes(acme)[-1][:4] == ("lost", "negotiation", "2026-12-01", 6)


def test_a_deal_added_as_won_reopens_in_the_first_stage(acme: Crm) -> None:
    acme.ok("deal add Old --customer acme --stage won")
    assert acme.rows("deal reopen old")[0]["stage"] == "lead"


# ------------------------------------------------------------------ edit


def test_edit_sets_and_echoes_what_was_understood(acme: Crm) -> None:
    result = acme.ok('deal edit rollout --title "Acme phase 1" --amount 50k --close fri --risk late')
    assert result.err == "Changed deal 1: Acme phase 1; undo: crm undo\nUnderstood: EUR 50,000, close Fri 2026-11-27\n"
    row = acme.rows('deal show "phase 1"')
    assert (row["amount"], row["currency"], row["expected_close_on"], row["risk"]) == (
        50000,
        "EUR",
        "2026-11-27",
        "late",
    )


def test_the_amount_stays_in_the_currency_of_the_deal(acme: Crm) -> None:
    acme.ok("deal add Other --customer acme --amount 5k --currency USD")
    assert acme.rows("deal edit rollout --amount 60k")[0]["currency"] == "EUR"
    assert acme.rows("deal edit rollout --amount 60kGBP")[0]["currency"] == "GBP"


def test_another_currency_keeps_the_number(acme: Crm) -> None:
    (row,) = acme.rows("deal edit rollout --currency JPY")
    assert (row["amount"], row["currency"]) == (48000, "JPY")
    (row,) = acme.rows("deal edit rollout --currency KWD")
    assert (row["amount"], row["currency"]) == (48000, "KWD")
    acme.ok("deal edit rollout --amount 0.505")
    refused(acme("deal edit rollout --currency EUR"), 2, "decimals", "--amount")


def test_clear_and_drop(acme: Crm) -> None:
    acme.ok("deal edit rollout --contact jane:champion --tag a --tag b --probability 33 --source fair --risk x")
    (row,) = acme.rows(
        "deal edit rollout --drop contact=jane --drop tag=A --clear amount --clear close --clear probability --clear 风险"
    )
    assert (row["contacts"], row["tags"], row["amount"], row["expected_close_on"], row["probability"], row["risk"]) == (
        [],
        ["b"],
        None,
        None,
        50,
        None,
    )
    refused(acme("deal edit rollout --drop contact=jane"), 3, "contact jane")
    refused(acme("deal edit rollout --clear title"), 2, "title cannot be cleared")
    assert acme.rows("deal edit rollout --clear tags --clear customer")[0]["customer"] is None


def test_the_role_in_a_deal_is_its_own(acme: Crm) -> None:
    assert acme.rows("deal edit rollout --contact jane")[0]["contacts"][0]["role"] == "decision-maker"
    assert acme.rows("deal edit rollout --contact contact:1:支持者")[0]["contacts"] == [
        {"id": 1, "name": "Jane Doe", "role": "champion"}
    ]
    assert acme.rows("deal edit rollout --contact jane@acme.example:blocker")[0]["contacts"][0]["role"] == "blocker"
    assert acme.rows("contact show jane")["role"] == "decision-maker"


def test_edit_stage_moves(acme: Crm) -> None:
    (row,) = acme.rows("deal edit rollout --stage negotiation --risk x")
    assert (row["stage"], row["risk"]) == ("negotiation", "x")
    assert changes(acme)[-1][:2] == ("proposal", "negotiation")
    refused(acme("deal edit rollout --stage lost"), 2, "A lost deal has a reason")
    (row,) = acme.rows("deal edit rollout --stage lost --reason price")
    assert (row["status"], row["lost_reason"]) == ("lost", "price")
    assert acme.rows("deal edit rollout --reason budget")[0]["lost_reason"] == "budget"
    acme.ok("deal reopen rollout")
    refused(acme("deal edit rollout --reason x"), 2, "Acme rollout is not lost")


def test_another_first_day_moves_the_beginning_of_the_history(acme: Crm) -> None:
    acme.ok("deal edit rollout --opened 2026-11-15")
    assert acme.rows("deal show 1")["days_in_stage"] == 10
    acme.ok("deal move rollout negotiation")
    assert changes(acme)[-1][3] == 10
    acme.ok("deal edit rollout --opened 2026-11-20")
    assert [c[2:4] for c in changes(acme)] == [("2026-11-20", None), ("2026-11-25", 5)]
    later = acme.at("2026-12-10T09:00:00")
    refused(later("deal edit rollout --opened 2026-12-01"), 4, "was moved on 2026-11-25")
    later.ok("deal win rollout --on 2026-12-01")
    refused(later("deal edit rollout --opened 2026-12-05"), 2, "was closed on 2026-12-01")


def test_the_tasks_of_a_deal_follow_it_to_another_customer(acme: Crm) -> None:
    acme.ok("customer add Globex")
    acme.ok("task add call --deal rollout")
    acme.ok("deal edit rollout --customer globex")
    assert acme.rows("task list")[0]["customer"] == "Globex"


def test_a_trial_of_a_move_changes_nothing(acme: Crm) -> None:
    before = acme.db.read_bytes()
    assert "Trial" in acme.ok("deal move rollout lead --dry-run").err
    assert acme.rows("deal win rollout --dry-run")[0]["status"] == "won"
    assert "Trial" in acme.ok("deal edit rollout --amount 1k --dry-run").err
    assert acme.rows("deal move stage:proposal lead --dry-run")[0]["stage"] == "lead"
    assert acme.db.read_bytes() == before


def test_an_addition_as_json_is_an_object_and_all_else_an_array(acme: Crm) -> None:
    assert isinstance(acme.ok("deal add B --customer acme --json").json, dict)
    for line in (
        "edit 2 --risk x",
        "move 2 qualified",
        "win 2",
        "reopen 2",
        "lose 2 --reason price",
        "remove 2",
        "restore 2",
    ):
        answer = acme.ok(f"deal {line} --json").json
        assert [list(row) for row in answer] == [DEAL_KEYS], line


def test_ids_of_what_changed(acme: Crm) -> None:
    assert acme.ok("deal move rollout lead --format ids").out == "1\n"


# ------------------------------------------------------------------ show, remove


def test_show_nests_tasks_interactions_and_the_history(acme: Crm) -> None:
    acme.ok("log call acme hello --deal rollout --next quote --due fri")
    row = acme.rows("deal show acme/rollout")
    assert [x["text"] for x in row["tasks"]] == ["quote"]
    assert [i["text"] for i in row["interactions"]] == ["hello"]
    assert [c["to"] for c in row["stage_changes"]] == ["proposal"]
    assert (row["next_step"], row["last_touch_on"]) == ("quote", "2026-11-25")


def test_a_planned_task_is_no_touch_and_a_done_one_is(acme: Crm) -> None:
    acme.ok("task add call --deal rollout --due fri")
    assert acme.rows("deal show 1")["last_touch_on"] is None
    acme.at("2026-11-27T09:00:00").ok("task done call")
    assert acme.rows("deal show 1")["last_touch_on"] == "2026-11-27"


def test_remove_takes_its_tasks_along(acme: Crm) -> None:
    acme.ok("task add call --deal rollout")
    assert acme.ok("deal remove rollout").err == "Removed deal 1: Acme rollout, with 1 task; undo: crm undo\n"
    assert acme.rows("task list --all") == []
    refused(acme("deal win rollout"), 3, "Acme rollout was removed", "crm deal restore 1")
    acme.ok("deal restore rollout")
    assert len(acme.rows("task list")) == 1


@pytest.mark.ci
@pytest.mark.parametrize("title", ["[/]", "[red]x", "\x1b[2J", "=1+1", "张伟 😀 שלום", "{deal} %s", "a/b", "won"])
def test_a_hostile_title_does_no_harm(acme: Crm, title: str) -> None:
    said = acme.ok("deal", "add", title, "--customer", "acme", "--amount", "5kEUR", "--risk", title).err
    assert acme.rows("deal show 2")["title"] == title
    said += acme.ok("deal", "move", title, "negotiation").err + acme.ok("deal", "lose", title, "--reason", title).err
    said += acme.ok("deal", "reopen", title).err + acme.ok("deal show 2").out + acme.ok("deal list --all").out
    said += acme("deal", "add", title, "--customer", "acme").err + acme.ok("deal", "remove", title).err
    assert "\x1b" not in said
    assert "Traceback" not in said


def test_a_write_as_markdown_is_a_table(acme: Crm) -> None:
    result = acme.ok("deal move rollout lead --format md")
    assert result.out.startswith("| ")
    assert "Acme rollout" in result.out
