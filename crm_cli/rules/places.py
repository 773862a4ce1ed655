"""Provinces, states and cities: one spelling of each in both languages; what is not known stays as typed."""

from collections.abc import Sequence

from crm_cli.rules.countries import country_code, country_name
from crm_cli.rules.text import fold, squeeze

# The first-level regions of China: the name that is kept, how it is written in Latin letters, its larger cities.
_CHINA = """\
北京 Beijing,Peking
天津 Tianjin,Tientsin
上海 Shanghai
重庆 Chongqing,Chungking
河北 Hebei 石家庄 唐山 秦皇岛 邯郸 邢台 保定 张家口 承德 沧州 廊坊 衡水
山西 Shanxi 太原 大同 阳泉 长治 晋城 朔州 晋中 运城 忻州 临汾 吕梁
内蒙古 Inner Mongolia,Nei Mongol,Neimenggu 呼和浩特 包头 乌海 赤峰 通辽 鄂尔多斯 呼伦贝尔 巴彦淖尔 乌兰察布
辽宁 Liaoning 沈阳 大连 鞍山 抚顺 本溪 丹东 锦州 营口 阜新 辽阳 盘锦 铁岭 朝阳 葫芦岛
吉林 Jilin,Kirin 长春 四平 辽源 通化 白山 松原 白城 延边
黑龙江 Heilongjiang 哈尔滨 齐齐哈尔 鸡西 鹤岗 双鸭山 大庆 伊春 佳木斯 七台河 牡丹江 黑河 绥化
江苏 Jiangsu 南京 无锡 徐州 常州 苏州 南通 连云港 淮安 盐城 扬州 镇江 泰州 宿迁 昆山 江阴 张家港 常熟 太仓 宜兴
浙江 Zhejiang,Chekiang 杭州 宁波 温州 嘉兴 湖州 绍兴 金华 衢州 舟山 台州 丽水 义乌 慈溪 余姚 海宁
安徽 Anhui 合肥 芜湖 蚌埠 淮南 马鞍山 淮北 铜陵 安庆 黄山 滁州 阜阳 宿州 六安 亳州 池州 宣城
福建 Fujian,Fukien 福州 厦门 莆田 三明 泉州 漳州 南平 龙岩 宁德 晋江
江西 Jiangxi 南昌 景德镇 萍乡 九江 新余 鹰潭 赣州 吉安 宜春 抚州 上饶
山东 Shandong,Shantung 济南 青岛 淄博 枣庄 东营 烟台 潍坊 济宁 泰安 威海 日照 临沂 德州 聊城 滨州 菏泽
河南 Henan,Honan 郑州 开封 洛阳 平顶山 安阳 鹤壁 新乡 焦作 濮阳 许昌 漯河 三门峡 南阳 商丘 信阳 周口 驻马店
湖北 Hubei,Hupeh 武汉 黄石 十堰 宜昌 襄阳 鄂州 荆门 孝感 荆州 黄冈 咸宁 随州 恩施
湖南 Hunan 长沙 株洲 湘潭 衡阳 邵阳 岳阳 常德 张家界 益阳 郴州 永州 怀化 娄底 湘西
广东 Guangdong,Kwangtung,Canton 广州 韶关 深圳 珠海 汕头 佛山 江门 湛江 茂名 肇庆 惠州 梅州 汕尾 河源 阳江 清远
 东莞 中山 潮州 揭阳 云浮
广西 Guangxi,Kwangsi 南宁 柳州 桂林 梧州 北海 防城港 钦州 贵港 玉林 百色 贺州 河池 来宾 崇左
海南 Hainan 海口 三亚 三沙 儋州
四川 Sichuan,Szechuan,Szechwan 成都 自贡 攀枝花 泸州 德阳 绵阳 广元 遂宁 内江 乐山 南充 眉山 宜宾 广安 达州 雅安
 巴中 资阳
贵州 Guizhou,Kweichow 贵阳 六盘水 遵义 安顺 毕节 铜仁
云南 Yunnan 昆明 曲靖 玉溪 保山 昭通 丽江 普洱 临沧 大理 红河
西藏 Tibet,Xizang 拉萨 日喀则 昌都 林芝
陕西 Shaanxi,Shensi 西安 铜川 宝鸡 咸阳 渭南 延安 汉中 榆林 安康 商洛
甘肃 Gansu,Kansu 兰州 嘉峪关 金昌 白银 天水 武威 张掖 平凉 酒泉 庆阳 定西 陇南
青海 Qinghai,Tsinghai 西宁 海东
宁夏 Ningxia 银川 石嘴山 吴忠 固原 中卫
新疆 Xinjiang,Sinkiang 乌鲁木齐 克拉玛依 吐鲁番 哈密 昌吉 喀什 伊犁
香港 Hong Kong,Hongkong
澳门 Macau,Macao
台湾 Taiwan 台北 高雄 台中 台南 新北 桃园 新竹"""
# Two signs that are a province's or a city's and mean something else as often: no place where a company's name starts.
_PLAIN_WORDS = frozenset(
    "朝阳 中山 大同 长治 白银 安康 永州 平凉 黄山 大理 红河 日照 保定 内江 东营 来宾 云浮 安顺 通化".split()
)
_SUFFIXES = (
    "壮族自治区", "维吾尔自治区", "回族自治区", "特别行政区", "自治区", "自治州", "地区", "省", "市", "盟",
)  # fmt: skip
_STATES = (
    "AL Alabama 阿拉巴马|AK Alaska 阿拉斯加|AZ Arizona 亚利桑那|AR Arkansas 阿肯色|CA California 加利福尼亚,加|"
    "CO Colorado 科罗拉多|CT Connecticut 康涅狄格|DE Delaware 特拉华|DC District_of_Columbia 华盛顿哥伦比亚|"
    "FL Florida 佛罗里达|GA Georgia 佐治亚|HI Hawaii 夏威夷|ID Idaho 爱达荷|IL Illinois 伊利诺伊|IN Indiana 印第安纳|"
    "IA Iowa 艾奥瓦|KS Kansas 堪萨斯|KY Kentucky 肯塔基|LA Louisiana 路易斯安那|ME Maine 缅因|MD Maryland 马里兰|"
    "MA Massachusetts 马萨诸塞,麻|MI Michigan 密歇根|MN Minnesota 明尼苏达|MS Mississippi 密西西比|MO Missouri 密苏里|"
    "MT Montana 蒙大拿|NE Nebraska 内布拉斯加|NV Nevada 内华达|NH New_Hampshire 新罕布什尔|NJ New_Jersey 新泽西|"
    "NM New_Mexico 新墨西哥|NY New_York 纽约|NC North_Carolina 北卡罗来纳,北卡|ND North_Dakota 北达科他|OH Ohio 俄亥俄|"
    "OK Oklahoma 俄克拉何马|OR Oregon 俄勒冈|PA Pennsylvania 宾夕法尼亚,宾|RI Rhode_Island 罗得岛|"
    "SC South_Carolina 南卡罗来纳,南卡|SD South_Dakota 南达科他|TN Tennessee 田纳西|TX Texas 得克萨斯,德克萨斯,德|"
    "UT Utah 犹他|VT Vermont 佛蒙特|VA Virginia 弗吉尼亚|WA Washington 华盛顿|WV West_Virginia 西弗吉尼亚|"
    "WI Wisconsin 威斯康星|WY Wyoming 怀俄明"
)
_regions: dict[str, str] = {}  # folded -> the name that is kept
_latin: dict[str, str] = {}  # the name that is kept -> its first spelling in Latin letters
_states: dict[str, str] = {}  # a code of two letters -> the state
_chinese: dict[str, str] = {}  # the state -> its Chinese name
_cities: dict[str, str] = {}  # a city of China -> its region


