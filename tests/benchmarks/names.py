"""Word lists of the standard set: names of companies, people and places, and what is said in a call. All made up."""

INDUSTRIES = (
    "retail manufacturing software logistics healthcare education construction energy finance media food automotive"
    " agriculture hospitality telecom chemicals textiles consulting"
).split()
SOURCES = "referral website fair cold-call campaign partner inbound linkedin wechat newsletter".split()
ROLES = "decision-maker influencer user blocker champion evaluator buyer".split()
TITLES = "CEO,CTO,CFO,Head of Purchasing,IT Manager,Sales Director,Operations Manager,Buyer,Engineer,Assistant".split(
    ","
)
TITLES_ZH = "总经理,技术总监,财务总监,采购经理,信息部主管,销售总监,运营经理,采购专员,工程师,助理".split(",")
RISKS = "budget,competitor,no decision-maker,timing,legal review,merger ahead".split(",")
LOST_REASONS = "price,competitor,no budget,no decision,timing,missing feature,went silent".split(",")
OUTCOMES = "interested,no answer,call back,sent documents,not now,agreed,question open".split(",")
TAGS = (
    "key vip partner fair-2024 fair-2025 newsletter pilot reference renewal upsell cold warm hot dach emea apac enterprise"
    " smb public-sector late-payer reseller oem beta churn-risk board-contact 重点 老客户 经销商 展会 长期合作"
).split()
MEMBERS = "Ana Silva,Ben Carter,Chen Wei,Dora Klein,Erik Holm,Fang Li,Grace Osei,Hugo Brandt".split(",")

# ---------------------------------------------------------------- places: city, region, phone prefix, postal style

PLACES_DE = [
    ("Berlin", "DACH", "+49 30"), ("Hamburg", "DACH", "+49 40"), ("München", "DACH", "+49 89"),
    ("Köln", "DACH", "+49 221"), ("Frankfurt", "DACH", "+49 69"), ("Stuttgart", "DACH", "+49 711"),
    ("Düsseldorf", "DACH", "+49 211"), ("Leipzig", "DACH", "+49 341"), ("Nürnberg", "DACH", "+49 911"),
    ("Bremen", "DACH", "+49 421"), ("Dresden", "DACH", "+49 351"), ("Münster", "DACH", "+49 251"),
]  # fmt: skip
PLACES_US = [
    ("New York", "East", "+1 212"), ("Boston", "East", "+1 617"), ("Chicago", "Midwest", "+1 312"),
    ("San Francisco", "West", "+1 415"), ("Seattle", "West", "+1 206"), ("Austin", "South", "+1 512"),
    ("Denver", "West", "+1 303"), ("Atlanta", "South", "+1 404"), ("Portland", "West", "+1 503"),
    ("Miami", "South", "+1 305"), ("Detroit", "Midwest", "+1 313"), ("Dallas", "South", "+1 214"),
]  # fmt: skip
PLACES_GB = [
    ("London", "UK", "+44 20"), ("Leeds", "UK", "+44 113"), ("Bristol", "UK", "+44 117"),
    ("Edinburgh", "UK", "+44 131"), ("Manchester", "UK", "+44 161"), ("Cardiff", "UK", "+44 29"),
]  # fmt: skip
PLACES_CN = [
    ("上海", "华东", "+86 21"), ("北京", "华北", "+86 10"), ("深圳", "华南", "+86 755"), ("广州", "华南", "+86 20"),
    ("杭州", "华东", "+86 571"), ("南京", "华东", "+86 25"), ("成都", "西南", "+86 28"), ("武汉", "华中", "+86 27"),
    ("西安", "西北", "+86 29"), ("苏州", "华东", "+86 512"), ("青岛", "华东", "+86 532"), ("天津", "华北", "+86 22"),
    ("重庆", "西南", "+86 23"), ("长沙", "华中", "+86 731"), ("宁波", "华东", "+86 574"), ("厦门", "华东", "+86 592"),
]  # fmt: skip
STREETS_DE = "Hauptstraße,Bahnhofstraße,Gartenweg,Lindenallee,Schillerstraße,Marktplatz,Am Hafen,Industriestraße".split(
    ","
)
STREETS_EN = "Main Street,Market Street,Oak Avenue,Harbour Road,Mill Lane,Park Avenue,Station Road,Broadway".split(",")
STREETS_ZH = "中山路,人民路,建设大道,解放路,科技园路,高新大道,滨江路,文化路".split(",")

