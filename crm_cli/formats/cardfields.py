"""What the properties of one address card say, as the cells of a customer or a contact."""

import json
import re
from datetime import date
from typing import Any

from crm_cli.formats.contentlines import Line, parts, unescape
from crm_cli.rules.normalise import is_email, looks_like_website
from crm_cli.rules.recurrence import NO_YEAR
from crm_cli.rules.text import has_cjk

# `id` stays empty: with `uuid` beside it the tags are those of a list of our own making, where commas part nothing.
CUSTOMER = (
    "id name kind emails phones websites messengers address city region country birthday language tags note uuid"
    " external_source external_id updated_at custom"
).split()
CONTACT = (
    "id name customer title role emails phones birthday tags note uuid external_source external_id updated_at custom"
).split()
SOURCE = "vcard"
OUR_ID = "X-CRM-UUID"

_APPLE_LABEL = re.compile(r"_\$!<(.*)>!\$_", re.DOTALL)
_PHONE_LABELS = (("fax", ("fax", "homefax", "workfax", "facsimile")), ("mobile", ("cell", "mobile", "iphone")))
_LABELS = {
    "work": "work", "business": "work", "office": "office", "home": "home", "private": "home", "main": "main",
    "other": "other", "工作": "work", "单位": "work", "家": "home", "住宅": "home", "手机": "mobile", "其他": "other",
    "mobile": "mobile", "cell": "mobile", "fax": "fax", "传真": "fax", "总机": "main",
}  # fmt: skip
_HANDLES = {
    "X-QQ": "qq", "X-TENCENT-QQ": "qq", "X-WECHAT": "wechat", "X-WEIXIN": "wechat", "X-AIM": "aim", "X-ICQ": "icq",
    "X-SKYPE": "skype", "X-SKYPE-USERNAME": "skype", "X-JABBER": "xmpp", "X-MSN": "msn", "X-YAHOO": "yahoo",
    "X-GTALK": "gtalk", "X-GOOGLE-TALK": "gtalk", "X-TWITTER": "x", "X-WHATSAPP": "whatsapp", "X-TELEGRAM": "telegram",
    "X-MS-IMADDRESS": "im", "X-DINGTALK": "dingtalk", "X-LINE": "line",
}  # fmt: skip
# Said elsewhere, or of use only to the program that wrote it.
_SILENT = set(
    "BEGIN END VERSION PRODID FN N ORG TITLE ROLE TEL EMAIL URL ADR BDAY NOTE CATEGORIES IMPP UID REV PHOTO LOGO SOUND"
    " KEY AGENT KIND LABEL LANG SORT-STRING MAILER CLASS SOURCE NAME PROFILE XML CLIENTPIDMAP MEMBER CALURI CALADRURI"
    " FBURL GEO TZ X-ABLABEL X-ABADR X-ABSHOWAS X-ABUID X-ABDATE X-ABRELATEDNAMES X-ABORDER X-ADDRESSBOOKSERVER-KIND"
    " X-SOCIALPROFILE X-MS-OL-DESIGN X-MS-OL-DEFAULT-POSTAL-ADDRESS X-MS-CARDPICTURE X-IMAGETYPE X-IMAGEHASH X-CLASS"
    " X-CRM-UUID X-CRM-CUSTOM".split()
)
_NO_TAGS = ("mycontacts", "my contacts")  # the group that Google puts everybody in
_LONGEST_OWN = 2000
_DIGIT = re.compile(r"\d")
_YEARLESS = re.compile(r"--(\d\d)-?(\d\d)(?:T.*)?")
_DAY = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?:[T ].*)?")


