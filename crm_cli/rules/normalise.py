"""Keys for what a person is reached by: e-mail, phone, website, messenger; look-ups and imports compare them."""

from unicodedata import normalize

from crm_cli.errors import Misuse
from crm_cli.rules.text import clean, fit, fold

# They come along when a person pastes from a web page or a chat.
_HIDDEN_ENDS = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad\u202a\u202c\u2068\u2069"


def _typed(text: str) -> str:
    """What was typed, without the white space and hidden characters around it, full-width forms as ASCII."""
    return normalize("NFKC", text).strip().strip(_HIDDEN_ENDS).strip()


def _shown(text: str) -> str:
    """The value as an error may repeat it."""
    return fit(clean(text), 60) or "''"


def _host(text: str) -> str | None:
    """A host name lower-cased, its last dot off; None when it is none. International names stay as they are."""
    host = normalize("NFKC", text.lower()).replace("。", ".").removesuffix(".")
    labels = host.split(".")
    if len(labels) < 2 or len(host) > 253 or not all(map(_is_label, labels)):
        return None
    return host


def _is_label(label: str) -> bool:
    if not 0 < len(label) <= 63 or label[0] == "-" or label[-1] == "-":
        return False
    if label.isascii():
        return label.replace("-", "").replace("_", "").isalnum()
    return label.isprintable() and not any(c.isascii() and not c.isalnum() and c not in "-_" for c in label)


# ------------------------------------------------------------------ e-mail


def _email(text: str) -> str | None:
    address = _typed(text)
    if address[:7].lower() == "mailto:":
        address = address[7:].partition("?")[0]
    local, at, domain = address.partition("@")
    host = _host(domain)
    if not at or not host or not local or len(address) > 254:
        return None
    if not local.isprintable() or any(c.isspace() or c in '<>()[],;:\\"@' for c in local):
        return None
    if local[0] == "." or local[-1] == "." or ".." in local:
        return None
    return normalize("NFKC", local.lower()) + "@" + host


def email_key(text: str) -> str:
    """The address lower-cased; Misuse when it is none. A light check: only a letter sent shows that it is read."""
    key = _email(text)
    if key is None:
        raise Misuse("{value} is not an e-mail address", hint="an address looks like jane@acme.com", value=_shown(text))
    return key


def email_shown(text: str) -> str:
    """The address itself of `Jane <jane@acme.com>`, `mailto:jane@acme.com` and ｊａｎｅ＠ａｃｍｅ．ｃｏｍ."""
    address = text.strip()
    if not address.isascii():
        address = _typed(address)
    if address[-1:] == ">" and "<" in address:
        address = address[address.rindex("<") + 1 : -1].strip()
    if address[:7].lower() == "mailto:":
        address = address[7:].partition("?")[0]
    return address


def is_email(text: str) -> bool:
    """Whether `email_key` would take it."""
    return "@" in normalize("NFKC", text) and _email(text) is not None


# ------------------------------------------------------------------ phone

_MOST_DIGITS = 40
_SEPARATORS = str.maketrans("", "", " ()-./\t\u2010\u2012\u2013\u2014\u2212\u30fb\u00b7")
_EXTENSION = r"(?i)[\s,;(（]*(?:ext(?:ension|n)?\.?|x|#|转|轉|分机|分機|内线|內線)\s*[:=.]?\s*(\d{1,8})\)?$"
_TRUNK_ZERO = r"\+\d{1,3}[^\d]+0"  # +49 030 ...: typed by habit, and only the library knows who has such a zero
_phones: dict[tuple[str, str | None], str] = {}


def phone_key(text: str, *, country: str | None) -> str:
    """E.164 where country or prefix say so, else the digits; an extension follows as `;ext=12`. Misuse when it is none.

    `country` is an ISO 3166 alpha-2 code and reads numbers typed without their country's prefix.
    """
    asked = (text, country)
    key = _phones.get(asked)
    if key is None:
        if len(_phones) > 100_000:
            _phones.clear()
        key = _phones[asked] = _phone(text, country)
    return key


def _phone(text: str, country: str | None) -> str:
    number, extension = _split_extension(_spelled(text))
    digits = _digits(number)
    if digits is None:
        raise Misuse("{value} is not a phone number", hint="for example +49 30 901820", value=_shown(text))
    if not _is_complete(number, digits):
        digits = _by_library(digits, country) or digits
    return digits + (f";ext={extension}" if extension else "")


def _spelled(text: str) -> str:
    """ASCII digits, no `tel:`, no RFC 3966 parameters but the extension, no trunk zero in brackets."""
    number = _typed(text)
    if not number.isascii():
        number = "".join(str(int(c)) if c.isdecimal() else c for c in number)
    if number[:4].lower() == "tel:":
        head, *parameters = number[4:].split(";")
        number = head + "".join(";" + p for p in parameters if p[:4].lower() == "ext=")
    if number.startswith(("+", "00")):
        number = number.replace("(0)", " ")
    return number


def _split_extension(number: str) -> tuple[str, str]:
    if number.isascii() and not any(c in "xX#" for c in number):
        return number, ""
    import re

    found = re.search(_EXTENSION, number)
    return (number[: found.start()], found[1]) if found else (number, "")


