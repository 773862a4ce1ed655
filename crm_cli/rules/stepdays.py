"""Headers that are the day of a next step only where the file has one: `Due`, `Next date`, 日期."""

from collections.abc import Mapping

from crm_cli.rules.aliases import normal

_ANYWHERE = frozenset(
    normal(word)
    for word in (
        "due duedate dueon dueby deadline nextdate nextday nextdue nexttime followupday followupdue followupby stepdate"
        " stepdue actiondate taskdate taskdue scheduled scheduledfor scheduledon scheduleddate plannedfor plannedon"
        " planneddate todoon dateofnextstep 截止日期 截止时间 截止日 截止 到期日 到期日期 到期时间 期限 完成期限"
        " 下次日期 下次时间 下步日期 下步时间 计划日期 计划时间 预约日期 预约时间 约定日期 约定时间 待办日期 待办时间"
        " 行动日期 下次计划时间 下次计划日期 下次行动时间 下次行动日期"
    ).split()
)
# Every list has such a column; it says when the step is due only where it stands right behind the step.
_BEHIND = frozenset(
    normal(word) for word in "date day when by on time 日期 时间 日子 跟进日期 跟进时间 联系时间".split()
)


def day_of_step(headers: Mapping[int, str], step: int) -> int | None:
    """The place of the column that says when the step at place `step` is due; `headers` are those without a meaning."""
    for place, header in sorted(headers.items()):
        if normal(header) in _ANYWHERE:
            return place
    return step + 1 if normal(headers.get(step + 1, "")) in _BEHIND else None