class Card:
    """The properties of one card by name; what is no phone, e-mail, website or day at all is counted in `odd`."""

    def __init__(self, lines: list[Line]) -> None:
        self.lines: dict[str, list[Line]] = {}
        self.labels: dict[str, str] = {}
        self.odd = self.yearless = 0
        self.custom: dict[str, Any] = {}
        for line in lines:
            if line.fault:
                continue
            self.lines.setdefault(line.name, []).append(line)
            if line.name == "X-ABLABEL" and line.group:
                found = _APPLE_LABEL.fullmatch(line.value.strip())
                self.labels[line.group.lower()] = (found[1] if found else unescape(line.value)).strip()
        self.old = self._first("VERSION").startswith("2")
        self.firm = self._org()[0]
        self.is_company = self._is_company()

    def text(self, name: str) -> str:
        """The first value of a property that says something."""
        return next((plain for line in self.lines.get(name, ()) if (plain := self.plain(line.value))), "")

    def plain(self, value: str) -> str:
        """A value as people read it."""
        return unescape(value, old=self.old).strip()

    def pieces(self, line: Line, mark: str) -> list[str]:
        """The parts of a structured value."""
        return [self.plain(piece) for piece in parts(line.value, mark)]

    def preferred(self, name: str) -> list[Line]:
        """Lines of a property, the preferred one first."""
        return sorted(self.lines.get(name, ()), key=_rank)

    def label(self, line: Line) -> str:
        """What a phone or e-mail is for, in a word that is known here; else ""."""
        types = [word.lower() for word in line.params.get("TYPE", ())]
        for label, words in _PHONE_LABELS:
            if any(word in types for word in words):
                return label
        own = self.labels.get(line.group.lower(), "").lower() if line.group else ""
        return next((_LABELS[word] for word in (own, *types) if word in _LABELS), "")

    def keep(self, name: str, value: str) -> None:
        """What has no field becomes one of the user's own; several values of one name stand together."""
        plain = value.strip()[:_LONGEST_OWN]
        if not plain:
            return
        old = self.custom.get(name)
        self.custom[name] = plain if old is None or plain in old.split("; ") else f"{old}; {plain}"

    def _first(self, name: str) -> str:
        return self.lines[name][0].value.strip() if name in self.lines else ""

    def _org(self) -> list[str]:
        for line in self.lines.get("ORG", ()):
            found = [_squeezed(piece) for piece in self.pieces(line, ";")]
            if any(found):
                return found
        return [""]

    def _is_company(self) -> bool:
        kind = self.text("KIND").lower()
        if kind in ("org", "organization") or self._first("X-ABSHOWAS").upper().startswith("COMPANY"):
            return True
        if kind == "individual" or not self.firm:
            return False
        # a card that is called as its firm, without the parts of a person's name
        person = any(piece for line in self.lines.get("N", ()) for piece in self.pieces(line, ";"))
        return not person and _squeezed(self.text("FN")) in ("", self.firm)


def _squeezed(text: str) -> str:
    """Runs of blanks and line ends as one blank; other white space is part of a name."""
    return re.sub("[ \t\r\n]+", " ", text).strip()


def _rank(line: Line) -> int:
    if "PREF" in line.params:
        return int(line.params["PREF"][0]) if line.params["PREF"][0].isdigit() else 1
    return 1 if any(word.lower() == "pref" for word in line.params.get("TYPE", ())) else 101


def name_of(card: Card) -> str:
    """What the card is called: its full name, the parts of it, the firm, a nickname, an address, a number."""
    if card.is_company and card.firm:
        return card.firm
    name = _squeezed(card.text("FN") or _parts_of_name(card))
    return name or card.firm or card.text("NICKNAME") or card.text("EMAIL") or card.text("TEL")


def _parts_of_name(card: Card) -> str:
    for line in card.lines.get("N", ()):
        found = [" ".join(card.plain(one) for one in parts(piece, ",")) for piece in parts(line.value, ";")]
        family, given, more, before, after = (found + [""] * 5)[:5]
        if family and given and has_cjk(family) and has_cjk(given):
            return family + given
        whole = " ".join(piece.strip() for piece in (before, given, more, family, after) if piece.strip())
        if whole:
            return whole
    return ""


def customer_cells(card: Card) -> dict[str, str]:
    """The row of a company, or of a person who belongs to none."""
    cells = _shared(card)
    cells["kind"] = "company" if card.is_company else "person"
    cells["websites"] = "\n".join(_websites(card))
    cells["messengers"] = "\n".join(_messengers(card))
    cells["language"] = card.text("LANG")
    for title in ("TITLE", "ROLE"):
        card.keep(title.lower(), card.text(title))
    if not card.is_company and len(org := card._org()) > 1:
        card.keep("department", ", ".join(piece for piece in org[1:] if piece))
    cells |= _address(card)
    return _finished(card, cells)


