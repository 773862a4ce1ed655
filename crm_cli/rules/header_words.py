"""What the columns that several kinds of record have are called elsewhere, and what stands beside customers."""

CUSTOMER = (
    "customer customername company companyname account accountname organization organizationname organisation"
    " organisationname associatedcompany associatedcompanyname companyaccount client clientname employer businessname"
    " relatedto relatedcompany 客户 客户名称 客户名 公司 公司名称 公司名 单位 单位名称 企业名称 企业 所属客户 所属公司"
)
CUSTOMER_KEY = (
    "customerid accountid accountnameid companyid organizationid organisationid associatedcompanyid"
    " associatedcompanyids associatedcompanyidsprimary 客户编号 客户id"
)
OWNER = (
    "owner ownername owneremail assignedto assignee responsible salesrep salesrepresentative salesperson salesagent"
    " seller rep accountmanager accountexecutive accountowner accountowneremail contactowner leadowner dealowner"
    " opportunityowner companyowner organizationowner taskowner callowner noteowner activityowner 负责人 归属人 所属人"
    " 跟进人 销售 销售人员 销售代表 业务员 客户经理 拥有者 所有者 客户负责人 商机负责人"
)
SOURCE = (
    "source leadsource originalsource origin customersource dealsource acquisitionchannel 来源 客户来源 线索来源"
    " 商机来源"
    " 渠道来源 获客渠道"
)
NOTE = (
    "note notes bemerkung bemerkungen notiz notizen"
    " description comment comments remark remarks memo background notecontent 备注 备注信息 描述"
    " 说明 客户描述"
)
TAGS = "tags tag labels label categories groups groupmembership 标签 客户标签 标记 分组"
CREATED = (
    "createdat created createdtime createddate createdate createdon datecreated creationdate dateadded addtime"
    " 创建时间 创建日期 录入时间 添加时间"
)
UPDATED = (
    "updatedat updated updatedtime updateddate modifiedtime modifieddate lastmodifieddate lastmodified modifiedon"
    " updatedon updatetime 更新时间 最后更新时间 修改时间"
)
EXTERNAL = "externalid id recordid externalkey sourceid pipedrivesystemid systemid 编号 外部编号"
CONTACTS = (
    "contacts contact contactname contactperson contactpersons primarycontact associatedcontacts associatedcontact"
    " participants 联系人 联系人姓名 联系人名称 客户联系人"
)
DEAL = "deal dealname dealtitle opportunity opportunityname 商机 商机名称"
PERSON = {
    "first_name": "firstname givenname forename vorname 名",
    "middle_name": "middlename additionalname",
    "last_name": "lastname familyname surname nachname 姓",
    "birthday": "birthday birthdate dateofbirth dob 生日 出生日期 出生年月",
    "prefers": "prefers preferredchannel preferredcontactmethod contactpreference 偏好渠道",
}
SHARED = {"external_source": "externalsource 外部来源", "created_at": CREATED, "updated_at": UPDATED}

# What a file of customers says beside them: the person there, what comes next, what was last. See imports/beside_*.py.
BESIDE = {
    "contact": "contact contacts ansprechpartner"
    " contactname contactperson contactpersons contactfullname primarycontact"
    " primarycontactname maincontact keycontact pointofcontact 联系人 联系人姓名 联系人名称 客户联系人 主要联系人"
    " 首要联系人 第一联系人 主联系人 对接人",
    "contact_title": "contacttitle contactjobtitle contactposition 联系人职位 联系人职务 jobtitle title position"
    " designation 职位 职务 职称 岗位",
    "contact_role": "contactrole buyingrole 联系人角色 role 角色 决策角色",
    "next_step": "nextstep nextsteps nextaction followup 下一步 下一步计划 下一步行动 下步计划 跟进计划 后续计划 待办"
    " 待办事项 下次跟进内容 下次联系内容",
    "next_on": "nexton nextcontact nextcontacton nextcontactdate nextcontacttime nextstepon nextstepdate nextactiondate"
    " nextactivitydate nextfollowup nextfollowupon nextfollowupdate nextcall nextcalldate followupdate followupon"
    " reminderdate reminder remindon 下次联系时间 下次联系日期 下次联系 下次跟进时间 下次跟进日期 下次跟进 下次回访时间"
    " 下次回访日期 下次拜访时间 计划联系时间 下一步日期 下一步时间 提醒日期 提醒时间",
    "last_contact": "lastcontact lastcontacton lastcontactdate lastcontacttime lastcontacted lastcontactedon 最近联系"
    " 最近联系时间 最近联系日期 最近跟进 最近跟进时间 最近跟进日期 最后跟进时间 最后跟进日期 最后联系时间 上次联系"
    " 上次联系时间 上次联系日期 上次跟进时间 上次跟进日期",
    "last_said": "lastsaid lastnote lastcontactnote 跟进记录 跟进内容 跟进备注 跟进情况 最近跟进记录 最近跟进内容"
    " 最新跟进记录 最后跟进记录 沟通记录",
}
