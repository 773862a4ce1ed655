"""crm stage and crm member: the steps of a pipeline, the people of the team, and who owns what."""

import pytest
from conftest import Crm
from test_customers import refused

STAGE_KEYS = "id uuid name pipeline position kind probability quiet_after_days deals".split()
MEMBER_KEYS = "id uuid name email open_deals open_tasks".split()


def names(crm: Crm) -> list[str]:
    return [row["name"] for row in crm.rows("stage list")]


# ------------------------------------------------------------------ stages


def test_a_new_database_has_one_pipeline(crm: Crm) -> None:
    crm.ok("customer add Acme")
    rows = crm.rows("stage list")
    assert [list(row) for row in rows] == [STAGE_KEYS] * 6
    assert [(r["name"], r["kind"], r["probability"], r["quiet_after_days"]) for r in rows] == [
        ("lead", "open", 10, 14),
        ("qualified", "open", 25, 14),
        ("proposal", "open", 50, 10),
        ("negotiation", "open", 75, 7),
        ("won", "won", 100, None),
        ("lost", "lost", 0, None),
    ]
    assert crm.rows("stage") == rows
    assert crm.rows("stage list --pipeline sales") == rows


def test_a_stage_is_added_after_another(crm: Crm) -> None:
    result = crm.ok("stage add Demo --after lead --probability 20 --quiet-after 2w")
    assert result.err == "Added stage 7: Demo, after lead; undo: crm undo\n"
    assert names(crm) == ["lead", "Demo", "qualified", "proposal", "negotiation", "won", "lost"]
    assert next(r for r in crm.rows("stage list") if r["name"] == "Demo")["quiet_after_days"] == 14


def test_a_stage_is_added_as_an_object_behind_the_last_open_one(crm: Crm) -> None:
    row = crm.rows("stage add Contract --pipeline sales")
    assert list(row) == STAGE_KEYS
    assert (row["name"], row["kind"], row["probability"], row["pipeline"]) == ("Contract", "open", None, "sales")
    assert names(crm) == ["lead", "qualified", "proposal", "negotiation", "Contract", "won", "lost"]


def test_a_further_stage_of_won_has_100_percent(crm: Crm) -> None:
    row = crm.rows('stage add "Won by partner" --kind won')
    assert (row["kind"], row["probability"]) == ("won", 100)
    assert names(crm)[-1] == "Won by partner"


@pytest.mark.ci
@pytest.mark.parametrize(
    "line, code, part",
    [
        ("stage add", 2, "name is missing"),
        ("stage add LEAD", 4, "lead is already there"),
        ("stage add X --after nonsense", 3, "nonsense"),
        ("stage add X --kind sold", 2, "--kind"),
        ("stage add X --probability 120", 2, "percentage"),
        ("stage add X --kind won --probability 50", 2, "probability 100"),
        ("stage add X --kind lost --quiet-after 3d", 2, "never quiet"),
        ("stage add X --quiet-after soon", 2, "--quiet-after"),
        ("stage add X --pipeline nonsense", 3, "No pipeline is called nonsense"),
        ("stage edit", 2, "stage is missing"),
        ("stage edit lead", 2, "Nothing says what to change"),
        ("stage edit nonsense --name X", 3, "nonsense"),
        ("stage edit lead --name Proposal", 4, "proposal is already there"),
        ("stage edit won --probability 50", 2, "probability 100"),
        ("stage edit lead --clear name", 2, "name cannot be cleared"),
        ("stage edit won --kind open", 4, "last stage of kind won"),
        ("stage edit lead --after lead", 2, "cannot stand after itself"),
        ("stage remove nonsense", 3, "nonsense"),
        ("stage remove won", 4, "last stage of kind won"),
        ("stage rm lead", 2, "crm stage remove lead"),
    ],
)
def test_what_is_wrong_is_refused(crm: Crm, line: str, code: int, part: str) -> None:
    crm.ok("customer add Acme")
    before = crm.rows("stage list")
    refused(crm(line), code, part)
    assert crm.rows("stage list") == before


def test_a_stage_is_edited_and_its_deals_stay(acme: Crm) -> None:
    result = acme.ok("stage edit proposal --name Offer --probability 55 --quiet-after 5d")
    assert result.err == "Changed stage 3: Offer; undo: crm undo\n"
    row = acme.rows("deal show rollout")
    assert (row["stage"], row["probability"]) == ("Offer", 55)
    stage = next(r for r in acme.rows("stage list") if r["name"] == "Offer")
    assert (stage["probability"], stage["quiet_after_days"], stage["deals"]) == (55, 5, 1)
    acme.ok("stage edit offer --clear probability --clear quiet-after")
    stage = next(r for r in acme.rows("stage list") if r["name"] == "Offer")
    assert (stage["probability"], stage["quiet_after_days"]) == (None, None)
    assert acme.ok("stage edit offer --name Offer").err == "Nothing to change: it is so already\n"