def contact_cells(card: Card) -> dict[str, str]:
    """The row of a person at a firm; what only customers have a field for is kept beside it."""
    cells = _shared(card)
    org = card._org()
    cells["customer"] = org[0]
    cells["title"], cells["role"] = card.text("TITLE"), card.text("ROLE")
    card.keep("department", ", ".join(piece for piece in org[1:] if piece))
    for site in _websites(card):
        card.keep("website", site)
    for handle in _messengers(card):
        label, _, value = handle.partition(":")
        card.keep(label, value)
    for place, line in enumerate(card.preferred("ADR")):
        card.keep("address" if not place else f"address {place + 1}", _whole_address(card, line))
    return _finished(card, cells)


def _shared(card: Card) -> dict[str, str]:
    cells = {"name": name_of(card), "note": "\n".join(card.plain(line.value) for line in card.lines.get("NOTE", ()))}
    cells["emails"] = "; ".join(_emails(card))
    cells["phones"] = "; ".join(_phones(card))
    cells["birthday"] = _birthday(card)
    tags = [piece for line in card.lines.get("CATEGORIES", ()) for piece in card.pieces(line, ",")]
    cells["tags"] = "; ".join(dict.fromkeys(_squeezed(tag) for tag in tags if tag and tag.lower() not in _NO_TAGS))
    cells["updated_at"] = _moment(card.text("REV"))
    own, uid = card.text(OUR_ID), card.text("UID")
    cells["uuid"] = own
    if uid and uid.removeprefix("urn:uuid:") != own:
        cells["external_source"], cells["external_id"] = SOURCE, uid[:200]
    return cells


def _finished(card: Card, cells: dict[str, str]) -> dict[str, str]:
    """The remaining properties of a card as fields of the user's own."""
    _dates_and_relations(card)
    for name, lines in card.lines.items():
        if name in _SILENT or name in _HANDLES:
            continue
        for line in lines:
            if "BASE64" not in line.params.get("ENCODING", ()) and not line.value.startswith("data:"):
                shown = "; ".join(piece for piece in card.pieces(line, ";") if piece)
                card.keep(name.removeprefix("X-").lower().replace("-", " "), shown)
    if own := card.text("X-CRM-CUSTOM"):
        card.custom |= _own(own)
    if card.custom:
        cells["custom"] = json.dumps(card.custom, ensure_ascii=False)
    return {header: cell for header, cell in cells.items() if cell}


