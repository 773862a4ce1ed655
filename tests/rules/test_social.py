"""Links to profiles and the handles in them; names as they are kept."""

import pytest

from crm_cli.rules.normalise import email_shown, messenger_key
from crm_cli.rules.social import handle_of
from crm_cli.rules.spelling import tidy


@pytest.mark.parametrize(
    ("link", "found"),
    [
        ("https://www.linkedin.com/in/jane-doe/", ("linkedin", "jane-doe")),
        ("linkedin.com/company/acme/about", ("linkedin", "company/acme")),
        ("https://de.linkedin.com/in/j%C3%BCrgen?x=1", ("linkedin", "jürgen")),
        ("x.com/acme", ("x", "acme")),
        ("https://twitter.com/@acme?lang=en", ("x", "acme")),
        ("wa.me/4930901820", ("whatsapp", "+4930901820")),
        ("https://api.whatsapp.com/send?phone=+49%2030%20901820&text=x", ("whatsapp", "+4930901820")),
        ("t.me/s/acme", ("telegram", "acme")),
        ("https://www.instagram.com/acme/", ("instagram", "acme")),
        ("https://www.facebook.com/profile.php?id=12", ("facebook", "12")),
        ("weixin://dl/chat?zhangwei", ("wechat", "zhangwei")),
        ("skype:jane.doe?call", ("skype", "jane.doe")),
        ("https://signal.me/#p/+4930901820", ("signal", "+4930901820")),
        ("facebook.com/sharer/x", None),
        ("https://x.com", None),
        ("https://acme.com/in/jane", None),
        ("work:x", None),
        ("", None),
        ("://", None),
    ],
)
def test_handles(link: str, found: tuple[str, str] | None) -> None:
    assert handle_of(link) == found


def test_a_link_and_its_handle_have_one_key() -> None:
    assert messenger_key("https://www.linkedin.com/in/Jane-Doe") == messenger_key("@jane-doe") == "jane-doe"


def test_addresses_are_taken_out_of_what_is_around_them() -> None:
    typed = [
        "Jane <jane@acme.com>",
        "mailto:jane@acme.com?subject=x",
        "ｊａｎｅ＠ａｃｍｅ．ｃｏｍ",
        " jane@acme.com ",
        "<jane@acme.com>",
    ]
    assert {email_shown(text) for text in typed} == {"jane@acme.com"}


def test_names_are_kept_in_one_spelling() -> None:
    cases = {
        "Ａｃｍｅ　Ｇ": "Acme G", "A  B": "A B", "A \t B": "A B", "华联（北京）": "华联（北京）", "a\u200bb\ufeff": "ab", "a\nb": "a\nb",
        "\u200b": "\u200b", "\u202eabc": "\u202eabc", "Ｒ＆Ｄ": "R&D", "e\u0301": "e\u0301", "": "",
    }  # fmt: skip
    assert {name: tidy(name) for name in cases} == cases
    assert all(tidy(kept) == kept for kept in cases.values())
