"""From what is predicted on the experts' scale to points, 0 to 100, and the point below which a word is weak."""

import numpy as np

from agreement import BAD
from evidence import Floats

AROUND = 0.5
FALSE_ALARMS = 0.05

Points = list[list[float]]


def points(predicted: Floats, experts: Floats) -> Points:
    """What is predicted in the middle for what experts call 5, 7 and 9 has 50, 70 and 90 points: predictions keep to the mean."""
    middles = [float(np.median(predicted[np.abs(experts - score) <= AROUND])) for score in (5, 7, 9)]
    own = [[0.0, 0.0], *([round(middle, 3), 10.0 * score] for middle, score in zip(middles, (5, 7, 9), strict=True))]
    own.append([10.0, 100.0])
    if any(after[0] <= before[0] for before, after in zip(own, own[1:], strict=False)):
        raise ValueError(f"points do not grow: {own}")
    return own


def in_points(mapping: Points, predicted: Floats) -> Floats:
    return np.interp(predicted, *np.array(mapping).T)


def weak_below(word_points: Floats, experts: Floats) -> int:
    """So that experts call only FALSE_ALARMS of the words below it better than BAD among those that they do call better."""
    return round(float(np.quantile(word_points[experts > BAD], FALSE_ALARMS)))
