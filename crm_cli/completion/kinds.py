"""Which kind of value stands where: read when the table is generated, never on TAB.

A kind is one of
  =a,b/c            these words; what stands behind a slash is the Chinese name
  fixed:GROUP       the words of a group of rules.names
  customer, deal.open, task.done, contact.removed    records, and which of them a verb can act on
  member stage pipeline tag segment view mapping tier icp product     names of the small tables, codes of products
  use:TABLE.COLUMN  the values in use, the usual ones first
  query:NOUN        a term of the query language
  fields:NOUN sort:NOUN drop:KEYS                    keys: several with commas, with - before, with = behind
  day past span every file command shell setting     what their names say
Several are joined by `+`; nothing at all is free text.
"""

from crm_cli.output.output import FORMATS
from crm_cli.rules.fields import ANSWER_KEYS, FIELDS, Field

_PLURALS = "=customers,contacts,deals,interactions,tasks,orders,products"

# option -> kind; {noun} is the noun of the command
OPTIONS = {
    "--as": _PLURALS,
    "--against": "use:deal.currency",
    "--at": "past",
    "--basis": "fixed:basis",
    "--birthday": "",
    "--by": "=owner,source,month,quarter,stage,pipeline,product",
    "--category": "use:product.category",
    "--unit": "use:product.unit",
    "--cadence": "span",
    "--channel": "fixed:channel",
    "--city": "use:customer.city",
    "--close": "day",
    "--closed-from": "past",
    "--closed-to": "past",
    "--columns": "fields:{noun}",
    "--compare": "past",
    "--contact": "contact",
    "--country": "use:customer.country",
    "--create": "=stages,owners,customers",
    "--currency": "use:deal.currency",
    "--customer": "customer",
    "--date-order": "=ymd,dmy,mdy",
    "--db": "file",
    "--deal": "deal",
    "--delimiter": "=tab",
    "--direction": "fixed:direction",
    "--done-task": "task.open",
    "--due": "day",
    "--encoding": "=utf-8,gb18030,gbk,big5,cp1252,shift_jis,utf-16",
    "--every": "every",
    "--extra": "=keep,drop",
    "--for": "query:customer",
    "--format": "=" + ",".join(FORMATS),
    "--industry": "use:customer.industry",
    "--kind": "fixed:kind",
    "--lang": "=en,zh",
    "--line": "line",
    "--lifecycle": "fixed:lifecycle",
    "--language": "use:customer.language",
    "--lost-reason": "use:deal.lost_reason",
    "--move-to": "stage",
    "--on": "past",
    "--on-duplicate": "=update,skip,new,fail",
    "--older-than": "span",
    "--opened": "past",
    "--output": "file",
    "-o": "file",
    "--outcome": "use:interaction.outcome",
    "--owner": "member",
    "--parent": "customer",
    "--pipeline": "pipeline",
    "--prefers": "fixed:channel",
    "--priority": "fixed:priority",
    "--quiet-after": "span",
    "--quoted": "=base,foreign",
    "--reason": "use:deal.lost_reason",
    "--referred-by": "customer",
    "--region": "use:customer.region",
    "--rejects": "file",
    "--role": "fixed:role+use:contact.role",
    "--sort": "sort:{noun}",
    "--source": "use:{noun}.source",
    "--stage": "stage",
    "--status": "fixed:status",
    "--tag": "tag",
    "--title": "use:contact.title",
    "--view": "view",
    "--within": "span",
}

