"""The lowest point of a function of a few numbers, found without derivatives and the same in every run."""

from collections.abc import Callable, Sequence
from math import inf
from typing import NamedTuple, TypeVar

Point = tuple[float, ...]
Datum = TypeVar("Datum")
_Corner = tuple[float, Point]


class Minimum(NamedTuple):
    """Where the search ended; `converged` is False when it ran out of iterations."""

    point: Point
    value: float
    iterations: int
    converged: bool


def minimise(
    function: Callable[[Point], float],
    start: Sequence[float],
    *,
    step: float = 0.5,
    tolerance: float = 1e-10,
    spread: float = 1e-6,
    most: int = 5000,
    again: bool = True,
) -> Minimum:
    """Nelder-Mead, begun again at its best point until a new beginning gains nothing more.

    A simplex can fall flat before it is at the bottom; one that starts anew there walks on. `tolerance` is the
    difference of values, in parts of the value, that counts as none; `spread` how far apart the corners may then still
    be; `most` bounds the iterations of all beginnings together; without `again` there is one. The function says inf
    where it is not defined, but not at the start. Source: Nelder & Mead, The Computer Journal 7 (1965) 308-313, with
    their 1, 2, 1/2, 1/2.
    """
    best, iterations = tuple(start), 0
    value = function(best)
    while True:
        before = value
        value, best, used, settled = _descend(function, (value, best), step, tolerance, spread, most - iterations)
        iterations += used
        if not settled:
            return Minimum(best, value, iterations, False)
        if not again or before - value <= 100 * tolerance * (1 + abs(value)):
            return Minimum(best, value, iterations, True)
        step = max(step / 2, 0.05)


_MANY, _SAMPLE = 30_000, 5_000  # data whose lowest point is near enough to that of all to begin there


def minimise_of_many(
    data: Sequence[Datum],
    function_of: Callable[[Sequence[Datum]], Callable[[Point], float]],
    start: Sequence[float],
    widest: Sequence[float],
    *,
    tolerance: float,
    spread: float,
    most: int,
) -> Minimum:
    """`minimise` of the function of all data; where they are many, begun near the lowest point of a sample of them.

    It ends at the same place: the sample has taken the long way there, where a step costs little, and what is left is
    one descent, to ten times the `spread`, which of so many is still far below what chance does. The sample is every so
    many-th datum.
    """
    if len(data) < _MANY:
        return minimise(function_of(data), start, tolerance=tolerance, spread=spread, most=most)
    sample = function_of(data[:: len(data) // _SAMPLE])
    near = minimise(sample, start, tolerance=1e-9, spread=1e-2, most=most).point
    inside = [max(0.5 - far, min(far - 0.5, at)) for at, far in zip(near, widest, strict=True)]
    return minimise(
        function_of(data), inside, step=0.1, tolerance=tolerance, spread=10 * spread, most=most, again=False
    )


def is_at_edge(point: Point, widest: Sequence[float]) -> bool:
    """Whether a coordinate is, but for a tenth, as far from zero as it may be."""
    return any(abs(at) > far - 0.1 for at, far in zip(point, widest, strict=True))


def _descend(
    function: Callable[[Point], float], start: _Corner, step: float, tolerance: float, spread: float, most: int
) -> tuple[float, Point, int, bool]:
    """One simplex from its first corner to its end: value, point, iterations, and whether it settled."""
    size = len(start[1])
    corners = [start]
    for i in range(size):
        point = tuple(at + step * (i == j) for j, at in enumerate(start[1]))
        corners.append((function(point), point))
    for used in range(most):
        corners.sort()
        low, high = corners[0], corners[-1]
        if high[0] - low[0] <= tolerance * (1 + abs(low[0])) and _width(corners) <= spread:
            return *low, used, True
        if _width(corners) <= 1e-12:
            return *low, used, True
        centre = tuple(sum(corner[1][i] for corner in corners[:-1]) / size for i in range(size))
        moved = _move(function, corners, centre)
        if moved:
            corners[-1] = moved
        else:
            corners = [low, *(_evaluated(function, _between(low[1], corner[1], 0.5)) for corner in corners[1:])]
    return *min(corners), max(most, 0), False


def _move(function: Callable[[Point], float], corners: list[_Corner], centre: Point) -> _Corner | None:
    """What takes the place of the highest corner; None when the simplex must shrink instead."""
    low, second, high = corners[0], corners[-2], corners[-1]
    reflected = _evaluated(function, _between(centre, high[1], -1))
    if reflected[0] < low[0]:
        return min(reflected, _evaluated(function, _between(centre, high[1], -2)))
    if reflected[0] < second[0]:
        return reflected
    outside = reflected[0] < high[0]
    contracted = _evaluated(function, _between(centre, high[1], -0.5 if outside else 0.5))
    return contracted if contracted[0] < (reflected[0] if outside else high[0]) else None


def _evaluated(function: Callable[[Point], float], point: Point) -> _Corner:
    """A point with its value; what is no number is as bad as can be."""
    value = function(point)
    return (value if value == value else inf), point


def _between(start: Point, end: Point, part: float) -> Point:
    """The point that lies `part` of the way from one to the other."""
    return tuple(a + part * (b - a) for a, b in zip(start, end, strict=True))


def _width(corners: list[_Corner]) -> float:
    """How far a corner lies from the best one, along the axis where it is farthest."""
    best = corners[0][1]
    return max(abs(a - b) for corner in corners[1:] for a, b in zip(corner[1], best, strict=True))
