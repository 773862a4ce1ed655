"""What two spellings of one company's name have in common: legal forms, places, width, case and accents left out."""

import re

from crm_cli.rules.text import fold, has_cjk

# words that say what kind of company it is; folded, without dots
_FORMS = frozenset(
    "gmbh mbh gesmbh ag kg kgaa ohg gbr ug se ev eg ek haftungsbeschrankt gesellschaft inc incorporated corp"
    " corporation"
    " co company ltd limited llc llp lp plc pty pvt private pte sa sas sasu sarl srl spa sl slu sae bv nv vof"
    " cv ab as asa"
    " oy oyj aps kft zrt nyrt doo dd ad sro spol spzoo spk kk gk sdn bhd ooo oao zao pao jsc pjsc ojsc ltda"
    " eireli fze fzco"
    " group gruppe groupe holding holdings".split()
)
_JOINERS = frozenset("and und et y e i".split())  # between the parts of a name, as & is
_FRONT = frozenset("the pt ooo oao zao pao".split())
_DOTTED = re.compile(r"\b(?:\w\.){2,}\w?(?!\w)|\b\w(?:/\w)+\b")  # S.A., G.m.b.H would be words of one letter
_NOT_WORDS = re.compile(r"[^\w]+|_+")
_FORMS_ZH = re.compile(
    "(?:股份)?有限(?:责任|責任)?公司|(?:股份|集团|集團)公司|株式会社|株式會社|有限会社|合同会社|普通合伙|有限合伙|合伙企业|个体工商户"
)
_END_ZH = re.compile("(?:集团|集團|股份|控股|(?<!分)公司|总|總)$")
_PROVINCES = (
    "北京 天津 上海 重庆 河北 山西 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 海南"
    " 四川 贵州 云南 陕西"
    " 甘肃 青海 台湾 内蒙古 广西 西藏 宁夏 新疆 香港 澳门 中国"
).split()
_CITIES = (
    "广州 深圳 杭州 南京 苏州 成都 武汉 西安 青岛 大连 宁波 厦门 长沙 郑州 沈阳 济南 哈尔滨 长春 石家庄 太原"
    " 合肥 福州 南昌 南宁 海口"
    " 昆明 贵阳 兰州 西宁 银川 乌鲁木齐 呼和浩特 拉萨 无锡 常州 南通 扬州 徐州 镇江 泰州 盐城 温州 嘉兴 绍兴"
    " 金华 台州 湖州 舟山 东莞"
    " 佛山 中山 珠海 惠州 汕头 江门 湛江 泉州 漳州 莆田 烟台 潍坊 淄博 临沂 威海 洛阳 开封 新乡 襄阳 宜昌 荆州"
    " 株洲 湘潭 衡阳 岳阳 芜湖"
    " 蚌埠 马鞍山 赣州 九江 桂林 柳州 绵阳 德阳 宜宾 南充 泸州 遵义 曲靖 唐山 保定 秦皇岛 邯郸 廊坊 沧州 大同"
    " 包头 鄂尔多斯 鞍山 抚顺"
    " 吉林 大庆 三亚 昆山 义乌 江阴 常熟 张家港 太仓 晋江 台北 高雄 台中"
).split()
_PLACE = re.compile(
    "(?:" + "|".join(sorted({*_PROVINCES, *_CITIES}, key=lambda name: (-len(name), name))) + ")"
    "(?:特别行政区|(?:壮族|回族|维吾尔)?自治区|省|市)?"
)
# what a name cannot consist of alone: with nothing else left, the place is what tells it from others
_TRADES_ZH = re.compile(
    "(?:银行|大学|医院|通信|航空|电力|机场|地铁|石油|石化|电信|移动|联通|燃气|自来水|水务|公交|出版社|日报|电视台|啤酒|汽车|钢铁|科技|贸易"
    "|实业|建设|建筑|工程|投资|商贸|网络|软件|信息|技术|中学|小学|学院|中心|第|[一二三四五六七八九十]|人民|国际|进出口|发展|管理|咨询"
    "|服务|文化|传媒|广告|物流|电子|机械|医药|食品|教育|农业|化工|环保|能源|金融|证券|保险|基金|地产|房地产|物业|旅游|酒店|餐饮|市)+"
)


def company_key(name: str) -> str:
    """`ACME, Inc.` and `Acme GmbH` -> `acme`; 上海市启明软件股份有限公司 -> 启明软件. Of a name that consists of such
    words alone nothing is left out. Words are separated by one space; Chinese has none."""
    folded = fold(name)
    text = _DOTTED.sub(lambda found: found[0].replace(".", "").replace("/", ""), folded)
    for long, short in _LONG_FORMS:
        text = text.replace(long, short)
    if text.isascii():
        return _western(text) or folded
    without = _FORMS_ZH.sub(" ", text)
    words = _western(without).split()
    return _placeless("".join(words) if _is_chinese(words) else " ".join(words)) or folded


