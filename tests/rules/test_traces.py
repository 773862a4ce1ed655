"""A person's strings in texts: whole ones, in any case and spelling, and nothing that only looks alike."""

import pytest

from crm_cli.rules.traces import Traces, in_json, parts, read

TRACES = Traces(["Zoë Doe", "李雷", "jane@acme.example", "Bo"], ["+49 30 1234567", "030/999"])


@pytest.mark.parametrize(
    ("text", "wiped"),
    [
        ("ask ZOË  DOE's boss", "ask [erased]'s boss"),
        ("ask zoe doe", "ask [erased]"),
        ("Zoë Doerr and Chloë Doe", "Zoë Doerr and Chloë Doe"),
        ("找李雷谈", "找[erased]谈"),
        ("mail JANE@acme.example.", "mail [erased]."),
        ("mary-jane@acme.example, jane@acme.example.org", "mary-jane@acme.example, jane@acme.example.org"),
        ("call +49 (30) 123-45.67 or 49301", "call [erased] or 49301"),
        ("0049301234567", "[erased]"),
        ("149301234567 and 4930123456712", "149301234567 and 4930123456712"),
        ("Bo is too short", "Bo is too short"),
        ("030 999", "[erased]"),
        ("", ""),
    ],
)
def test_whole_strings_are_wiped_and_others_stay(text: str, wiped: str) -> None:
    assert TRACES.wiped(text) == wiped
    assert TRACES.found(text) == (text != wiped)


def test_many_numbers_are_found_as_few_are() -> None:
    many = Traces([], [f"+4930{n:07}" for n in range(200)])
    assert many.wiped("+49 30 000 0123, +49 30 0000 999") == "[erased], +49 30 0000 999"
    assert many.in_bytes() is None


def test_json_is_read_and_wiped_within() -> None:
    text = r'{"text": "ask\nZoë Doe", "custom": "{\"Zoë Doe\": \"x\\nzoë doe\"}"}'
    assert TRACES.found(read(text))
    assert in_json(text, TRACES.wiped) == (
        '{"custom": "{\\"[erased]\\": \\"x\\\\n[erased]\\"}", "text": "ask\\n[erased]"}'
    )


def test_bytes_of_a_file() -> None:
    pattern = TRACES.in_bytes()
    assert pattern is not None
    assert pattern.search("..zoë doe..".encode())
    assert pattern.search(b"..+49 30 1234567..")
    assert pattern.search(b"..zoe due..") is None


def test_parts_of_a_name() -> None:
    assert parts("Zoë von Doe") == ["zoe", "von", "doe"]
    assert parts("李雷") == []