# where a command differs: command and option -> kind
_DIFFERENT = {
    "deal edit --title": "",
    "dupes --kind": "=customers/客户,contacts/联系人",
    "export --for": "fixed:channel",
    "export --columns": "fields:customer",
    "export --sort": "sort:customer",
    "funnel --from": "past",
    "funnel --to": "past",
    "import --from": "mapping",
    "member remove --to": "member",
    "view save --kind": _PLURALS,
    "segment show --columns": "fields:customer",
    "segment show --sort": "sort:customer",
    "stage add --after": "stage",
    "stage edit --after": "stage",
    "stage add --kind": "fixed:stage_kind",
    "stage edit --kind": "fixed:stage_kind",
    "customer edit --clear": (
        "=industry,size,region,country,city,address,source,language,prefers,birthday,note,custom,referred_by,parent"
        ",owner,cadence,email,phone,website,messenger,tag"
    ),
    "contact edit --clear": "=title,role,prefers,birthday,note,custom,email,phone,messenger,tag",
    "deal edit --clear": "=amount,close,probability,source,risk,custom,owner,customer,tag,contact,lines",
    "interaction edit --clear": "=text,outcome,direction,duration,deal,contact",
    "task edit --clear": "=due,every,customer,deal,owner",
    "stage edit --clear": "=probability,quiet-after",
    "member edit --clear": "=email",
    "product add --for": "use:product.audience",
    "product add --kind": "fixed:product_kind",
    "product edit --clear": "=category,unit,cost,note,custom,for,price",
    "product edit --drop": "drop:price",
    "product edit --for": "use:product.audience",
    "product edit --kind": "fixed:product_kind",
    "product link --as": "fixed:product_link",
    "product unlink --as": "fixed:product_link",
    "customer edit --drop": "drop:email,phone,website,messenger,tag",
    "contact edit --drop": "drop:email,phone,messenger,tag",
    "deal edit --drop": "drop:tag,contact",
    "interaction edit --drop": "drop:contact",
    "task snooze --to": "day",
    "deal move --to": "stage",
}

_IN_TIME = "month/月,quarter/季度,year/年"
_CLOSED_BY = f"source/来源,owner/负责人,product/产品,size/规模,region/地区,industry/行业,{_IN_TIME}"
_REPORTS_BY = {
    "activity": "=channel/渠道,owner/负责人,week/周",
    "forecast": "=month/月,quarter/季度,owner/负责人",
    "conversion": f"={_IN_TIME},owner/负责人,source/来源,region/地区",
    "velocity": f"={_IN_TIME},owner/负责人,source/来源,region/地区,industry/行业",
    "wins": f"={_CLOSED_BY}",
    "losses": f"=reason/原因,{_CLOSED_BY}",
}
_DIFFERENT |= {f"report {name} --by": kind for name, kind in _REPORTS_BY.items()}
_DIFFERENT |= {f"report {name} {end}": "past" for name in (*_REPORTS_BY, "sources") for end in ("--from", "--to")}
_DIFFERENT |= {f"report {name} --columns": f"fields:{name}" for name in (*_REPORTS_BY, "sources") if name != "losses"}
_DIFFERENT["report losses --columns"] = "fields:wins"

_PARTY = "customer+contact+deal"

# command -> the kinds of its arguments, one a place; the last repeats where it ends in *
_ARGUMENTS = {
    "backup make": "file",
    "backup restore": "backup",
    "completion": "shell",
    "config get": "setting",
    "config set": "setting",
    "config unset": "setting",
    "privacy consent": "customer+contact",
    "privacy erase": "customer+contact",
    "privacy export": "customer+contact",
    "deal lose": "deal.open+query:deal*",
    "deal move": "deal.open+query:deal deal.open+stage+query:deal*",
    "deal reopen": "deal.closed+query:deal*",
    "deal win": "deal.open+query:deal*",
    "done": "task.open+query:task*",
    "export": f"{_PLURALS},all query:export*",
    "contact merge": "contact*",
    "customer merge": "customer*",
    "dupes": "query:customer*",
    "fields": "=customer,contact,deal,interaction,task",
    "followups": "query:customer*",
    "funnel": "query:deal*",
    "history": _PARTY,
    "icp edit": "icp",
    "icp fit": "query:customer*",
    "icp remove": "icp",
    "icp show": "icp",
    "import": "file*",
    "lifecycle edit": "fixed:lifecycle",
    "log": f"fixed:channel {_PARTY}",
    "member edit": "member",
    "member remove": "member",
    "predict fit": "query:customer*",
    "predict list": "query:customer*",
    "predict show": "customer",
    "member show": "member",
    "order add": "customer",
    "rate add": "use:deal.currency",
    "rate base": "use:deal.currency",
    "rate list": "use:deal.currency",
    "rate remove": "use:deal.currency",
    "remind": "query:customer*",
    "report activity": "query:interaction*",
    "report sources": "query:customer*",
    **dict.fromkeys((f"report {name}" for name in _REPORTS_BY if name != "activity"), "query:deal*"),
    "view edit": "view query:any*",
    "view remove": "view",
    "view rename": "view",
    "view save": " query:any*",
    "view show": "view query:any*",
    "segment add": " query:any*",
    "segment edit": "segment query:any*",
    "segment remove": "segment",
    "segment show": "segment",
    "show": _PARTY,
    "product edit": "product",
    "product link": "product product",
    "product remove": "product",
    "product show": "product",
    "product unlink": "product product",
    "snooze": "task.open+query:task task.open+day+query:task*",
    "stage edit": "stage",
    "stage remove": "stage",
    "tag add": f"tag {_PARTY}+query:tagged*",
    "tag remove": f"tag {_PARTY}+query:tagged*",
    "tag rename": "tag",
    "tier edit": "fixed:tier+tier",
    "tier remove": "fixed:tier+tier",
    "tier show": "fixed:tier+tier",
    "task done": "task.open+query:task*",
    "task reopen": "task.done+query:task*",
    "task snooze": "task.open+query:task task.open+day+query:task*",
}