def test_a_stage_is_put_in_another_place(crm: Crm) -> None:
    crm.ok("stage edit lead --after negotiation")
    assert names(crm) == ["qualified", "proposal", "negotiation", "lead", "won", "lost"]


def test_another_kind_only_where_no_deals_stand(acme: Crm) -> None:
    refused(acme("stage edit proposal --kind lost"), 4, "Deals stand in this stage")
    row = acme.rows("stage edit lead --kind lost")
    assert (row["kind"], row["probability"], row["quiet_after_days"]) == ("lost", 0, None)


def test_a_stage_with_deals_is_removed_only_when_they_move(acme: Crm) -> None:
    refused(acme("stage remove proposal"), 4, "1 deals stand in proposal", "--move-to")
    refused(acme("stage remove proposal --move-to proposal"), 2, "proposal goes")
    refused(acme("stage remove proposal --move-to nonsense"), 3, "nonsense")
    refused(acme("stage remove proposal --move-to lost"), 2, "A lost deal has a reason")
    later = acme.at("2026-12-05T09:00:00")
    assert (
        later.ok("stage remove proposal --move-to negotiation").err
        == "Removed stage 3: proposal; deals moved: 1; undo: crm undo\n"
    )
    assert names(acme) == ["lead", "qualified", "negotiation", "won", "lost"]
    row = acme.rows("deal show rollout")
    assert row["stage"] == "negotiation"
    assert [(c["from"], c["to"], c["days_spent"]) for c in row["stage_changes"]] == [
        (None, "proposal", None),
        ("proposal", "negotiation", 10),
    ]
    acme.ok("stage add Proposal --after qualified")


def test_an_empty_stage_is_removed_at_once(crm: Crm) -> None:
    assert crm.ok("stage remove lead").err == "Removed stage 1: lead; undo: crm undo\n"
    (row,) = crm.rows("stage remove qualified")
    assert row["name"] == "qualified"


def test_closed_deals_keep_their_day_and_reason_when_their_stage_goes(acme: Crm) -> None:
    acme.ok("deal lose rollout --reason price")
    acme.ok('stage add "Gone" --kind lost')
    acme.at("2026-12-05T09:00:00").ok("stage remove lost --move-to gone")
    row = acme.rows("deal show 1")
    assert (row["stage"], row["status"], row["closed_on"], row["lost_reason"]) == (
        "Gone",
        "lost",
        "2026-11-25",
        "price",
    )
    assert acme.rows("deal reopen 1")[0]["stage"] == "proposal"


def test_a_removed_deal_moves_along_and_comes_back(acme: Crm) -> None:
    acme.ok("deal remove rollout")
    refused(acme("stage remove proposal"), 4, "removed ones too")
    acme.ok("stage remove proposal --move-to lead")
    assert acme.rows("deal restore rollout")[0]["stage"] == "lead"


def test_stages_answer_to_chinese_names_and_are_shown_by_them(acme: Crm) -> None:
    assert "方案报价" in acme.ok("stage list --lang zh").out
    assert acme.rows("stage edit 线索 --probability 15")["name"] == "lead"


def test_a_trial_changes_no_stage(acme: Crm) -> None:
    before = acme.db.read_bytes()
    acme.ok("stage add X --dry-run")
    acme.ok("stage edit lead --name X --dry-run")
    acme.ok("stage remove proposal --move-to lead --dry-run")
    assert acme.db.read_bytes() == before


# ------------------------------------------------------------------ members and owners


@pytest.fixture
def team(acme: Crm) -> Crm:
    acme.ok('member add "Ana Lima" --email ana@us.example')
    acme.ok("member add Bob")
    return acme


def test_members_are_added_and_listed(crm: Crm) -> None:
    row = crm.rows('member add "Ana Lima" --email ana@us.example')
    assert list(row) == MEMBER_KEYS
    assert (row["id"], row["name"], row["email"]) == (1, "Ana Lima", "ana@us.example")
    assert crm.ok("member add Bob").err == "Added member 2: Bob; undo: crm undo\n"
    assert [r["name"] for r in crm.rows("member")] == ["Ana Lima", "Bob"]
    assert crm.rows("member show ana@us.example")["name"] == "Ana Lima"


