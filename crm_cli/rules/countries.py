"""Countries: their codes, and the one spelling in which each is kept, whatever language it was typed in."""

from crm_cli.rules.text import fold

# ISO 3166 codes of two and three letters, the name that is kept, the Chinese name, and what else it is called; with ~
# what only lies in it and is kept as typed.
_TABLE = """\
AD AND Andorra|安道尔
AE ARE United Arab Emirates|阿联酋|uae,emirates,阿拉伯联合酋长国,~dubai,~abu dhabi,~迪拜
AF AFG Afghanistan|阿富汗
AG ATG Antigua and Barbuda|安提瓜和巴布达
AI AIA Anguilla|安圭拉
AL ALB Albania|阿尔巴尼亚
AM ARM Armenia|亚美尼亚
AO AGO Angola|安哥拉
AQ ATA Antarctica|南极洲
AR ARG Argentina|阿根廷
AS ASM American Samoa|美属萨摩亚
AT AUT Austria|奥地利|osterreich,oesterreich
AU AUS Australia|澳大利亚|澳洲,commonwealth of australia
AW ABW Aruba|阿鲁巴
AX ALA Aland Islands|奥兰群岛|aland
AZ AZE Azerbaijan|阿塞拜疆
BA BIH Bosnia and Herzegovina|波黑|bosnia,bosna i hercegovina,波斯尼亚和黑塞哥维那,波斯尼亚
BB BRB Barbados|巴巴多斯
BD BGD Bangladesh|孟加拉国|孟加拉
BE BEL Belgium|比利时|belgique,belgie,belgien
BF BFA Burkina Faso|布基纳法索
BG BGR Bulgaria|保加利亚|bulgarien
BH BHR Bahrain|巴林
BI BDI Burundi|布隆迪
BJ BEN Benin|贝宁
BL BLM Saint Barthelemy|圣巴泰勒米
BM BMU Bermuda|百慕大
BN BRN Brunei|文莱|brunei darussalam
BO BOL Bolivia|玻利维亚|plurinational state of bolivia
BQ BES Caribbean Netherlands|荷属加勒比区|~bonaire
BR BRA Brazil|巴西|brasil,brasilien
BS BHS Bahamas|巴哈马|the bahamas
BT BTN Bhutan|不丹
BV BVT Bouvet Island|布韦岛
BW BWA Botswana|博茨瓦纳
BY BLR Belarus|白俄罗斯
BZ BLZ Belize|伯利兹
CA CAN Canada|加拿大|kanada
CC CCK Cocos Islands|科科斯群岛|cocos (keeling) islands
CD COD DR Congo|刚果（金）|democratic republic of the congo,congo (drc),刚果民主共和国,刚果金
CF CAF Central African Republic|中非|中非共和国
CG COG Congo|刚果（布）|republic of the congo,congo-brazzaville,刚果共和国,刚果布
CH CHE Switzerland|瑞士|schweiz,suisse,svizzera,swiss confederation
CI CIV Ivory Coast|科特迪瓦|cote d'ivoire,象牙海岸
CK COK Cook Islands|库克群岛
CL CHL Chile|智利
CM CMR Cameroon|喀麦隆
CN CHN China|中国|prc,p.r.c.,pr china,p.r. china,p.r.china,people's republic of china,mainland china,
 china mainland,cn china,中国大陆,中华人民共和国,中國,大陆,volksrepublik china,chine
CO COL Colombia|哥伦比亚
CR CRI Costa Rica|哥斯达黎加
CU CUB Cuba|古巴
CV CPV Cape Verde|佛得角|cabo verde
CW CUW Curacao|库拉索
CX CXR Christmas Island|圣诞岛
CY CYP Cyprus|塞浦路斯|zypern
CZ CZE Czechia|捷克|czech republic,ceska republika,cesko,tschechien,捷克共和国
DE DEU Germany|德国|deutschland,federal republic of germany,brd,bundesrepublik deutschland,allemagne,alemania,
 德意志联邦共和国,ger
DJ DJI Djibouti|吉布提
DK DNK Denmark|丹麦|danmark,danemark
DM DMA Dominica|多米尼克
DO DOM Dominican Republic|多米尼加|多米尼加共和国
DZ DZA Algeria|阿尔及利亚
EC ECU Ecuador|厄瓜多尔
EE EST Estonia|爱沙尼亚|eesti
EG EGY Egypt|埃及
EH ESH Western Sahara|西撒哈拉
ER ERI Eritrea|厄立特里亚
ES ESP Spain|西班牙|espana,spanien,espagne
ET ETH Ethiopia|埃塞俄比亚
FI FIN Finland|芬兰|suomi,finnland
FJ FJI Fiji|斐济
FK FLK Falkland Islands|福克兰群岛
FM FSM Micronesia|密克罗尼西亚
FO FRO Faroe Islands|法罗群岛
FR FRA France|法国|frankreich,francia,french republic
GA GAB Gabon|加蓬
GB GBR United Kingdom|英国|uk,u.k.,great britain,britain,gb,~england,~scotland,~wales,~northern ireland,
 united kingdom of great britain and northern ireland,grossbritannien,vereinigtes konigreich,~英格兰,~苏格兰
GD GRD Grenada|格林纳达
GE GEO Georgia|格鲁吉亚
GF GUF French Guiana|法属圭亚那
GG GGY Guernsey|根西岛
GH GHA Ghana|加纳
GI GIB Gibraltar|直布罗陀
GL GRL Greenland|格陵兰
GM GMB Gambia|冈比亚|the gambia
GN GIN Guinea|几内亚
GP GLP Guadeloupe|瓜德罗普
GQ GNQ Equatorial Guinea|赤道几内亚
GR GRC Greece|希腊|griechenland,hellas
GS SGS South Georgia|南乔治亚
GT GTM Guatemala|危地马拉
GU GUM Guam|关岛
GW GNB Guinea-Bissau|几内亚比绍
GY GUY Guyana|圭亚那
HK HKG Hong Kong|香港|hongkong,hong kong sar,hong kong s.a.r.,hong kong sar china,hong kong china,中国香港,
 香港特别行政区
HM HMD Heard and McDonald Islands|赫德岛和麦克唐纳群岛
HN HND Honduras|洪都拉斯
HR HRV Croatia|克罗地亚|hrvatska,kroatien
HT HTI Haiti|海地
HU HUN Hungary|匈牙利|magyarorszag,ungarn
ID IDN Indonesia|印度尼西亚|印尼
IE IRL Ireland|爱尔兰|republic of ireland,eire,irland
IL ISR Israel|以色列
IM IMN Isle of Man|马恩岛
IN IND India|印度|bharat,republic of india,indien
IO IOT British Indian Ocean Territory|英属印度洋领地
IQ IRQ Iraq|伊拉克
IR IRN Iran|伊朗|islamic republic of iran
IS ISL Iceland|冰岛|island
IT ITA Italy|意大利|italia,italien,italie
JE JEY Jersey|泽西岛
JM JAM Jamaica|牙买加
JO JOR Jordan|约旦
JP JPN Japan|日本|nippon,日本国
KE KEN Kenya|肯尼亚
KG KGZ Kyrgyzstan|吉尔吉斯斯坦
KH KHM Cambodia|柬埔寨
KI KIR Kiribati|基里巴斯
KM COM Comoros|科摩罗
KN KNA Saint Kitts and Nevis|圣基茨和尼维斯
KP PRK North Korea|朝鲜|dprk,democratic people's republic of korea
KR KOR South Korea|韩国|korea,republic of korea,korea (south),korea south,rok,大韩民国,南韩,한국,대한민국
KW KWT Kuwait|科威特
KY CYM Cayman Islands|开曼群岛
KZ KAZ Kazakhstan|哈萨克斯坦
LA LAO Laos|老挝|lao pdr
LB LBN Lebanon|黎巴嫩
LC LCA Saint Lucia|圣卢西亚
LI LIE Liechtenstein|列支敦士登
LK LKA Sri Lanka|斯里兰卡
LR LBR Liberia|利比里亚
LS LSO Lesotho|莱索托
LT LTU Lithuania|立陶宛|lietuva,litauen
LU LUX Luxembourg|卢森堡|luxemburg
LV LVA Latvia|拉脱维亚|latvija,lettland
LY LBY Libya|利比亚
MA MAR Morocco|摩洛哥|maroc
MC MCO Monaco|摩纳哥
MD MDA Moldova|摩尔多瓦
ME MNE Montenegro|黑山
MF MAF Saint Martin|法属圣马丁
MG MDG Madagascar|马达加斯加
MH MHL Marshall Islands|马绍尔群岛
MK MKD North Macedonia|北马其顿|macedonia,马其顿
ML MLI Mali|马里
MM MMR Myanmar|缅甸|burma
MN MNG Mongolia|蒙古|蒙古国
MO MAC Macau|澳门|macao,macao sar,macau sar,中国澳门,澳门特别行政区
MP MNP Northern Mariana Islands|北马里亚纳群岛
MQ MTQ Martinique|马提尼克
MR MRT Mauritania|毛里塔尼亚
MS MSR Montserrat|蒙特塞拉特
MT MLT Malta|马耳他
MU MUS Mauritius|毛里求斯
MV MDV Maldives|马尔代夫
MW MWI Malawi|马拉维
MX MEX Mexico|墨西哥|estados unidos mexicanos
MY MYS Malaysia|马来西亚
MZ MOZ Mozambique|莫桑比克
NA NAM Namibia|纳米比亚
NC NCL New Caledonia|新喀里多尼亚
NE NER Niger|尼日尔
NF NFK Norfolk Island|诺福克岛
NG NGA Nigeria|尼日利亚
NI NIC Nicaragua|尼加拉瓜
NL NLD Netherlands|荷兰|the netherlands,holland,nederland,niederlande,pays-bas
NO NOR Norway|挪威|norge,norwegen
NP NPL Nepal|尼泊尔
NR NRU Nauru|瑙鲁
NU NIU Niue|纽埃
NZ NZL New Zealand|新西兰|aotearoa
OM OMN Oman|阿曼
PA PAN Panama|巴拿马
PE PER Peru|秘鲁
PF PYF French Polynesia|法属波利尼西亚
PG PNG Papua New Guinea|巴布亚新几内亚
PH PHL Philippines|菲律宾|the philippines
PK PAK Pakistan|巴基斯坦
PL POL Poland|波兰|polska,polen
PM SPM Saint Pierre and Miquelon|圣皮埃尔和密克隆
PN PCN Pitcairn Islands|皮特凯恩群岛|pitcairn
PR PRI Puerto Rico|波多黎各
PS PSE Palestine|巴勒斯坦
PT PRT Portugal|葡萄牙
PW PLW Palau|帕劳
PY PRY Paraguay|巴拉圭
QA QAT Qatar|卡塔尔
RE REU Reunion|留尼汪
RO ROU Romania|罗马尼亚|rumanien
RS SRB Serbia|塞尔维亚|srbija
RU RUS Russia|俄罗斯|russian federation,俄国,俄罗斯联邦,russland,россия
RW RWA Rwanda|卢旺达
SA SAU Saudi Arabia|沙特阿拉伯|ksa,kingdom of saudi arabia,沙特
SB SLB Solomon Islands|所罗门群岛
SC SYC Seychelles|塞舌尔
SD SDN Sudan|苏丹
SE SWE Sweden|瑞典|sverige,schweden
SG SGP Singapore|新加坡|republic of singapore,singapur,狮城
SH SHN Saint Helena|圣赫勒拿
SI SVN Slovenia|斯洛文尼亚|slovenija,slowenien
SJ SJM Svalbard and Jan Mayen|斯瓦尔巴和扬马延
SK SVK Slovakia|斯洛伐克|slovak republic,slovensko,slowakei
SL SLE Sierra Leone|塞拉利昂
SM SMR San Marino|圣马力诺
SN SEN Senegal|塞内加尔
SO SOM Somalia|索马里
SR SUR Suriname|苏里南
SS SSD South Sudan|南苏丹
ST STP Sao Tome and Principe|圣多美和普林西比
SV SLV El Salvador|萨尔瓦多
SX SXM Sint Maarten|荷属圣马丁
SY SYR Syria|叙利亚|syrian arab republic
SZ SWZ Eswatini|斯威士兰|swaziland
TC TCA Turks and Caicos Islands|特克斯和凯科斯群岛
TD TCD Chad|乍得
TF ATF French Southern Territories|法属南部领地
TG TGO Togo|多哥
TH THA Thailand|泰国
TJ TJK Tajikistan|塔吉克斯坦
TK TKL Tokelau|托克劳
TL TLS Timor-Leste|东帝汶|east timor
TM TKM Turkmenistan|土库曼斯坦
TN TUN Tunisia|突尼斯
TO TON Tonga|汤加
TR TUR Turkey|土耳其|turkiye,republic of turkey,turkei
TT TTO Trinidad and Tobago|特立尼达和多巴哥
TV TUV Tuvalu|图瓦卢
TW TWN Taiwan|台湾|中国台湾,臺灣,台灣,taiwan roc,taiwan china,台湾省
TZ TZA Tanzania|坦桑尼亚|united republic of tanzania
UA UKR Ukraine|乌克兰
UG UGA Uganda|乌干达
UM UMI U.S. Outlying Islands|美国本土外小岛屿
US USA United States|美国|united states of america,u.s.,u.s.a.,the united states,america,estados unidos,
 vereinigte staaten,etats-unis,美利坚合众国,usa united states
UY URY Uruguay|乌拉圭
UZ UZB Uzbekistan|乌兹别克斯坦
VA VAT Vatican City|梵蒂冈|vatican,holy see
VC VCT Saint Vincent and the Grenadines|圣文森特和格林纳丁斯
VE VEN Venezuela|委内瑞拉|bolivarian republic of venezuela
VG VGB British Virgin Islands|英属维尔京群岛|bvi
VI VIR U.S. Virgin Islands|美属维尔京群岛
VN VNM Vietnam|越南|viet nam,socialist republic of vietnam
VU VUT Vanuatu|瓦努阿图
WF WLF Wallis and Futuna|瓦利斯和富图纳
WS WSM Samoa|萨摩亚
XK XKX Kosovo|科索沃
YE YEM Yemen|也门
YT MYT Mayotte|马约特
ZA ZAF South Africa|南非|republic of south africa
ZM ZMB Zambia|赞比亚
ZW ZWE Zimbabwe|津巴布韦
"""
_codes: dict[str, str] = {}
_parts: set[str] = set()
_english: dict[str, str] = {}
_chinese: dict[str, str] = {}


def _load() -> None:
    for line in _TABLE.replace("\n ", "").splitlines():
        code, long_code, rest = line.split(" ", 2)
        english, chinese, *others = rest.split("|")
        _english[code], _chinese[english] = english, chinese
        for name in (code, long_code, english, chinese, *(others[0].split(",") if others else ())):
            key = fold(name.removeprefix("~"))
            _codes[key] = code
            if name[0] == "~":
                _parts.add(key)


def country_code(text: str) -> str | None:
    """The ISO 3166 alpha-2 code of a country written in English, in Chinese or as its code; None when unknown."""
    if not _codes:
        _load()
    return _codes.get(fold(text))


def country_name(text: str) -> str | None:
    """The name under which a country is kept: Germany for DE, Deutschland and 德国; None when unknown.

    England is kept as typed: it says more than United Kingdom.
    """
    code = country_code(text)
    return _english[code] if code and fold(text) not in _parts else None


def country_shown(name: str, language: str) -> str:
    """How a kept country is called in the user's language; any other text as it is."""
    if language != "zh":
        return name
    if not _chinese:
        _load()
    return _chinese.get(name, name)
