"""The fit of the models of purchase is kept: bookkeeping, which no undo takes back and the journal knows nothing of."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from crm_cli.rules.days import to_utc_text


class Writing(Protocol):
    """Whatever runs a statement within the transaction that is open."""

    def execute(self, sql: str, params: dict[str, Any], /) -> int: ...


def keep_fit(hand: Writing, result: Mapping[str, Any], now: datetime) -> None:
    """Take the place of the fit before; `result` are its public keys (queries/predictions.fit)."""
    hand.execute("DELETE FROM prediction_fit", {})
    hand.execute(
        "INSERT INTO prediction_fit (fitted_at, as_of_on, result) VALUES (:at, :as_of, :result)",
        {"at": to_utc_text(now), "as_of": result["as_of"], "result": json.dumps(result, ensure_ascii=False)},
    )
