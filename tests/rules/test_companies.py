"""Names of companies: the same legal person in another spelling, one that is only like it, and one that is neither."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_cli.rules.companies import company_key, legal_key, names_company
from crm_cli.rules.text import fold

PAIRS = [line.split("\t") for line in Path(__file__).with_name("companies.tsv").read_text("utf-8").splitlines()]


@pytest.mark.parametrize(("how", "one", "other"), PAIRS)
def test_pairs(how: str, one: str, other: str) -> None:
    same = legal_key(fold(one)) == legal_key(fold(other))
    alike = company_key(one) == company_key(other)
    assert (same, alike) == {"same": (True, True), "core": (False, True), "apart": (False, False)}[how]


def test_a_legal_form_tells_a_company() -> None:
    companies = ["Acme Inc.", "Acme GmbH", "Müller & Co. KG", "北京华联有限公司", "华联(北京)公司", "Baker, Ltd"]
    others = ["Jane Doe", "Inc", "王伟", "华联北京分公司", "Kim Sa", "Ann Co", "Ltd Baker"]
    assert [name for name in companies + others if names_company(fold(name))] == companies


@given(st.text(max_size=60))
def test_any_name_has_a_key_that_is_its_own_key(name: str) -> None:
    folded = fold(name)
    key = legal_key(folded)
    assert bool(key) == bool(folded)
    assert company_key(name) or not folded


@given(st.sampled_from(PAIRS))
def test_a_key_of_a_key_is_the_key(pair: list[str]) -> None:
    key = legal_key(fold(pair[1]))
    assert legal_key(key) == key
