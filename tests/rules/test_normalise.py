"""Keys of e-mails, phones, websites and handles: one spelling for all the ways to type them."""

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_cli.errors import Misuse
from crm_cli.rules.countries import country_code
from crm_cli.rules.normalise import (
    email_key,
    is_email,
    looks_like_phone,
    looks_like_website,
    messenger_key,
    phone_key,
    reach_key,
    split_label,
    website_key,
)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("jane@acme.com", "jane@acme.com"),
        ("  Jane.Doe+x@ACME.com ", "jane.doe+x@acme.com"),
        ("mailto:Jane@acme.com?subject=hi", "jane@acme.com"),
        ("ｊａｎｅ＠ａｃｍｅ．ｃｏｍ", "jane@acme.com"),
        ("jane@acme.com\u200b", "jane@acme.com"),
        ("用户@例子.中国", "用户@例子.中国"),
        ("a@b。cn", "a@b.cn"),
        ("o'brien@x.co", "o'brien@x.co"),
        ("a@b.c", "a@b.c"),
    ],
)
def test_an_email_has_one_key(text, key):
    assert email_key(text) == key
    assert is_email(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "jane", "@acme.com", "jane@", "jane@acme", "a@b@c.com", "a b@x.org", '"a b"@x.org', "Jane <jane@acme.com>",
        "a@-x.org", "a@x..org", "a@.org", ".a@x.org", "a..b@x.org", "a@\u202ecom.de", "a\u200bb@x.org", "a@x\x1b.org",
        "a\n@x.org", "a" * 300 + "@x.org", "a@" + "b" * 64 + ".org", "a@x.org,b@x.org", "a@x.org;",
    ],
)  # fmt: skip
def test_what_is_no_email_is_refused(text):
    with pytest.raises(Misuse) as refused:
        email_key(text)
    assert len(refused.value.message()) < 120
    assert not is_email(text)


@pytest.mark.parametrize(
    ("text", "country", "key"),
    [
        ("+49 30 901820", None, "+4930901820"),
        ("+49 (0)30/901-820", None, "+4930901820"),
        ("0049 30 901820", None, "+4930901820"),
        ("+49 030 901820", None, "+4930901820"),
        ("+39 06 698 12345", None, "+390669812345"),
        ("tel:+49-30-901820", None, "+4930901820"),
        ("tel:+49-30-901820;ext=7", None, "+4930901820;ext=7"),
        ("＋８６ １３８ ００１３ ８０００", None, "+8613800138000"),
        ("138 0013 8000", "CN", "+8613800138000"),
        ("138 0013 8000", "cn", "+8613800138000"),
        ("138-0013-8000", None, "13800138000"),
        ("030 901820", "DE", "+4930901820"),
        ("(415) 555-2671", "US", "+14155552671"),
        ("415.555.2671 ext. 12", "US", "+14155552671;ext=12"),
        ("+1 415 555 2671 x12", None, "+14155552671;ext=12"),
        ("010-6552 9988转123", "CN", "+861065529988;ext=123"),
        ("010-65529988 分机 12", "CN", "+861065529988;ext=12"),
        ("95588", "CN", "95588"),
        ("110", None, "110"),
        ("٠٣٠ ٩٠١٨٢٠", None, "030901820"),
        ("030 901820", "XX", "030901820"),
        ("+49 30 901820\u202c", None, "+4930901820"),
        ("+999 12345678", None, "+99912345678"),
        ("+12345", None, "+12345"),
    ],
)
def test_a_phone_has_one_key(text, country, key):
    assert phone_key(text, country=country) == key


@pytest.mark.parametrize(
    "text", ["", "12", "+1", "call me", "1-800-FLOWERS", "12k", "1" * 4301, "a@b.c", "12\x1b34", "ext 12"]
)
def test_what_is_no_phone_is_refused(text):
    with pytest.raises(Misuse):
        phone_key(text, country="US")


@given(st.text(alphabet="+0123456789 ()-./x#转", max_size=24), st.sampled_from([None, "US", "DE", "CN", "IT"]))
@settings(deadline=None)  # the first one imports phonenumbers
def test_a_phone_key_is_its_own_key(text, country):
    try:
        key = phone_key(text, country=country)
    except Misuse:
        return
    if key.startswith("+") or country is None:
        assert phone_key(key, country=country) == key