def _digits(number: str) -> str | None:
    """`+` if it was typed, and the digits; None when letters are among them or they are too few."""
    plain = number.translate(_SEPARATORS)
    digits = plain.removeprefix("+")
    international = digits != plain
    if not digits.isdigit():
        if not number.isprintable() or any(c.isalpha() or c in "@<>\\" for c in digits):
            return None
        digits = "".join(c for c in digits if c.isdigit())
    if not 3 <= len(digits) <= _MOST_DIGITS:
        return None
    if not international and digits.startswith("00") and digits[2:3] != "0" and len(digits) >= 10:
        international, digits = True, digits[2:]
    return "+" + digits if international else digits


def _is_complete(number: str, digits: str) -> bool:
    """An international number already, so that the library need not be loaded."""
    if digits[0] != "+" or digits[1] == "0" or not 8 <= len(digits) - 1 <= 15:
        return False
    if number[:1] != "+" or "0" not in number:
        return True
    import re

    return re.match(_TRUNK_ZERO, number) is None


def _by_library(digits: str, country: str | None) -> str | None:
    """E.164 by the numbering plan of the country; None when the number cannot be one of it."""
    if len(digits) > 20 or (digits[0] != "+" and not country):
        return None
    import phonenumbers

    try:
        number = phonenumbers.parse(digits, country.upper() if country else None)
    except phonenumbers.NumberParseException:
        return None
    # "Possible" alone would take a local number without its area code, and give it a wrong one.
    if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def looks_like_phone(text: str) -> bool:
    """A cheap test: at least five digits and only what stands between digits; a date is none."""
    number = _split_extension(_spelled(text))[0]
    digits = number.translate(_SEPARATORS).removeprefix("+")
    return digits.isdigit() and 5 <= len(digits) <= 20 and not _is_date(number)


def _is_date(number: str) -> bool:
    return len(number) == 10 and number[4] == "-" and number[7] == "-"


# ------------------------------------------------------------------ website


def _website(text: str) -> str | None:
    address = _typed(text)
    scheme, mark, rest = address.partition("://")
    if mark and scheme.lower() not in ("http", "https"):
        return None
    address = rest if mark else address.removeprefix("//")
    for end in "/?#":
        address = address.partition(end)[0]
    name, colon, port = address.partition(":")
    if colon and not (port.isascii() and port.isdigit()):
        return None
    host = _host(name)
    if host is None or not _is_top(host.rpartition(".")[2]):
        return None
    bare = host.removeprefix("www.")
    return bare if "." in bare else host


def _is_top(label: str) -> bool:
    """A top-level name: at least two characters and no number, so that `v1.2` and `1.200` are no hosts."""
    return (len(label) > 1 or not label.isascii()) and not label.isdigit()


def website_key(text: str) -> str:
    """The host lower-cased without `www.`, port and path; Misuse when there is none, or another scheme than http."""
    key = _website(text)
    if key is None:
        raise Misuse("{value} is not a website", hint="for example acme.com", value=_shown(text))
    return key


def looks_like_website(text: str) -> bool:
    """Whether `website_key` would take it; an e-mail address is none."""
    return not (text.isascii() and "." not in text) and _website(text) is not None


# ------------------------------------------------------------------ any of them


def messenger_key(text: str) -> str:
    """A handle folded, its leading @ off; of a link to a profile the handle in it."""
    if "/" in text or ":" in text:
        from crm_cli.rules.social import handle_of

        found = handle_of(text)
        text = found[1] if found else text
    key = fold(text).lstrip("@").strip()
    if not key:
        raise Misuse("{value} is not a messenger handle", hint="for example wechat:zhangwei", value=_shown(text))
    return key


def reach_key(kind: str, text: str, *, country: str | None) -> str:
    """The key of a value of this kind: email, phone, website or messenger."""
    if kind == "email":
        return email_key(text)
    if kind == "phone":
        return phone_key(text, country=country)
    if kind == "website":
        return website_key(text)
    if kind == "messenger":
        return messenger_key(text)
    raise ValueError(kind)


_LABELS = {
    label: name
    for name, spellings in {
        "work": "business 工作 公司 单位 办公",
        "home": "private 家 家庭 住宅",
        "mobile": "cell 手机 移动",
        "main": "总机",
        "fax": "传真",
        "other": "其他",
        "office": "办公室",
        "wechat": "weixin 微信",
        "whatsapp": "",
        "telegram": "",
        "signal": "",
        "line": "",
        "linkedin": "领英",
        "skype": "",
        "qq": "",
        "x": "twitter",
        "facebook": "",
        "instagram": "",
        "xing": "",
        "viber": "",
        "kakaotalk": "",
        "zalo": "",
        "teams": "",
        "slack": "",
        "discord": "",
        "dingtalk": "钉钉",
        "feishu": "lark 飞书",
        "weibo": "微博",
    }.items()
    for label in (name, *spellings.split())
}


def split_label(text: str) -> tuple[str, str]:
    """`work:jane@acme.com` -> ("jane@acme.com", "work"); without a known label the text as it is and "".

    Labels come back in English, whatever they were typed in: 手机:138... is labelled `mobile`.
    """
    head, colon, value = text[:20].replace("：", ":").partition(":")
    label = _LABELS.get(fold(head), "") if colon else ""
    value = text[len(head) + 1 :].strip()
    return (value, label) if label and value else (text, "")