# ---------------------------------------------------------------- companies

FIRST_EN = (
    "Amber Anchor Apex Arbor Ash Atlas Aurora Beacon Birch Blue Bramble Bridge Bright Brook Canyon Cedar Cinder Clear"
    " Cobalt Copper Coral Crest Crown Delta Drift Eagle Echo Elm Ember Evergreen Falcon Fern Flint Forge Fox Frontier"
    " Garnet Glacier Golden Granite Green Grove Harbor Hawk Hazel Heron High Horizon Iron Island Ivory Jade Juniper Keystone"
    " Lake Lantern Laurel Liberty Lime Lunar Maple Marble Meadow Meridian Mill Mint Moss North Oak Ocean Olive Onyx Orchard"
    " Otter Pearl Pebble Pine Pioneer Polar Prairie Quartz Quill Raven Red Ridge River Rowan Sable Saffron Sage Sapphire"
    " Silver Sky Slate Solar Spruce Sterling Stone Summit Swift Tamarack Thistle Timber Topaz Trail True Tundra Vale"
    " Velvet Vertex Violet Vista Walnut West White Willow Winter Wren Zenith"
).split()
SECOND_EN = (
    "bay beck berg bridge brook castle cliff crest dale edge field ford gate glen grove harbour haven hill hollow house"
    " lake land light line mark mead mill moor park peak point port ridge rock shore side spring stead stone tower vale"
    " view ville water way well wick wind wood works yard"
).split()
THIRD_EN = (
    "Systems,Logistics,Foods,Software,Partners,Industries,Media,Health,Energy,Textiles,Robotics,Labs,Retail,Motors,"
    "Consulting,Packaging,Optics,Instruments,Travel,Catering,Printing,Furniture,Chemicals,Security"
).split(",")
FORM_EN = "Ltd,Inc,LLC,Group,& Co,plc,Corporation,Holdings".split(",")

SURNAMES_DE = (
    "Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch Bauer Richter Klein Wolf"
    " Schröder Neumann Schwarz Zimmermann Braun Krüger Hofmann Hartmann Lange Schmitt Werner Krause Meier Lehmann Köhler"
    " Herrmann König Walter Mayer Huber Kaiser Fuchs Peters Lang Scholz Möller Weiß Jung Hahn Schubert Vogel Friedrich"
    " Keller Günther Frank Berger Winkler Roth Beck Lorenz Baumann Franke Albrecht Schuster Simon Ludwig Böhm Winter"
    " Kraus Martin Schumacher Krämer Vogt Stein Jäger Otto Sommer Groß Seidel Heinrich Brandt Haas Schreiber Graf"
    " Dietrich Ziegler Kuhn Kühn Pohl Engel Horn Busch Bergmann Thomas Voigt Sauer Arnold Wolff Pfeiffer"
).split()
TRADES_DE = (
    "Maschinenbau,Logistik,Bau,Elektrotechnik,Möbel,Druck,Medizintechnik,Spedition,Feinmechanik,Bäckerei,Software,"
    "Beratung,Stahlhandel,Textil,Lebensmittel,Energietechnik,Gartenbau,Verpackung,Werkzeuge,Kältetechnik,Optik,"
    "Fahrzeugbau,Brauerei,Holzbau"
).split(",")
FORM_DE = "GmbH,AG,GmbH & Co. KG,KG,e.K.,SE,OHG".split(",")