def _load() -> None:
    for line in _CHINA.replace("\n ", " ").splitlines():
        name, _, rest = line.partition(" ")
        words = rest.split(" ")
        cities = [word for word in words if not word.isascii()]
        latin = " ".join(word for word in words if word.isascii()).split(",")
        _latin[name] = latin[0]
        for spelling in (name, *(name + suffix for suffix in _SUFFIXES)):
            _regions[spelling] = name
        for spelling in latin:
            for end in ("", " province", " city", " shi", " sheng", " municipality", " autonomous region"):
                _regions[fold(spelling + end)] = name
        _cities.update(dict.fromkeys(cities, name))
    for entry in _STATES.split("|"):
        code, english, names = entry.split(" ")
        state = english.replace("_", " ")
        _states[code.lower()], _chinese[state] = state, names.split(",")[0] + "州"
        _regions.setdefault(fold(state), state)
        _regions.update((name + "州", state) for name in names.split(","))


def region_name(text: str, country: str | None = None) -> str | None:
    """The name under which a region is kept: 浙江 for 浙江省 and Zhejiang, California for 加州; None when unknown.

    `CA` is California only beside the United States.
    """
    if not _regions:
        _load()
    key = fold(text)
    if len(key) == 2 and key.isascii() and country and country_code(country) == "US":
        return _states.get(key)
    return _regions.get(key)


def region_shown(name: str, language: str) -> str:
    """How a kept region is called in the user's language; any other text as it is."""
    if not _regions:
        _load()
    return _chinese.get(name, name) if language == "zh" else _latin.get(name, name)


def in_country(regions: Sequence[str | None], countries: Sequence[str | None]) -> tuple[Sequence[str | None], int]:
    """Regions beside their countries, and how many were codes of two letters: states where the country has such."""
    found = list(regions)
    states = 0
    for place, region in enumerate(regions):
        if region and len(region) == 2 and region.isascii():
            state = region_name(region, countries[place])
            found[place] = state or region
            states += state is not None
    return found, states


def city_name(text: str) -> str | None:
    """杭州 for 杭州市; None for what is no city of China, or is written as it is kept."""
    if not text.endswith("市"):
        return None
    if not _regions:
        _load()
    bare = text[:-1]
    return bare if bare in _cities or bare in _latin else None


_MOST = 7  # signs of the longest name of a place


def place_names() -> list[str]:
    """Regions and cities of China, as a company's name may begin with one."""
    if not _regions:
        _load()
    return [*_latin, *(city for city in _cities if city not in _PLAIN_WORDS)]


def place_before(name: str) -> tuple[str, str]:
    """The place that the name of a Chinese company begins with, and the rest: 上海市华联 -> ("上海", "华联")."""
    if not _regions:
        _load()
    for length in range(min(_MOST, len(name)), 1, -1):
        head = name[:length]
        if head in _latin or (head in _cities and head not in _PLAIN_WORDS):
            rest = name[length:]
            for suffix in _SUFFIXES:
                if rest.startswith(suffix):
                    return head, rest[len(suffix) :]
            return head, rest
    return "", name


def spelled(field: str, text: str, country: str | None = None) -> str:
    """A country, region or city in the one spelling in which it is kept; what is not known only loses double spaces."""
    plain = squeeze(text)
    if field == "country":
        return country_name(plain) or plain
    if field == "region":
        return region_name(plain, country) or plain
    return city_name(plain) or plain
