"""Made-up customers, people, phone numbers and talk, from a seeded random source; unique where the product wants it."""

import random
from typing import NamedTuple
from unicodedata import combining, normalize

import names as words

from crm_cli.rules.text import fold


class Made(NamedTuple):
    """A customer as the generator thinks of it; `slug` is a unique ASCII name for its mail domain."""

    name: str
    kind: str  # company or person
    language: str  # en, de or zh
    country: str
    city: str
    region: str
    prefix: str
    currency: str
    slug: str


def ascii_slug(text: str) -> str:
    """Latin letters and digits of a text, lower-cased, umlauts bare."""
    bare = normalize("NFD", text.lower().replace("ß", "ss"))
    return "".join(c for c in bare if c.isascii() and c.isalnum() and not combining(c))


class Namer:
    """Hands out customers and people; no two customers share a name or a slug."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.pick = rng.choice
        self._taken: set[str] = set()
        self._slugs: set[str] = set()

    def customer(self) -> Made:
        """One more customer: 45 % English, 30 % German, 25 % Chinese; every seventh a person."""
        chance = self.rng.random()
        language = "en" if chance < 0.45 else "de" if chance < 0.75 else "zh"
        kind = "person" if self.rng.random() < 0.15 else "company"
        country, currency, (city, region, prefix) = self._place(language)
        if kind == "person":
            name, slug = self.person(language)
        else:
            name, slug = self._company(language, city)
        return Made(
            self._unique_name(name, language, city), kind, language, country, city, region, prefix, currency,
            self._unique_slug(slug),
        )  # fmt: skip

    def _place(self, language: str) -> tuple[str, str, tuple[str, str, str]]:
        if language == "de":
            return "Germany", "EUR", self.pick(words.PLACES_DE)
        if language == "zh":
            return "中国", "CNY", self.pick(words.PLACES_CN)
        if self.rng.random() < 0.25:
            return "United Kingdom", "EUR", self.pick(words.PLACES_GB)
        return "United States", "USD", self.pick(words.PLACES_US)

    def _company(self, language: str, city: str) -> tuple[str, str]:
        pick = self.pick
        if language == "de":
            surname, trade = pick(words.SURNAMES_DE), pick(words.TRADES_DE)
            name = f"{surname} {trade} {pick(words.FORM_DE)}"
            return name, ascii_slug(surname + trade)
        if language == "zh":
            first, second, third = pick(words.SYLLABLES_ZH), pick(words.SYLLABLES_ZH), pick(words.SYLLABLES_ZH)
            three = self.rng.random() < 0.3
            brand = first[0] + second[0] + (third[0] if three else "")
            name = f"{city}{brand}{pick(words.TRADES_ZH)}{pick(words.FORM_ZH)}"
            return name, first[1] + second[1] + (third[1] if three else "")
        stem = pick(words.FIRST_EN) + pick(words.SECOND_EN)
        third_word = pick(words.THIRD_EN)
        return f"{stem} {third_word} {pick(words.FORM_EN)}", ascii_slug(stem + third_word)

    def person(self, language: str) -> tuple[str, str]:
        """A name, and it in ASCII with a dot."""
        pick = self.pick
        if language == "zh":
            surname, given = pick(words.SURNAMES_ZH), pick(words.GIVEN_ZH)
            return surname[0] + given[0], f"{given[1]}.{surname[1]}"
        first = pick(words.GIVEN_DE if language == "de" else words.GIVEN_EN)
        last = pick(words.SURNAMES_DE if language == "de" else words.SURNAMES_EN)
        return f"{first} {last}", f"{ascii_slug(first)}.{ascii_slug(last)}"

    def _unique_name(self, name: str, language: str, city: str) -> str:
        taken = self._taken
        if fold(name) in taken and language != "zh":
            name = f"{name} {city}"
        stem, count = name, 1
        while (key := fold(name)) in taken:  # what the product takes for the same name
            count += 1 if count < 9 else self.rng.randrange(1, 40)
            name = f"{stem}{count}号" if language == "zh" else f"{stem} {count}"
        taken.add(key)
        return name

    def _unique_slug(self, slug: str) -> str:
        stem, count = slug, 1
        while slug in self._slugs:
            count += 1 if count < 9 else self.rng.randrange(1, 90)
            slug = f"{stem}{count}"
        self._slugs.add(slug)
        return slug


def phone(prefix: str, serial: int) -> tuple[str, str]:
    """A phone number that belongs to `serial` alone, as typed and in E.164."""
    digits = f"{2_000_000 + serial % 7_900_000:07d}" if prefix.startswith("+1 ") else f"{20_000_000 + serial:08d}"
    if len(digits) == 7:
        shown = f"{prefix} {digits[:3]}-{digits[3:]}"
    else:
        shown = f"{prefix} {digits[:4]} {digits[4:]}"
    return shown, "+" + "".join(c for c in shown if c.isdigit())


def talk(rng: random.Random, language: str, count: int) -> list[str]:
    """`count` sentences that are said about customers in a language."""
    templates, subjects, months = {
        "de": (words.SENTENCES_DE, words.SUBJECTS, words.MONTHS),
        "zh": (words.SENTENCES_ZH, words.SUBJECTS_ZH, words.MONTHS_ZH),
    }.get(language, (words.SENTENCES, words.SUBJECTS, words.MONTHS))
    namer = Namer(rng)
    choices = templates.split("|")
    return [
        rng.choice(choices).format(
            who=namer.person(language)[0],
            what=rng.choice(subjects),
            number=rng.randrange(2, 60) * 5,
            share=rng.randrange(3, 26),
            month=rng.choice(months),
        )
        for _ in range(count)
    ]
