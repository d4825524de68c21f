"""How well scores agree with the experts' (the same figures as scripts/pronunciation/agreement.ts)."""

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from evidence import ASPECTS, Floats, Heard

# Experts' scores up to here are bad words.
BAD = 5
FALSE_ALARMS = 0.06


def pearson(a: Floats, b: Floats) -> float:
    return float(np.corrcoef(a, b)[0, 1])


def auc(scores: Floats, bad: NDArray[np.bool_]) -> float:
    """How often a bad one scores lower than another."""
    count = bad.sum()
    above = rankdata(scores)[bad].sum() - count * (count + 1) / 2
    return float(1 - above / (count * (~bad).sum()))


def recall(scores: Floats, bad: NDArray[np.bool_], false_alarms: float = FALSE_ALARMS) -> float:
    """Share of the bad ones below the threshold that so many of the others lie below."""
    return float((scores[bad] < np.quantile(scores[~bad], false_alarms)).mean())


def word_row(name: str, scores: Floats, heard: Heard) -> str:
    bad = heard.word_scores <= BAD
    ordinary = heard.ordinary[heard.clip_of_word]
    figures = [
        pearson(scores, heard.word_scores),
        auc(scores, bad),
        recall(scores, bad),
        pearson(scores[ordinary], heard.word_scores[ordinary]),
    ]
    return f"| {name} | " + " | ".join(f"{figure:.4f}" for figure in figures) + " |"


def clip_row(name: str, scores: Floats, heard: Heard) -> str:
    """`scores`: a column for each of ASPECTS."""
    some = heard.ordinary
    figures = [pearson(scores[:, k], heard.scores[:, k]) for k in range(len(ASPECTS))]
    figures += [pearson(scores[some, k], heard.scores[some, k]) for k in range(len(ASPECTS))]
    return f"| {name} | " + " | ".join(f"{figure:.4f}" for figure in figures) + " |"