def test_an_international_number_loads_no_library():
    code = (
        "import sys; from crm_cli.rules.normalise import phone_key;"
        "phone_key('+49 30 901820', country='DE'); phone_key('030 12345', country=None);"
        "print([m for m in ('phonenumbers', 'pydantic', 'rich', 'sqlmodel') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_looks_like_phone():
    for text in ("+49 30 901820", "138 0013 8000", "030/12345", "555-1234 x9", "+86 10 6552 9988转3", "tel:030123"):
        assert looks_like_phone(text), text
    for text in ("12", "acme", "2026-04-05", "a@b.c", "", "+", "12k", "12,000"):
        assert not looks_like_phone(text), text


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("acme.com", "acme.com"),
        ("WWW.Acme.com", "acme.com"),
        ("https://www.acme.com:8080/path?x=1#y", "acme.com"),
        ("http://shop.acme.co.uk", "shop.acme.co.uk"),
        ("//acme.com/", "acme.com"),
        ("acme.com.", "acme.com"),
        ("www.com", "www.com"),
        ("例子.中国", "例子.中国"),
        ("xn--fsq.com", "xn--fsq.com"),
        ("ａｃｍｅ．ｃｏｍ", "acme.com"),
    ],
)
def test_a_website_has_one_key(text, key):
    assert website_key(text) == key
    assert looks_like_website(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "acme", "Acme Inc.", "ftp://acme.com", "javascript:alert(1)", "file:///etc/passwd", "jane@acme.com",
        "http://a@b.com", "v1.2", "1.200", "a..com", "-a.com", "acme.com:x", "acme\x1b.com", "ac me.com", "http://",
        "\u202eacme.com.x\u202e.com", "mailto:jane@acme.com", "a/b.com",
    ],
)  # fmt: skip
def test_what_is_no_website_is_refused(text):
    with pytest.raises(Misuse):
        website_key(text)
    assert not looks_like_website(text)


def test_messenger_handles_and_dispatch():
    assert messenger_key(" @ZhangWei ") == "zhangwei"
    assert messenger_key("张伟") == "张伟"
    with pytest.raises(Misuse):
        messenger_key(" @ ")
    assert reach_key("email", "A@b.de", country=None) == "a@b.de"
    assert reach_key("phone", "030 901820", country="DE") == "+4930901820"
    assert reach_key("website", "www.a.de", country=None) == "a.de"
    assert reach_key("messenger", "@A", country=None) == "a"


@pytest.mark.parametrize(
    ("text", "value", "label"),
    [
        ("work:jane@acme.com", "jane@acme.com", "work"),
        ("Mobile: +49 171 1", "+49 171 1", "mobile"),
        ("手机：138 0013 8000", "138 0013 8000", "mobile"),
        ("wechat:zhangwei", "zhangwei", "wechat"),
        ("微信:zhangwei", "zhangwei", "wechat"),
        ("x:@jane", "@jane", "x"),
        ("mailto:jane@acme.com", "mailto:jane@acme.com", ""),
        ("tel:+49", "tel:+49", ""),
        ("https://acme.com", "https://acme.com", ""),
        ("acme.com:8080", "acme.com:8080", ""),
        ("work:", "work:", ""),
        ("jane", "jane", ""),
        ("", "", ""),
    ],
)
def test_split_label_knows_its_words(text, value, label):
    assert split_label(text) == (value, label)


def test_country_codes():
    cases = {"DE": "DE", "de": "DE", "Germany": "DE", "Deutschland": "DE", "德国": "DE", "uk": "GB", "USA": "US", "中国": "CN",
             "Österreich": "AT", "Türkiye": "TR", "ＣＮ": "CN", " Viet  Nam ": "VN", "Atlantis": None, "": None, "XX": None}  # fmt: skip
    assert {text: country_code(text) for text in cases} == cases


@given(st.text(max_size=40), st.sampled_from(["email", "phone", "website", "messenger"]), st.sampled_from([None, "DE"]))
@settings(deadline=None)
def test_any_text_has_a_key_or_is_refused(text, kind, country):
    try:
        key = reach_key(kind, text, country=country)
    except Misuse as refused:
        assert refused.message()
    else:
        assert key
