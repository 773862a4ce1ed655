"""Links to profiles -> messenger handles: linkedin.com/in/jane, wa.me/4930901820, t.me/acme."""

import re
from urllib.parse import parse_qs, unquote

# host -> label, and what stands before the handle in the path
_HOSTS = {
    "linkedin.com": ("linkedin", r"(?:(?:in|pub)/|(?=company/|school/|showcase/))"),
    "x.com": ("x", ""),
    "twitter.com": ("x", ""),
    "wa.me": ("whatsapp", ""),
    "t.me": ("telegram", "(?:s/)?"),
    "telegram.me": ("telegram", ""),
    "instagram.com": ("instagram", ""),
    "facebook.com": ("facebook", ""),
    "fb.com": ("facebook", ""),
    "m.me": ("facebook", ""),
    "weibo.com": ("weibo", "(?:(?:u|n)/)?"),
    "u.wechat.com": ("wechat", ""),
    "weixin.qq.com": ("wechat", "(?:r/)?"),
    "xing.com": ("xing", "(?:profile/|(?=companies/|pages/))"),
    "line.me": ("line", "(?:R/)?ti/p/[~@]?"),
    "zalo.me": ("zalo", ""),
    "signal.me": ("signal", ""),
}
_SCHEMES = {"skype": "skype", "weixin": "wechat", "whatsapp": "whatsapp", "tg": "telegram", "xing": "xing"}
_LINK = re.compile(r"(?i)(?:https?://)?(?:(?:www|m|mobile|[a-z]{2})\.)?([a-z0-9.-]+\.[a-z]{2,6})/(.*)")
_HANDLE = re.compile(r"@?([^/?#\s]+(?:/[^/?#\s]+)?)")
_TWO_PARTS = ("company", "school", "showcase", "companies", "pages")
# places of a site that are nobody's profile
_NOBODY = frozenset("share intent home login search explore sharer hashtag p reel groups events".split())
_IN_QUERY = re.compile(r"(?:profile\.php|send)?/?\?(.+)")


def handle_of(text: str) -> tuple[str, str] | None:
    """The messenger and the handle that a link leads to; None for any other text, and for pages of nobody."""
    link = text.strip()
    scheme, colon, rest = link.partition(":")
    if colon and scheme.lower() in _SCHEMES:
        found = _HANDLE.match(re.sub(r"^//(?:dl/(?:chat|profile)\?)?", "", rest))
        return (_SCHEMES[scheme.lower()], unquote(found[1])) if found else None
    if "/" not in link:
        return None
    parts = _LINK.fullmatch(link)
    host = parts[1].lower() if parts else ""
    if host == "api.whatsapp.com":
        host = "wa.me"
    if parts is None or host not in _HOSTS:
        return None
    label, before = _HOSTS[host]
    return _profile(label, before, parts[2])


def _profile(label: str, before: str, path: str) -> tuple[str, str] | None:
    query = _IN_QUERY.match(path)
    if query:
        asked = parse_qs(query[1])
        named = (asked.get("id") or asked.get("phone") or [""])[0]
        return (label, _numbered(label, named)) if named else None
    if label == "signal":
        path = path.removeprefix("#").removeprefix("p/")
    start = re.match(before, path)
    if start is None:
        return None
    found = _HANDLE.match(path, start.end())
    if found is None:
        return None
    handle = unquote(found[1])
    first, _, more = handle.partition("/")
    if first.lower() in _NOBODY:
        return None
    return label, _numbered(label, handle if first.lower() in _TWO_PARTS and more else first)


def _numbered(label: str, handle: str) -> str:
    """A handle that is a phone number, as every other phone number is compared."""
    digits = re.sub("[ +()-]", "", handle)
    return f"+{digits}" if label in ("whatsapp", "signal") and digits.isdigit() else handle
