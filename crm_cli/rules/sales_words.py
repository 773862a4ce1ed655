"""What the columns of orders and of products are called in other systems, in English and Chinese."""

from crm_cli.rules.header_words import CUSTOMER, CUSTOMER_KEY, DEAL, EXTERNAL, OWNER, SHARED

# Field -> headers of a file of orders, best first.
ORDERS = SHARED | {
    "number": "number ordernumber orderno orderid invoiceno invoicenumber invoiceid invoice salesordernumber sonumber"
    " salesorderno transactionid receiptno receiptnumber order 订单号 订单编号 订单 单号 单据编号 发票号 发票号码",
    "customer": f"{CUSTOMER} buyer buyername billingname customerfullname billto fullname 客户姓名 买家 买家名称"
    " 购买方 会员",
    "customer_key": f"{CUSTOMER_KEY} customercode customernumber customerno clientid userid memberid buyerid"
    " customeruserid 会员编号 会员id 客户代码 买家id",
    "email": "email customeremail billingemail emailbilling buyeremail contactemail useremail 邮箱 电子邮箱 客户邮箱",
    "first_name": "firstname billingfirstname firstnamebilling 名",
    "last_name": "lastname billinglastname lastnamebilling 姓",
    "ordered_on": "orderedon ordered orderdate date dateordered invoicedate purchasedate transactiondate saledate"
    " orderplaced dateplaced createdat createdtime datecreated paidat 下单日期 下单时间 订单日期 订单时间 日期"
    " 购买日期 购买时间 交易日期 成交日期 成交时间 付款时间 开票日期",
    "amount": "amount total ordertotal orderamount ordertotalamount grandtotal totalamount revenue sales netamount"
    " monetaryvalue spent spend value 金额 订单金额 订单总额 总金额 总额 合计 合计金额 实付金额 应付金额 成交金额"
    " 销售额",
    "line_amount": "lineamount linetotal lineitemtotal itemtotal itemamount itemsubtotal lineprice 小计 明细金额"
    " 行金额",
    "product": "product productname item itemname lineitemname productdetails articlename description 产品 产品名称"
    " 商品 商品名称 商品标题 品名",
    "code": "code productcode sku lineitemsku itemsku stockcode productid itemcode itemno articleno article 产品编码"
    " 产品编号 产品代码 商品编码 商品编号 货号",
    "quantity": "quantity qty lineitemquantity itemquantity orderquantity units pieces 数量 件数 购买数量 商品数量",
    "price": "price unitprice lineitemprice itemprice itemcost listprice rate 单价 价格 售价 商品单价",
    "discount": "discount discountpercent discountpercentage discountrate 折扣 折扣率",
    "currency": "currency currencycode ordercurrency currencyisocode 币种 货币",
    "cost": "cost ordercost totalcost linecost 成本 总成本",
    "unit_cost": "unitcost costprice costperitem 单位成本 成本价 进价",
    "owner": f"{OWNER} salesorderowner employee",
    "deal": DEAL,
    "deal_key": "dealid opportunityid 商机编号",
    "note": "note notes comment comments remark remarks memo ordernote customernote 备注 订单备注 说明",
    "lines": "lines 明细",
    "external_id": EXTERNAL,
}
# Field -> headers of a file of products, best first.
PRODUCTS = SHARED | {
    "code": "code productcode sku itemcode stockcode itemno articleno productnumber productno productid"
    " 产品编码 产品编号 产品代码 商品编码 商品编号 货号 编码",
    "name": "name productname product itemname item title productdetails articlename 产品名称 产品 商品名称 商品"
    " 商品标题 品名 名称",
    "kind": "kind producttype itemtype type 产品类型 商品类型 类型",
    "category": "category productcategory categoryname productfamily family productline series productgroup group"
    " itemgroup 类目 产品类别 产品分类 商品分类 类别 分类 系列",
    "unit": "unit usageunit unitofmeasure uom quantityunit quantityperunit sellingunit 单位 计量单位 产品单位 销售单位",
    "price": "price unitprice listprice salesprice saleprice sellingprice standardprice retailprice rate"
    " 单价 价格 售价 销售价格 标准价格 产品单价 销售单价 定价",
    "prices": "prices",
    "currency": "currency currencycode pricecurrency currencyisocode 币种 货币",
    "cost": "cost unitcost costprice standardcost purchaseprice purchasecost costpergood 成本 成本价 进价"
    " 单位成本 采购价",
    "cost_currency": "costcurrency",
    "active": "active isactive productactive status available 在售 是否上架 是否在售 上架状态 上下架 状态",
    "discontinued": "discontinued isdiscontinued archived 停售 已停售 是否停售",
    "audience": "audience for targetaudience segment targetmarket 适用对象 适用客户",
    "note": "note notes description productdescription details comments remark 备注 产品描述 产品介绍 描述 说明",
    "external_id": f"{EXTERNAL} recordid",
}