def kind_of_option(command: str, names: list[str]) -> str:
    """The kind of value that an option of a command takes; "" for free text."""
    noun = command.split()[0]
    for name in names:
        kind = _DIFFERENT.get(f"{command} {name}", OPTIONS.get(name))
        if kind is not None:
            own = next((name for name in (noun, noun.removesuffix("s")) if name in FIELDS or name in ANSWER_KEYS), "")
            if kind == "fixed:status" and noun == "deal":
                return "fixed:deal_status"
            return kind.format(noun=own)
    return ""


def kinds_of_arguments(command: str, metavars: list[str]) -> str:
    """The kinds of a command's arguments, by the command, else by how help calls them."""
    if command in _ARGUMENTS:
        return _ARGUMENTS[command]
    noun, _, verb = command.partition(" ")
    if "QUERY" in " ".join(metavars):
        return f"query:{noun if verb else 'customer'}*"
    which = f"{noun}.removed" if verb == "restore" else noun
    if metavars[:1] == ["REF..."]:
        return f"{which}+query:{noun}*"
    if metavars[:1] in (["REF"], ["[REF]"]):
        return which if verb else _PARTY
    if metavars[:1] and "FILE" in metavars[0]:
        return "file*"
    return ""


# field -> kind of its values in a query, where the type does not say it
_FIELDS = {
    "bought": "product",
    "category": "use:product.category",
    "channel": "fixed:channel",
    "city": "use:customer.city",
    "contacts": "contact",
    "country": "use:customer.country",
    "currency": "use:deal.currency",
    "customer": "customer",
    "deal": "deal",
    "direction": "fixed:direction",
    "external_source": "use:{noun}.external_source",
    "industry": "use:customer.industry",
    "kind": "fixed:kind",
    "language": "use:customer.language",
    "lifecycle": "fixed:lifecycle",
    "lost_reason": "use:deal.lost_reason",
    "outcome": "use:interaction.outcome",
    "owner": "member",
    "parent": "customer",
    "pipeline": "pipeline",
    "prefers": "fixed:channel",
    "priority": "fixed:priority",
    "referred_by": "customer",
    "region": "use:customer.region",
    "rfm_class": "fixed:rfm_class",
    "rfm_group": "fixed:rfm_group",
    "role": "fixed:role+use:contact.role",
    "source": "use:{noun}.source",
    "stage": "stage",
    "tags": "tag",
    "tier": "fixed:tier+tier",
}
_STATUS = {"customer": "fixed:status", "deal": "=any+fixed:deal_status", "task": "=any+fixed:task_status"}
_AHEAD = {"due_on", "due_at", "expected_close_on", "next_step_on", "next_task_on"}


def kind_of_field(noun: str, field: Field) -> str:
    """The kind of values that a field is asked for by; "" where none can be offered."""
    if field.key == "status":
        return _STATUS[noun]
    if field.key == "title":
        return "use:contact.title" if noun == "contact" else "deal"
    if field.type in ("day", "moment"):
        return "ahead" if field.key in _AHEAD else "back"
    return _FIELDS.get(field.key, "").format(noun=noun)