SYLLABLES_ZH = [
    pair.split(":")
    for pair in (
        "华:hua 宏:hong 盛:sheng 瑞:rui 德:de 信:xin 通:tong 达:da 恒:heng 远:yuan 创:chuang 新:xin 天:tian 宇:yu 海:hai"
        " 诚:cheng 金:jin 泰:tai 安:an 和:he 顺:shun 利:li 兴:xing 隆:long 博:bo 科:ke 智:zhi 云:yun 星:xing 光:guang"
        " 明:ming 东:dong 方:fang 中:zhong 正:zheng 大:da 鼎:ding 丰:feng 嘉:jia 美:mei 佳:jia 联:lian 合:he 众:zhong"
        " 卓:zhuo 越:yue 锦:jin 程:cheng 凯:kai 润:run 康:kang 建:jian 力:li 源:yuan 长:chang 青:qing 百:bai 川:chuan"
    ).split()
]
TRADES_ZH = (
    "科技 贸易 机械 物流 食品 电子 医疗器械 软件 建材 服饰 能源 传媒 教育 包装 化工 家具 汽车配件 环保 农业 咨询"
).split()
FORM_ZH = "有限公司 股份有限公司 集团 有限责任公司".split()

# ---------------------------------------------------------------- people

GIVEN_EN = (
    "James Mary Robert Patricia John Jennifer Michael Linda David Elizabeth William Barbara Richard Susan Joseph Jessica"
    " Thomas Sarah Charles Karen Daniel Nancy Matthew Lisa Anthony Betty Mark Margaret Paul Sandra Steven Ashley Andrew"
    " Emily Joshua Donna Kenneth Michelle Kevin Carol Brian Amanda George Melissa Edward Deborah Ronald Stephanie"
).split()
SURNAMES_EN = (
    "Smith Johnson Williams Brown Jones Garcia Miller Davis Wilson Anderson Taylor Thomas Moore Jackson Martin Lee"
    " Thompson White Harris Clark Lewis Robinson Walker Young Allen King Wright Scott Hill Green Adams Nelson Baker Hall"
    " Campbell Mitchell Carter Roberts O'Brien Turner Phillips Evans Parker Edwards Collins Stewart Morris Murphy Cook"
    " Rogers Morgan Cooper Peterson Bailey Reed Kelly Howard Ward Cox Richardson Wood Watson Brooks Bennett Gray Hughes"
).split()
GIVEN_DE = (
    "Anna Lukas Lena Jürgen Käthe Hans Sabine Uwe Petra Jörg Monika Stefan Ursula Michael Renate Thomas Birgit Andreas"
    " Karin Wolfgang Heike Klaus Ingrid Bernd Silke Günter Martina Björn Anke Rüdiger Claudia Dieter Sören Ulrike"
).split()
SURNAMES_ZH = [
    pair.split(":")
    for pair in (
        "王:wang 李:li 张:zhang 刘:liu 陈:chen 杨:yang 黄:huang 赵:zhao 吴:wu 周:zhou 徐:xu 孙:sun 马:ma 朱:zhu 胡:hu 郭:guo"
        " 何:he 林:lin 罗:luo 高:gao 郑:zheng 梁:liang 谢:xie 宋:song 唐:tang 许:xu 邓:deng 冯:feng 韩:han 曹:cao 曾:zeng"
        " 彭:peng 欧阳:ouyang 萧:xiao 蔡:cai 潘:pan 田:tian 董:dong 袁:yuan 于:yu"
    ).split()
]
GIVEN_ZH = [
    pair.split(":")
    for pair in (
        "伟:wei 芳:fang 娜:na 敏:min 静:jing 丽:li 强:qiang 磊:lei 军:jun 洋:yang 勇:yong 艳:yan 杰:jie 娟:juan 涛:tao"
        " 明:ming 超:chao 霞:xia 平:ping 刚:gang 桂英:guiying 秀兰:xiulan 建国:jianguo 志强:zhiqiang 晓明:xiaoming"
        " 雨欣:yuxin 子涵:zihan 浩然:haoran 思远:siyuan 欣怡:xinyi 梓萱:zixuan 宇轩:yuxuan 嘉怡:jiayi 文博:wenbo"
    ).split()
]

