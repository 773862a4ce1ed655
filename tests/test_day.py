"""The day at the end of the contract, as typed."""

from conftest import Crm


def test_the_day_plays_as_typed(crm: Crm) -> None:
    crm.ok('customer add "Acme GmbH" --email sales@acme.example --phone "+49 30 1234567" --region DACH --tag key')
    crm.ok('contact add "Jane Doe" --customer acme --title CTO --role decision-maker --email jane@acme.example')
    crm.ok(
        'deal add "Acme rollout" --customer acme --amount 48k --currency EUR --stage proposal --close "end of next month"'
    )
    crm.ok('log call acme wants a quote for 200 seats --deal rollout --next "send the quote" --due fri')
    crm.ok("deal move rollout negotiation")
    crm.ok("tag add vip acme")
    (row,) = crm.rows("followups")
    assert row["kind"] == "task"
    assert row["bucket"] == "week"
    assert row["what"] == "send the quote"
    assert row["due_on"] == "2026-11-27"
    assert (row["customer"], row["contact"], row["last_word"]) == (
        "Acme GmbH",
        "Jane Doe",
        "wants a quote for 200 seats",
    )
    stages = {row["stage"]: row for row in crm.rows("funnel")}
    assert stages["negotiation"]["amount"] == 48000
    assert stages["negotiation"]["weighted"] == 36000
    crm.ok("segment add quiet-keys tag:key contacted:..-30d")
    assert crm.ok("customer list @quiet-keys --format ids").out == ""
    later = crm.at("2027-01-15T09:00:00")
    assert later.ok("customer list @quiet-keys --format ids").out == "1\n"
    later.ok('task add "call again" --due tomorrow --customer 1')
    later.ok("deal win rollout")
    (deal,) = later.rows("deal list --all")
    assert (deal["stage"], deal["status"], deal["closed_on"]) == ("won", "won", "2027-01-15")
