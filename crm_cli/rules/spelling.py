"""Names in one spelling: full-width letters, unseen characters and runs of spaces are gone."""

import re

from crm_cli.rules.text import squeeze

# They come along from web pages, chats and spreadsheets, and nobody sees them. What changes the order of what is read
# stays, since it is no mishap, and is shown as what it is; so do line ends and accents as they were typed.
_UNSEEN = (0x00AD, 0x200B, 0x2060, 0xFEFF)
# Letters, digits and the signs of companies' names; brackets and stops of Chinese names are as they should be.
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F) if chr(code - 0xFEE0).isalnum() or code == 0xFF06}
_TABLE: dict[int, int | None] = {**dict.fromkeys(_UNSEEN), **_WIDE, 0x3000: 0x20}
_SPACES = re.compile("[ \t\u00a0\u2000-\u200a\u202f\u205f]{2,}")


def tidy(name: str) -> str:
    """The name as it is kept; one of nothing but unseen characters stays as it is."""
    plain = name if name.isascii() else name.translate(_TABLE)
    return _SPACES.sub(" ", plain).strip() or name.strip()


def category_path(text: str) -> str:
    """Categories one within the other: `软件／CRM`, `Software > CRM` -> Software/CRM."""
    steps = text.replace("／", "/").replace(">", "/").replace("＞", "/").split("/")
    return "/".join(step for step in map(squeeze, steps) if step)
