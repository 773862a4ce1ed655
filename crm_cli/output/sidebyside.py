"""Records side by side, or one below the other where the window is narrow; a mark says which value stays."""

from crm_cli.i18n import listed, t, tn
from crm_cli.output import cards
from crm_cli.output.cells import cell, heading
from crm_cli.rules.comparison import Comparison, Fact
from crm_cli.rules.text import clean, fit, pad, squeeze, width, wrap

STAYS = "*"
_BESIDE = 18  # columns that a value needs to stand beside another
_LABEL = 16
_LONGEST = 200

_COUNTS = {
    "contact": ("{n} contact", "{n} contacts"),
    "deal": ("{n} deal", "{n} deals"),
    "order": ("{n} order", "{n} orders"),
    "task": ("{n} task", "{n} tasks"),
    "interaction": ("{n} interaction", "{n} interactions"),
}


def hanging(counts: dict[str, int]) -> str:
    """`2 contacts, 1 deal`; empty where nothing hangs on it."""
    return listed(tn(*_COUNTS[noun], n) for noun, n in counts.items() if n)


def side_by_side(found: Comparison, columns: int, colour: bool) -> list[str]:
    """Lines, none wider than `columns`."""
    columns = max(columns, 20)
    rows = [(label(found.noun, fact.key), _texts(found.noun, fact), fact.stays) for fact in found.facts]
    if any(found.attached):
        rows.append((t("hangs on it"), [hanging(counts) for counts in found.attached], [True] * len(found.heads)))
    heads = [f"{found.noun}:{row_id}" for row_id, _ in found.heads]
    n = len(heads)
    left = min(_LABEL, max((width(name) for name, _, _ in rows), default=0))
    room = (columns - left - 2) // n - 2
    lines = _beside(rows, heads, left, room, colour) if room >= _BESIDE else _below(rows, heads, columns, colour)
    return [*lines, *wrap(t("{mark} stays; the first one is kept, the others go into it.", mark=STAYS), columns)]


def label(noun: str, key: str) -> str:
    """What a field is called; one of somebody's own as it is."""
    return clean(heading(noun, key))


def _texts(noun: str, fact: Fact) -> list[str]:
    return [fit(squeeze(cell(noun, fact.key, {fact.key: value})), _LONGEST) for value in fact.values]


Rows = list[tuple[str, list[str], list[bool]]]


def _beside(rows: Rows, heads: list[str], left: int, room: int, colour: bool) -> list[str]:
    lines = [cards.styled(pad("", left + 2) + "  ".join(pad(head, room) for head in heads), cards.BOLD, colour)]
    for name, texts, stays in rows:
        wrapped = [wrap(text, room - 2) if text else [""] for text in texts]
        for i in range(max(map(len, wrapped))):
            cells = [
                pad((STAYS + " " if stay and i == 0 and text[0] else "  ") + (text[i] if i < len(text) else ""), room)
                for text, stay in zip(wrapped, stays, strict=True)
            ]
            lines.append((pad(fit(name, left) if i == 0 else "", left) + "  " + "  ".join(cells)).rstrip())
    return lines


def _below(rows: Rows, heads: list[str], columns: int, colour: bool) -> list[str]:
    lines: list[str] = []
    for name, texts, stays in rows:
        lines.append(cards.styled(fit(name, columns), cards.BOLD, colour))
        for head, text, stay in zip(heads, texts, stays, strict=True):
            if text:
                mark = STAYS if stay else " "
                first, *rest = wrap(f"{text}  ({head})", columns - 4)
                lines += [f"  {mark} {first}", *(f"    {more}" for more in rest)]
    return lines
