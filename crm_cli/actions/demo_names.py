"""Whom the made-up company knows: sixty customers, their people, and numbers that belong to nobody."""

from typing import NamedTuple


class Firm(NamedTuple):
    """One customer. `key` is its domain, `person` who is met first, `number` a pattern of its phone."""

    key: str
    name: str
    person: str
    city: str
    industry: str
    size: int
    number: str
    country: str
    region: str
    language: str

    @property
    def is_person(self) -> bool:
        return self.size == 0

    @property
    def currency(self) -> str:
        return {"China": "CNY", "United States": "USD", "Canada": "USD"}.get(self.country, "EUR")


# country, region, language | key; name; first person; city; industry; size (0: a person); phone
_FIRMS = """
Germany|DACH|de
acme; Acme GmbH; Jane Doe; Berlin; machinery; 240; +49 30 23125 ###
nordlicht; Nordlicht Logistik GmbH; Katrin Vogel; Hamburg; logistics; 410; +49 40 66969 ###
rheinwerk; Rheinwerk Armaturen KG; Jürgen Pohl; Köln; machinery; 180; +49 221 4710 ###
isarhof; Isarhof Feinkost GmbH; Sabine Huber; München; food; 95; +49 89 99998 ###
mainblick; Mainblick Medizintechnik AG; Dr. Felix Arndt; Frankfurt; medical; 620; +49 69 90009 ###
spreeholz; Spreeholz Möbel GmbH; Lena Wolff; Berlin; furniture; 60; +49 30 23125 ###
hanseatik; Hanseatik Ersatzteile GmbH; Ole Petersen; Hamburg; automotive; 130; +49 40 66969 ###
domstadt; Domstadt Druck GmbH; Marion Krämer; Köln; printing; 45; +49 221 4710 ###
bergland; Bergland Outdoor GmbH; Tobias Lang; München; retail; 210; +49 89 99998 ###
taunus; Taunus Pharma Großhandel; Petra Simon; Frankfurt; medical; 350; +49 69 90009 ###
weinkontor; Weinkontor am Wannsee; Holger Brandt; Berlin; food; 18; +49 30 23125 ###
elbkraft; Elbkraft Solar eG; Nadine Jansen; Hamburg; energy; 75; +49 40 66969 ###
rosenthal; Miriam Rosenthal; ; Berlin; crafts; 0; +49 30 23125 ###
Austria|DACH|de
alpenglueh; Alpenglüh Skitechnik GmbH; Matthias Egger; Innsbruck; sports; 85; +43 1 9346 ###
donau; Donau Papier AG; Eva Steiner; Wien; printing; 300; +43 1 9346 ###
lehner; Franz Lehner; ; Graz; crafts; 0; +43 1 9346 ###
Switzerland|DACH|de
seeblick; Seeblick Uhren AG; Reto Ammann; Zürich; watches; 150; +41 44 555 0# ##
gotthard; Gotthard Transport SA; Chiara Bernasconi; Lugano; logistics; 220; +41 44 555 0# ##
France|France|fr
meridien; Méridien Logistique; Claire Fontaine; Lyon; logistics; 280; +33 1 99 00 ## ##
delacroix; Delacroix & Fils; Julien Delacroix; Bordeaux; food; 40; +33 1 99 00 ## ##
atelier; Atelier Lumière; Amélie Roche; Paris; furniture; 22; +33 1 99 00 ## ##
bretagne; Bretagne Conserves SAS; Yann Le Goff; Brest; food; 160; +33 1 99 00 ## ##
hirondelle; Hirondelle Aéro; Mathieu Garnier; Toulouse; aerospace; 510; +33 1 99 00 ## ##
pharmavie; PharmaVie Distribution; Sophie Lambert; Lille; medical; 330; +33 1 99 00 ## ##
Netherlands|Benelux|en
tulip; Tulip & Tide BV; Sanne de Vries; Rotterdam; logistics; 190; +31 20 555 0###
velo; Velo Vandaag; Daan Bakker; Utrecht; retail; 55; +31 20 555 0###
Sweden|Nordics|en
norrsken; Norrsken Timber AB; Ingrid Berg; Umeå; timber; 260; +46 8 465 004 ##
lindqvist; Anna Lindqvist; ; Malmö; retail; 0; +46 8 465 004 ##
Ireland|British Isles|en
kestrel; Kestrel Brewing; Aoife Byrne; Cork; food; 70; +353 20 912 0###
claddagh; Claddagh Seafood; Sean Murphy; Galway; food; 110; +353 20 912 0###
United Kingdom|British Isles|en
thistle; Thistle & Oak Ltd; Fiona Campbell; London; furniture; 90; +44 20 7946 0###
pennine; Pennine Tools plc; Harry Ashworth; London; machinery; 430; +44 20 7946 0###
United States|North America|en
bluebird; Bluebird Parcel Inc.; Maria Alvarez; Chicago; logistics; 540; +1 312 555 01##
harbor; Harbor Freightways; Tom Becker; Seattle; logistics; 720; +1 206 555 01##
prairie; Prairie Feed & Seed; Walter Olson; Chicago; agriculture; 150; +1 312 555 01##
lonestar; Lone Star Fasteners; Becky Tran; Austin; machinery; 120; +1 512 555 01##
beacon; Beacon Hill Books; Naomi Clarke; Boston; retail; 35; +1 617 555 01##
redwood; Redwood Roasters; Luis Ortega; Seattle; food; 48; +1 206 555 01##
hudson; Hudson Lab Supply; Priya Nair; New York; medical; 270; +1 212 555 01##
copper; Copper Canyon Optics; Dan Whitaker; Austin; optics; 65; +1 512 555 01##
morgan; Grace Morgan; ; Boston; retail; 0; +1 617 555 01##
Canada|North America|en
maple; Maple Leaf Hardware; Ethan Roy; Toronto; retail; 310; +1 416 555 01##
aurora; Aurora Cold Storage; Hannah Singh; Calgary; logistics; 230; +1 403 555 01##
China|华东|zh
xinghe; 上海星河软件有限公司; 王丽/wang.li; 上海; 软件; 260; +86 21 5555 ####
yunqi; 杭州云栖电商有限公司; 陈晨/chen.chen; 杭州; 电商; 480; +86 571 5555 ####
gusu; 苏州姑苏丝绸厂; 周敏/zhou.min; 苏州; 纺织; 320; +86 512 5555 ####
jinling; 南京金陵医药有限公司; 徐静/xu.jing; 南京; 医药; 650; +86 25 5555 ####
yongjiang; 宁波甬江国际货运; 何军/he.jun; 宁波; 物流; 210; +86 574 5555 ####
qiantang; 钱塘茶业; 沈悦/shen.yue; 杭州; 食品; 38; +86 571 5555 ####
China|华南|zh
lanhai; 深圳蓝海物流有限公司; 林涛/lin.tao; 深圳; 物流; 560; +86 755 5555 ####
lingnan; 广州岭南家具厂; 黄婷/huang.ting; 广州; 家具; 170; +86 20 5555 ####
nanfeng; 厦门南风冷链; 吴强/wu.qiang; 厦门; 冷链; 140; +86 592 5555 ####
China|华北|zh
yuanshan; 北京远山科技有限公司; 赵磊/zhao.lei; 北京; 软件; 390; +86 10 5555 ####
haihe; 天津海河机械厂; 孙伟/sun.wei; 天津; 机械; 730; +86 22 5555 ####
liuyang; 刘洋/liu.yang; ; 北京; 零售; 0; +86 10 5555 ####
Germany|DACH|de
falkensee; Falkensee Fahrräder GmbH; Uwe Lorenz; Berlin; retail; 28; +49 30 23125 ###
France|France|fr
savoie; Savoie Fromages; Camille Perrin; Annecy; food; 52; +33 1 99 00 ## ##
United States|North America|en
silverlake; Silver Lake Surgical; Monica Reyes; Chicago; medical; 88; +1 312 555 01##
China|华东|zh
donghai; 上海东海光学仪器厂; 郑洁/zheng.jie; 上海; 光学; 120; +86 21 5555 ####
China|华南|zh
pengcheng; 深圳鹏程电子有限公司; 罗峰/luo.feng; 深圳; 电子; 840; +86 755 5555 ####
"""