def _own(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _dates_and_relations(card: Card) -> None:
    for name in ("X-ABDATE", "X-ABRELATEDNAMES"):
        for line in card.lines.get(name, ()):
            label = card.labels.get(line.group.lower(), "") or "related"
            card.keep(label.lower(), card.plain(line.value))


# ------------------------------------------------------------------ ways to reach somebody


def _emails(card: Card) -> list[str]:
    found = []
    for line in card.preferred("EMAIL"):
        value = card.plain(line.value).removeprefix("mailto:")
        if is_email(value):
            found.append(_labelled(card.label(line), value))
        elif value:
            card.odd += 1
            card.keep("email", value)
    return list(dict.fromkeys(found))


def _phones(card: Card) -> list[str]:
    found = []
    for line in card.preferred("TEL"):
        value = _dialled(card.plain(line.value))
        label = card.labels.get(line.group.lower(), "") if line.group else ""
        if not value:
            continue
        if "assistant" in label.lower():
            card.keep("assistant phone", value)  # another person's number
        elif not _DIGIT.search(value):
            card.odd += 1
            card.keep("phone", value)
        else:
            found.append(_labelled(card.label(line), value))
    return list(dict.fromkeys(found))


def _dialled(value: str) -> str:
    """A number without the form of a link; several in one value stay apart from others by no semicolon."""
    if value[:4].lower() == "tel:":
        head, *more = value[4:].split(";")
        ext = next((part[4:] for part in more if part[:4].lower() == "ext="), "")
        return f"{head} ext. {ext}" if ext else head
    return value.replace(";", " ").replace("；", " ").strip()


def _websites(card: Card) -> list[str]:
    found = []
    for line in card.preferred("URL"):
        value = card.plain(line.value)
        if looks_like_website(value):
            found.append(
                re.sub(r"[;；\s]", lambda sign: f"%{ord(sign[0]):02X}" if sign[0] != "；" else "%EF%BC%9B", value)
            )
        elif value:
            card.odd += 1
            card.keep("website", value)
    return list(dict.fromkeys(found))


def _messengers(card: Card) -> list[str]:
    found = []
    for name, service in _HANDLES.items():
        found += [f"{service}:{card.plain(line.value)}" for line in card.preferred(name) if line.value.strip()]
    for line in card.preferred("IMPP"):
        scheme, colon, value = card.plain(line.value).partition(":")
        service = next(iter(line.params.get("X-SERVICE-TYPE", ())), "") or scheme
        if colon and value:
            found.append(f"{service.lower()}:{value.lstrip('/')}")
        elif scheme:
            found.append(scheme)
    for line in card.lines.get("X-SOCIALPROFILE", ()):
        service = next((word for word in line.params.get("TYPE", ()) if word.lower() != "pref"), "")
        value = card.plain(line.value).removeprefix("x-apple:")
        if value:
            found.append(_labelled(service.lower(), value))
    return [re.sub(r"[;；、\n]", " ", one) for one in dict.fromkeys(found)]


def _labelled(label: str, value: str) -> str:
    return f"{label}:{value}" if label else value


# ------------------------------------------------------------------ addresses and days


def _address(card: Card) -> dict[str, str]:
    """The preferred address in the fields of a customer; the others whole."""
    lines = card.preferred("ADR")
    for place, line in enumerate(lines[1:], 2):
        card.keep(f"address {place}", _whole_address(card, line))
    if not lines:
        return {}
    first = lines[0]
    box, more, street, city, region, code, country = (card.pieces(first, ";") + [""] * 7)[:7]
    card.keep("postal code", code)
    return {
        "address": ", ".join(_one_line(piece) for piece in (street, more, box) if piece),
        "city": _one_line(city),
        "region": _one_line(region),
        "country": _one_line(country),
    }


def _whole_address(card: Card, line: Line) -> str:
    box, more, street, city, region, code, country = (card.pieces(line, ";") + [""] * 7)[:7]
    said = (street, more, box, " ".join(piece for piece in (code, city) if piece), region, country)
    return ", ".join(_one_line(piece) for piece in said if piece)


def _one_line(text: str) -> str:
    return ", ".join(piece.strip(" ,") for piece in text.split("\n") if piece.strip(" ,"))


def _birthday(card: Card) -> str:
    """The day as ISO; one without a year under 1604. What is no day is kept as it was written."""
    line = next(iter(card.lines.get("BDAY", ())), None)
    value = card.plain(line.value) if line else ""
    if not line or not value:
        return ""
    whole, part = _DAY.fullmatch(value), _YEARLESS.fullmatch(value)
    year = NO_YEAR if part else int(whole[1]) if whole else 0
    if whole and (str(year) in line.params.get("X-APPLE-OMIT-YEAR", ())):
        year = NO_YEAR
    found = (whole[2], whole[3]) if whole else (part[1], part[2]) if part else None
    try:
        day = date(year, int(found[0]), int(found[1])) if found else None
    except ValueError:
        day = None
    if day is None:
        card.odd += 1
        card.keep("birthday", value)
        return ""
    card.yearless += year == NO_YEAR
    return day.isoformat()


def _moment(value: str) -> str:
    """A basic ISO moment with its marks, as the import reads moments; "" for anything else."""
    found = re.fullmatch(r"(\d{4})-?(\d\d)-?(\d\d)(?:T(\d\d):?(\d\d):?(\d\d)?(?:[.,]\d+)?(Z|[+-]\d\d:?\d\d)?)?", value)
    if not found:
        return ""
    day = f"{found[1]}-{found[2]}-{found[3]}"
    if not found[4]:
        return day
    return f"{day}T{found[4]}:{found[5]}:{found[6] or '00'}{found[7] or ''}"
