"""What trees and networks say together."""

from dataclasses import dataclass

import numpy as np

from evidence import Floats, Heard


@dataclass(frozen=True)
class Blend:
    trees: float
    networks: float
    offset: float

    def apply(self, trees: Floats, networks: Floats) -> Floats:
        return self.trees * trees + self.networks * networks + self.offset

    def json(self) -> list[float]:
        return [round(value, 6) for value in (self.trees, self.networks, self.offset)]


def fit_blend(trees: Floats, networks: Floats, experts: Floats) -> Blend:
    """By least squares, on what was told out of fold. All of it on the experts' scale."""
    columns = np.stack([trees, networks, np.ones(len(experts))], 1)
    blend = Blend(*(float(value) for value in np.linalg.lstsq(columns, experts, rcond=None)[0]))
    if blend.trees < 0 or blend.networks < 0:
        raise ValueError(f"a blend that falls where a part of it grows: {blend}")
    return blend


SUMMARY_NAMES = ["w_mean", "w_min", "w_p25"]


def word_summary(words: Floats, heard: Heard) -> Floats:
    """SUMMARY_NAMES of each clip, as the scorer's scoreSummary."""
    ends = np.flatnonzero(np.diff(heard.clip_of_word)) + 1
    return np.array([[own.mean(), own.min(), np.percentile(own, 25)] for own in np.split(words, ends)])
