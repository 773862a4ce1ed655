"""Letters and boxes of letters: e-mail interactions of the customers and contacts that their addresses belong to."""

import sys
from typing import Any

import pytest
from conftest import Crm

pytestmark = pytest.mark.ci


def letter(
    sender: str,
    to: str,
    subject: str = "Hello",
    ident: str = "",
    *more: str,
    body: str = "text",
    day: str = "24 Nov 2026 10:00:00 +0800",
) -> str:
    head = [f"From: {sender}", f"To: {to}", f"Subject: {subject}", *([f"Date: Tue, {day}"] if day else []), *more]
    return "\n".join([*head, *([f"Message-ID: <{ident}>"] if ident else []), "", body, ""])


def box(*letters: str) -> str:
    return "".join(f"From sender@example.org Tue Nov 24 10:00:00 2026\n{one}\n" for one in letters)


def take(crm: Crm, text: str | bytes, *words: str, name: str = "box.mbox", code: int = 0) -> Any:
    path = crm.folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    result = crm("import", str(path), "--json", *words)
    assert result.code == code, result
    return result.json if result.out else result.err


JANE, ME = "Jane <Jane@acme.example>", "me@us.example"


def test_letters_in_and_out_are_linked_by_their_addresses(acme: Crm) -> None:
    acme.ok("member add tester --email me@us.example")
    text = box(
        letter(JANE, ME, "Offer", "in@x"),
        letter(ME, f"stranger@else.example, {JANE}", "Re: Offer", "out@x"),
        letter("stranger@else.example", ME, "Spam", "spam@x"),
        letter("Sales <sales@acme.example>", f"{ME}\nCc: {JANE}", "From the firm", "firm@x"),
    )
    report = take(acme, text)
    assert (report["read"], report["added"], report["skipped"]) == (4, 3, 1)
    rows = {row["external_id"]: row for row in acme.rows("interaction list")}
    assert {ident: (row["channel"], row["direction"], row["customer"], [one["name"] for one in row["contacts"]]) for ident, row in rows.items()} == {
        "in@x": ("email", "in", "Acme GmbH", ["Jane Doe"]),
        "out@x": ("email", "out", "Acme GmbH", ["Jane Doe"]),
        "firm@x": ("email", "in", "Acme GmbH", ["Jane Doe"]),
    }  # fmt: skip
    assert (rows["in@x"]["at"], rows["in@x"]["text"]) == ("2026-11-24T02:00:00+00:00", "Offer\n\ntext")
    assert acme.rows("customer list")[0]["last_contact_on"] == "2026-11-24"
    again = take(acme, text)
    assert (again["added"], again["unchanged"], again["op"]) == (0, 3, None)


def test_what_was_left_out_is_said(acme: Crm) -> None:
    (acme.folder / "a.eml").write_text(letter("who@else.example", ME), encoding="utf-8")
    result = acme.ok("import", str(acme.folder / "a.eml"))
    assert (
        "Letters to and from addresses that nobody has, left out: 1. --create customers makes customers of them"
        in result.err
    )


def test_customers_are_made_where_that_was_asked_for(acme: Crm) -> None:
    acme.ok("member add tester --email me@us.example")
    text = box(
        letter('"Wei, Zhang" <wei@new.example>', ME, "Hi", "1@x"),
        letter(ME, "wei@new.example, other@new.example", "Re", "2@x"),
        letter(ME, ME, "to myself", "3@x"),
    )
    report = take(acme, text, "--create", "customers")
    assert (report["added"], report["skipped"]) == (2, 1)
    made = {row["name"]: (row["kind"], row["email"]) for row in acme.rows("customer list")}
    assert made["Wei, Zhang"] == ("person", "wei@new.example")
    assert made["other@new.example"] == ("person", "other@new.example")
    assert take(acme, text, "--create", "customers")["op"] is None
    acme.ok("undo")
    assert len(acme.rows("customer list")) == 1


def test_nobody_needs_to_say_who_i_am(acme: Crm) -> None:
    take(acme, box(letter(ME, JANE, "to her", "a@x"), letter(JANE, ME, "from her", "b@x")))
    assert {row["external_id"]: row["direction"] for row in acme.rows("interaction list")} == {
        "a@x": "out",
        "b@x": "in",
    }


HTML = """<html><head><style>p{x:1}</style><title>t</title></head><body><p>Dear&nbsp;Jane,</p><div>two &lt;b&gt;<br>three</div>
<script>alert(1)</script></body></html>"""


