"""From when on silence is a warning: the limits that the risk, the stages of life and the call sheet share."""

WARN, LOST = 2, 3  # times the interval in which a customer usually orders
SHORTEST = 7  # days: who orders every day is not lost after a long weekend
AT_RISK = 50  # of 100: silent for twice the usual interval, where nothing else is known
