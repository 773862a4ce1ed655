"""Numbers as they stand in fields of the user's own: 100, -2.5, 50 %; a text with anything else in it is none."""

_LONGEST = 40
_MOST_DIGITS = 18  # of a whole number that is kept exactly


def plain_number(value: object) -> int | float | None:
    """The number that a value is or spells; None for what is none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value
    text = str(value).strip()
    if not text or len(text) > _LONGEST or not text.isascii():
        return None
    text = text.removesuffix("%").rstrip()
    digits = text[1:] if text[:1] in "+-" else text
    whole, dot, part = digits.partition(".")
    if not (whole.isdigit() and (part.isdigit() or not dot)):
        return None
    return int(text) if not dot and len(whole) <= _MOST_DIGITS else float(text)
