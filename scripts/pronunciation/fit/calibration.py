"""From what is predicted on the experts' scale to points, 0 to 100, and the point below which a word is weak."""

import numpy as np

from agreement import BAD
from evidence import Floats

AROUND = 0.5
FALSE_ALARMS = 0.05

Points = list[list[float]]


def points(predicted: Floats, experts: Floats) -> Points:
    """The median of what is predicted where experts say 5, 7 and 9 has 50, 70 and 90: predictions keep to the mean."""
    middles = [float(np.median(predicted[np.abs(experts - score) <= AROUND])) for score in (5, 7, 9)]
    own = [[0.0, 0.0], *([round(middle, 3), 10.0 * score] for middle, score in zip(middles, (5, 7, 9), strict=True))]
    own.append([10.0, 100.0])
    if any(after[0] <= before[0] for before, after in zip(own, own[1:], strict=False)):
        raise ValueError(f"points do not grow: {own}")
    return own


def in_points(mapping: Points, predicted: Floats) -> Floats:
    return np.interp(predicted, *np.array(mapping).T)


def weak_below(word_points: Floats, experts: Floats) -> int:
    """The point below which FALSE_ALARMS of the words lie that experts call better than BAD."""
    return round(float(np.quantile(word_points[experts > BAD], FALSE_ALARMS)))
