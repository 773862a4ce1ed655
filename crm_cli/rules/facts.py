"""One fact behind a judgement: what it says, its number, its day, and the rule that it met."""

from typing import Any, NamedTuple


class Fact(NamedTuple):
    """One row: what it is about (tier, orders, rfm, lifecycle, risk, forecast, fit), the fact as a sentence with holes,
    its value, its day, and the rule as a sentence with holes."""

    about: str
    fact: str
    value: Any
    on: str | None = None
    rule: str = ""
    holes: dict[str, Any] = {}  # noqa: RUF012 - a tuple's default, never changed
    unit: str | None = None

    def published(self) -> dict[str, Any]:
        """Its public keys, in English."""
        return {
            "about": self.about,
            "fact": self.fact.format(**self.holes),
            "value": self.value,
            "on": self.on,
            "rule": self.rule.format(**self.holes) or None,
        }