def test_letters_in_every_writing(acme: Crm) -> None:
    gbk = letter("=?gb2312?B?1cXOsA==?= <jane@acme.example>", ME, "=?GBK?B?sai82w==?= =?utf-8?Q?f=C3=BCr?=", "gbk@x",
                 "Content-Type: text/plain; charset=gb2312", "Content-Transfer-Encoding: 8bit", body="BODY").encode().replace(b"BODY", "你好，朋友".encode("gb18030"))  # fmt: skip
    parts = letter(JANE, ME, "parts", "parts@x", "MIME-Version: 1.0", "Content-Type: multipart/mixed; boundary=b", body=(
        "--b\nContent-Type: text/html; charset=utf-8\n\n" + HTML + "\n--b\nContent-Type: application/pdf; name=a.pdf\n"
        "Content-Disposition: attachment\nContent-Transfer-Encoding: base64\n\nAAAA\n--b--\n"))  # fmt: skip
    both = letter(JANE, ME, "both", "both@x", "MIME-Version: 1.0", "Content-Type: multipart/alternative; boundary=b",
                  body="--b\nContent-Type: text/plain\n\nplain\n--b\nContent-Type: text/html\n\n<p>html</p>\n--b--\n")  # fmt: skip
    quoted = letter(JANE, ME, "quoted", "quoted@x", body=">From the start\nFrom here on\nit goes")
    take(acme, box("GBK", parts, both, quoted).encode().replace(b"GBK", gbk))
    texts = {row["external_id"]: row["text"] for row in acme.rows("interaction list")}
    assert texts == {
        "gbk@x": "报价für\n\n你好，朋友",
        "parts@x": "parts\n\nDear Jane,\n\ntwo <b>\nthree",
        "both@x": "both\n\nplain",
        "quoted@x": "quoted\n\nFrom the start\nFrom here on\nit goes",
    }
    (row,) = acme.rows("interaction list text:parts")
    assert row["custom"] == {"attachments": 1}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (letter(JANE, ME, day=""), "This letter has no date that can be read."),
        (letter(JANE, ME, day="99 Foo 2026"), "This letter has no date that can be read."),
        ("From a@b Tue Nov 24 10:00:00 2026\njust text\n\n", "There is no letter here: neither From nor To nor Date."),
        (letter(JANE, ME, day="24 Nov 2027 10:00:00 +0000"), "2027-11-24 is in the future; what is planned is a task: import it --as tasks."),
    ],
)  # fmt: skip
def test_what_is_no_letter_is_refused_with_its_line(acme: Crm, text: str, reason: str) -> None:
    report = take(acme, text, name="a.eml", code=65)
    assert [(error["line"], error["reason"]) for error in report["errors"]] == [(1, reason)]


def test_hostile_letters_are_read_or_refused_and_never_a_bug(acme: Crm) -> None:
    deep = "Content-Type: multipart/mixed; boundary=b\n\n--b\n" * 200
    letters = [
        letter(JANE, ME, "=?utf-8?B?!!!?=", "1@x"),
        letter("jane@acme.example", ME, "x" * 100_000, "2@x", "Content-Type: text/plain; charset=no-such"),
        letter(JANE, "undisclosed-recipients:;", "\x1b[31mred\x1b[0m", "3@x", "Content-Transfer-Encoding: base64", body="%%%"),
        letter(JANE, ME, "deep", "4@x") .replace("\n\n", f"\n{deep}", 1),
        letter(f'"{"a," * 5000}" <jane@acme.example>', ", ".join([ME] * 3000), "many", "5@x"),
        letter("=?utf-8?Q?a=00b?= <jane@acme.example>", ME, "nul\0nul", "6 @ x\0", body="\0"),
        letter(JANE, ME, "name", "7@x", 'Content-Disposition: attachment; filename="../../etc/passwd"'),
    ]  # fmt: skip
    result = acme("import", "-", "--rejects", str(acme.folder / "bad.csv"), stdin=box(*letters))
    assert result.code in (0, 6), result
    assert len(acme.rows("interaction list")) >= 5
    assert "\x1b" not in acme.ok("interaction list").out


@pytest.mark.ci
def test_memory_stays_flat_in_a_big_box(acme: Crm) -> None:
    import subprocess

    path = acme.folder / "big.mbox"
    with path.open("w") as out:
        for number in range(300):
            body = (
                "--b\nContent-Type: text/plain\n\nhello\n--b\nContent-Type: image/png\n\n" + "A" * 300_000 + "\n--b--\n"
            )
            out.write(
                box(
                    letter(
                        JANE, ME, f"n{number}", f"{number}@x", "Content-Type: multipart/mixed; boundary=b", body=body
                    )
                )
            )
    assert path.stat().st_size > 80_000_000
    program = [sys.executable, "-c", "from crm_cli.app import main; main()", "import", str(path), "--json"]
    code = f"import subprocess, resource; subprocess.run({program!r}, check=True); print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    done = subprocess.run([sys.executable, "-c", code], env={**acme.environ, "PATH": "/usr/bin"}, capture_output=True, text=True, check=True)  # fmt: skip
    assert int(done.stdout.rsplit("\n", 2)[1]) < 200_000
    assert len(acme.rows("interaction list")) == 300
