"""Names as keys and back: what was typed as look-ups compare it, and names as they can be typed again."""


def key_of(text: str) -> str:
    """As rules.text.fold, which is loaded only for letters that need it; a space at the end counts."""
    end = " " if text[-1:].isspace() and text.strip() else ""
    if all(char < "\x80" or "\u4e00" <= char <= "\u9fff" for char in text):
        return " ".join(text.lower().split()) + end
    from crm_cli.rules.text import fold

    return fold(text) + end


def typable(name: str, key: str) -> str:
    """A name without what no keyboard has, if it still means the same; "" where it would not."""
    if name.isprintable():
        return name
    shown = " ".join("".join(char if char.isprintable() else " " if char.isspace() else "" for char in name).split())
    return shown if shown and key_of(shown) == key else ""


def readable(text: str) -> str:
    """A text to be read beside a candidate: one line, nothing hidden, not too long."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text[:200]).split())
    return line if len(line) <= 60 else line[:59] + "…"