# Further people, by the language of the customer.
PEOPLE = {
    "de": (
        "Anke Richter, Stefan Kuhn, Julia Sommer, Markus Thiel, Birgit Otto, Dennis Franke, Heike Maurer, Jan Schulte, "
        "Carola Busch, Philipp Noack, Simone Keller, Ralf Winter, Verena Graf, Moritz Haas"
    ),
    "fr": "Hélène Marchand, Nicolas Faure, Inès Caron, Pierre Morel, Lucie Blanc, Antoine Girard",
    "en": (
        "Olivia Grant, Marcus Hill, Erin Walsh, James Okafor, Ruth Fisher, Kevin Doyle, Tess van Dijk, Nils Ekman, "
        "Laura Bennett, Omar Haddad, Joan Pierce, Sam Keating, Rachel Stone, Victor Lund"
    ),
    "zh": (
        "李娜/li.na, 张伟/zhang.wei, 刘芳/liu.fang, 杨帆/yang.fan, 高鹏/gao.peng, 朱琳/zhu.lin, 马超/ma.chao, "
        "胡蓉/hu.rong, 郭涛/guo.tao, 唐欣/tang.xin"
    ),
}

# title and role: who is met first, then the others in turn
TITLES = {
    "en": (
        ("Head of logistics", "decision-maker"), ("Warehouse manager", "user"), ("IT manager", "evaluator"),
        ("Managing director", "decision-maker"), ("Buyer", "buyer"), ("Operations lead", "champion"),
        ("CFO", "decision-maker"), ("Shift supervisor", "user"), ("Controller", "blocker"), ("CTO", "influencer"),
    ),
    "zh": (
        ("物流总监", "decision-maker"), ("仓库主管", "user"), ("信息部经理", "evaluator"), ("总经理", "decision-maker"),
        ("采购经理", "buyer"), ("运营经理", "champion"), ("财务总监", "influencer"),
    ),
}  # fmt: skip

SOURCES = ("referral", "trade fair", "website", "partner", "cold call", "webinar")
SOURCES_ZH = ("转介绍", "展会", "官网", "合作伙伴")
COLLEAGUES = ("Ana Costa", "Li Wei", "Mia Brandt", "Sam Reed")


def firms() -> list[Firm]:
    """The sixty customers, in the order in which they were met."""
    found = []
    place: list[str] = []
    for line in _FIRMS.strip().splitlines():
        if "|" in line:
            place = line.split("|")
            continue
        key, name, person, city, industry, size, number = line.split("; ")
        found.append(Firm(key, name, person, city, industry, int(size), number, *place))
    return found