def _western(text: str) -> str:
    """The words without punctuation, what joins them, and the legal forms at either end."""
    words = _letters_joined([word for word in _NOT_WORDS.split(text.replace("'", "")) if word])
    kept = [word for word in words if word not in _JOINERS] or words
    first, last = 0, len(kept)
    while last > first and kept[last - 1] in _FORMS:
        last -= 1
    while first < last and kept[first] in _FRONT:
        first += 1
    return " ".join(kept[first:last] or kept)


def _is_chinese(words: list[str]) -> bool:
    """Whether no word is Latin: those stay apart."""
    return not any(word.isascii() for word in words)


def _placeless(key: str) -> str:
    """Without 集团 at the end and the place in front, unless only a trade would be left."""
    while len(short := _END_ZH.sub("", key)) >= 2 and short != key:
        key = short.strip()
    while found := _PLACE.match(key):
        rest = key[found.end() :].strip()
        if len(rest) < 2 or _TRADES_ZH.fullmatch(rest):
            break
        key = rest
    return key


# ------------------------------------------------------------------ the same legal person in another spelling

_SPELLED = {
    "limited": "ltd", "incorporated": "inc", "corporation": "corp", "company": "co", "gesmbh": "gmbh",
    "aktiengesellschaft": "ag", "private": "pvt", "und": "and", "et": "and", "y": "and",
}  # fmt: skip
_LONG_FORMS = (
    ("gesellschaft mit beschrankter haftung", "gmbh"),
    ("limited liability company", "llc"),
    ("kabushiki kaisha", "kk"),
)
_LONG_WORDS = frozenset(("gesellschaft", "liability", "kaisha"))
# Words and signs of names that are spelled in several ways; a name without them is its own key.
_SEVERAL_WAYS = frozenset((*_SPELLED, *_LONG_WORDS, "and"))
_SEVERAL_WAYS_ZH = re.compile(r"[^\w]|责任|責任|集團|[省市]|自治区|股份公司")
_SURE = frozenset(
    "gmbh mbh gesmbh ag kg kgaa ohg gbr ug inc incorporated corp corporation ltd limited llc llp plc pvt pte"
    " sarl srl spa"
    " bv nv oyj aps kft zrt doo sro bhd jsc ltda".split()
)
_SURE_ZH = re.compile(r"(?:(?<!分)公司|株式会社|有限会社|合伙企业)\)?$")


def legal_key(folded: str) -> str:
    """The key of a company's name that has another spelling of its legal form, of its place, or other punctuation.

    `acme, inc.` and `acme incorporated` are one; `acme gmbh` is another legal person, and 上海华联 is not 北京华联. It
    takes the folded name.
    """
    if _is_plain(folded):
        return folded
    if folded.isalnum():  # Chinese without a space: no words to be told apart
        return _legal_zh(folded)
    text = folded.replace("&", " and ").replace("'", "")
    if "." in text or "/" in text:
        text = _DOTTED.sub(lambda found: found[0].replace(".", "").replace("/", ""), text)
    words = [_SPELLED.get(word, word) for word in _NOT_WORDS.split(text) if word]
    if not words:
        return folded
    text = " ".join(_letters_joined(words) if len(words[-1]) == 1 else words)
    if not _LONG_WORDS.isdisjoint(words):
        for long, short in _LONG_FORMS:
            text = text.replace(long, short)
    return text if text.isascii() else _legal_zh(text)


def _is_plain(folded: str) -> bool:
    """Whether nothing of a name is spelled in several ways; for most names a few quick tests say so."""
    if not folded.isascii():
        return _SEVERAL_WAYS_ZH.search(folded) is None
    words = folded.split(" ")
    return folded.replace(" ", "").isalnum() and min(map(len, words)) > 1 and _SEVERAL_WAYS.isdisjoint(words)


def _letters_joined(words: list[str]) -> list[str]:
    """g m b h behind a name is one word, as gmbh is."""
    last = len(words)
    while last > 1 and len(words[last - 1]) == 1 and words[last - 1].isascii():
        last -= 1
    return [*words[:last], "".join(words[last:])] if len(words) - last > 1 else words


def _legal_zh(text: str) -> str:
    from crm_cli.rules.places import place_before

    if not has_cjk(text):
        return text
    bare = "".join(text.split()) if _is_chinese(text.split()) else text
    bare = bare.replace("責任", "责任").replace("集團", "集团").replace("有限责任公司", "有限公司")
    bare = bare.replace("股份公司", "股份有限公司")
    places = ""
    while True:
        place, rest = place_before(bare)
        if not place or len(rest) < 2:
            return places + bare
        places, bare = places + place, rest


def names_company(folded: str) -> bool:
    """Whether a folded name says by its legal form that it is no person's."""
    if not folded.isascii():
        if folded[-1:] in "司社业)" and _SURE_ZH.search(folded):
            return True
        if " " not in folded or has_cjk(folded):
            return False
    last = folded.rpartition(" ")[2].replace(".", "").strip(",()")
    return " " in folded and last in _SURE