# ---------------------------------------------------------------- deals, tasks, talk

PRODUCTS = (
    "rollout,renewal,pilot,licences,support plan,migration,training,extension,upgrade,spare parts,framework contract,"
    "consulting days,starter package,retrofit,annual order,integration,maintenance,audit,expansion,replacement"
).split(",")
PRODUCTS_ZH = "系统上线,续约,试点项目,年度采购,培训服务,设备升级,维保合同,二期扩容,样品订单,框架协议".split(",")
SUBJECTS = (
    "CRM,warehouse,packaging line,web shop,scanners,office chairs,laptops,network,lighting,sensors,ERP,fleet,displays,"
    "kitchen,lab,cold storage,printers,phones,backup,security"
).split(",")
TASKS = (
    "call back,send the quote,send the contract,ask for the decision,book the demo,send samples,check the delivery date,"
    "ask about the budget,introduce the new contact,prepare the meeting,send the invoice,follow up on the offer"
).split(",")
TASKS_ZH = "回电话,发报价单,寄样品,确认合同,安排演示,跟进付款,拜访客户,确认交期,更新方案,约技术交流".split(",")

SENTENCES = (
    "Spoke with {who} about {what}.|{who} wants a quote for {number} seats by {month}.|Budget for {what} is approved in {month}."
    "|No answer, left a message for {who}.|Sent the offer for {what}, {number} pieces.|They compare us with two others for {what}."
    "|{who} asked for a demo of {what} in {month}.|Delivery of {what} slipped to {month}.|Price is fine, legal has questions."
    "|Discount of {share} percent requested for {what}.|{who} is on holiday until {month}.|Meeting moved to {month}, {who} joins."
    "|Happy with {what}, may extend by {number} users.|Complaint about {what}, promised an answer this week."
    "|Contract for {what} is with {who} for signature.|The decision falls in {month}; {who} supports us."
)
SENTENCES_DE = (
    "Mit {who} über {what} gesprochen.|{who} möchte ein Angebot über {number} Stück.|Das Budget kommt erst im {month}."
    "|Niemanden erreicht, Rückruf erbeten.|Liefertermin für {what} verschiebt sich.|Unterlagen zu {what} an {who} geschickt."
)
SENTENCES_ZH = (
    "和{who}通了电话，讨论{what}的方案。|{who}希望{month}前拿到{number}套的报价。|客户对{what}很感兴趣，约了下次演示。"
    "|预算还没有批，{month}再跟进。|已发送{what}的合同，等{who}签字。|客户觉得价格偏高，要求优惠{share}%。"
    "|没有人接电话，已发微信留言。|{who}介绍了采购部的同事。|交货期推迟到{month}，客户表示理解。|对方正在比较两家供应商的{what}。"
    "|上门拜访，参观了工厂，{who}陪同。|老客户，准备追加{number}台{what}。"
)
SUBJECTS_ZH = "管理系统,仓库设备,包装线,网上商城,扫描枪,办公家具,笔记本电脑,传感器,照明,冷链,打印机,安防".split(",")
MONTHS = "January February March April May June July August September October November December".split()
MONTHS_ZH = "一月 二月 三月 四月 五月 六月 七月 八月 九月 十月 十一月 十二月".split()

# One interaction in a thousand carries one of these, so that a search has words with a known, moderate number of hits.
RARE_WORDS = ("nordlicht", "zephyr", "quincunx")
RARE_WORDS_ZH = ("潮汐发电", "青花瓷", "石墨烯")