@pytest.mark.parametrize(
    "line, code, part",
    [
        ("member add", 2, "name is missing"),
        ("member add BOB", 4, "Bob is already a member"),
        ("member add Robert --email ANA@us.example", 4, "Ana Lima is already a member"),
        ("member add Robert --email nonsense", 2, "nonsense is not an e-mail address"),
        ("member edit bob", 2, "Nothing says what to change"),
        ("member edit bob --name ana lima", 2, "lima"),
        ("member edit nobody --name X", 3, "No member is called nobody"),
        ("member edit bob --email ana@us.example", 4, "already a member"),
        ("member edit bob --clear name", 2, "name cannot be cleared"),
        ("member show nobody", 3, "nobody"),
        ("member remove nobody", 3, "nobody"),
        ("member remove bob --to nobody", 3, "nobody"),
        ("member remove bob --to bob", 2, "Bob cannot hand over"),
        ("customer edit acme --owner nobody", 3, "No member is called nobody"),
        ("customer edit acme --owner b", 4, "b may be several"),
    ],
)
def test_what_is_wrong_with_members_is_refused(team: Crm, line: str, code: int, part: str) -> None:
    team.ok("member add Barbara")
    refused(team(line), code, part)
    assert len(team.rows("member list")) == 3


def test_a_member_is_edited(team: Crm) -> None:
    row = team.rows('member edit bob --name "Bob Ray" --email bob@us.example')
    assert (row["name"], row["email"]) == ("Bob Ray", "bob@us.example")
    assert team.rows("member edit bob --clear email")["email"] is None
    assert team.ok("member edit bob --name 'Bob Ray'").err == "Nothing to change: it is so already\n"


def test_owners_are_members_by_any_name(team: Crm) -> None:
    for ref in ("ana", "1", "ANA@us.example", "Ana Lima", "lima"):
        assert team.rows("customer", "edit", "acme", "--owner", ref)[0]["owner"] == "Ana Lima"
    assert team.rows("customer edit acme --clear owner")[0]["owner"] is None
    assert team.rows("deal edit rollout --owner bob")[0]["owner"] == "Bob"
    assert team.rows("member show bob")["open_deals"] == 1


def test_me_is_the_member_that_the_user_is_matched_to(team: Crm) -> None:
    ana = {"CRM_USER": "ana@us.example"}
    assert team.rows("customer edit acme --owner me", env=ana)[0]["owner"] == "Ana Lima"
    assert [r["id"] for r in team.rows("customer list --mine", env=ana)] == [1]
    assert [r["id"] for r in team.rows("customer list owner:me", env=ana)] == [1]
    refused(team("customer edit acme --owner me"), 3, "You are not a member", "crm member add")


def test_what_a_member_adds_is_theirs(team: Crm) -> None:
    ana = {"CRM_USER": "Ana Lima"}
    assert team.rows("customer add Globex", env=ana)["owner"] == "Ana Lima"
    assert team.rows("deal add X --customer globex", env=ana)["owner"] == "Ana Lima"
    assert team.rows("deal add Y --customer globex --owner bob", env=ana)["owner"] == "Bob"
    assert team.rows("customer add Initech")["owner"] is None


def test_a_member_leaves_and_hands_over(team: Crm) -> None:
    team.ok("customer edit acme --owner ana")
    team.ok("deal edit rollout --owner ana")
    refused(team("member remove ana"), 4, "Ana Lima owns 2", "--to MEMBER")
    assert (
        team.ok("member remove ana --to bob").err
        == "Removed member Ana Lima; Bob owns what was theirs (2); undo: crm undo\n"
    )
    assert team.rows("customer show acme")["owner"] == "Bob"
    assert team.rows("deal show rollout")["owner"] == "Bob"
    assert [r["name"] for r in team.rows("member list")] == ["Bob"]


def test_the_last_member_leaves_a_solo_database(team: Crm) -> None:
    team.ok("customer edit acme --owner bob")
    assert team.ok("member remove ana").err == "Removed member Ana Lima; undo: crm undo\n"
    assert team.ok("member remove bob").err == "Removed member Bob; undo: crm undo\n"
    assert team.rows("customer show acme")["owner"] is None
    assert "owner" not in team.ok("customer show acme").out


def test_the_member_that_leaves_is_an_array(team: Crm) -> None:
    assert [list(row) for row in team.rows("member remove bob")] == [MEMBER_KEYS]
