"""What a new database begins with, and what a stage is by its name."""

DEFAULT_PIPELINE = "sales"

# name, kind, probability in percent, quiet after days
DEFAULT_STAGES: list[tuple[str, str, int, int | None]] = [
    ("lead", "open", 10, 14),
    ("qualified", "open", 25, 14),
    ("proposal", "open", 50, 10),
    ("negotiation", "open", 75, 7),
    ("won", "won", 100, None),
    ("lost", "lost", 0, None),
]

_WON = {"won", "closed won", "deal won", "success", "赢单", "成交", "成功", "已成交"}
_LOST = {"lost", "closed lost", "deal lost", "failed", "输单", "失败", "无效", "丢单"}


def kind_by_name(key: str) -> str:
    """open, won or lost, from the folded name of a stage of another system."""
    plain = key.replace("-", " ").replace("_", " ")
    if plain in _WON:
        return "won"
    if plain in _LOST:
        return "lost"
    return "open"
