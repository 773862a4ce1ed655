"""Countries, regions and cities: one spelling in every language; what is not known stays as typed."""

import pytest

from crm_cli.rules.countries import _TABLE, country_code, country_name, country_shown
from crm_cli.rules.places import place_before, region_shown, spelled

CODES = (
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ "
    "CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO "
    "FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE "
    "JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO "
    "MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW "
    "PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM "
    "TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW"
).split()


def test_every_country_is_there_once_and_answers_to_all_its_names() -> None:
    lines = _TABLE.replace("\n ", "").splitlines()
    assert [line[:2] for line in lines] == CODES
    taken: dict[str, str] = {}
    for line in lines:
        code, long_code, rest = line.split(" ", 2)
        english, chinese, *others = rest.split("|")
        assert country_name(code) == english and country_shown(english, "zh") == chinese
        for name in (code, long_code, english, chinese, *(others[0].split(",") if others else ())):
            name = name.removeprefix("~").casefold()
            assert country_code(name) == code
            assert taken.setdefault(name, code) == code, name


@pytest.mark.parametrize(
    ("field", "kept", "typed"),
    [
        ("country", "Germany", "Germany GERMANY Deutschland DE deu 德国 ＤＥ Allemagne"),
        ("country", "China", "China PRC 中国 中國 CN 中华人民共和国 chine"),
        ("country", "United Kingdom", "UK GB 英国"),
        ("country", "England", "England"),
        ("country", "Atlantis", "Atlantis"),
        ("region", "北京", "北京 北京市 Beijing peking"),
        ("region", "浙江", "浙江 浙江省 Zhejiang"),
        ("region", "广西", "广西壮族自治区 Guangxi"),
        ("region", "California", "California california 加州 加利福尼亚州"),
        ("region", "华东", "华东"),
        ("region", "CA", "CA"),
        ("city", "杭州", "杭州市 杭州"),
        ("city", "津市", "津市"),
    ],
)
def test_one_spelling(field: str, kept: str, typed: str) -> None:
    assert {spelled(field, text) for text in typed.split(" ")} == {kept}
    assert spelled(field, kept) == kept


def test_names_of_several_words_and_states_by_code() -> None:
    assert spelled("country", " Viet  Nam ") == "Vietnam" and spelled("country", "P.R. China") == "China"
    assert spelled("region", "Zhejiang  Province") == "浙江" and spelled("region", "inner mongolia") == "内蒙古"
    assert spelled("region", "ny", "usa") == "New York" and spelled("region", "NY", "Germany") == "NY"
    assert (region_shown("浙江", "en"), region_shown("浙江", "zh"), region_shown("Texas", "zh")) == (
        "Zhejiang", "浙江", "得克萨斯州",
    )  # fmt: skip


def test_places_before_the_names_of_companies() -> None:
    cases = {
        "上海市华联": ("上海", "华联"),
        "内蒙古自治区伊利": ("内蒙古", "伊利"),
        "苏州恒力": ("苏州", "恒力"),
        "大同集团": ("", "大同集团"),
    }
    assert {name: place_before(name) for name in cases} == cases
