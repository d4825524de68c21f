"""Boosted trees, and a ridge beside them for whole clips, as scores.json keeps them."""

from dataclasses import dataclass
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import Ridge

from evidence import Floats

FURTHEST = 4
SEED = 0
DEPTH = 3


@dataclass(frozen=True)
class Growth:
    trees: int
    rate: float
    least_in_leaf: int


OF_WORDS = Growth(300, 0.05, 20)
OF_CLIPS = Growth(200, 0.04, 10)
RIDGE = 20.0


def grow(growth: Growth, x: Floats, y: Floats) -> lightgbm.LGBMRegressor:
    model = lightgbm.LGBMRegressor(
        n_estimators=growth.trees,
        learning_rate=growth.rate,
        min_child_samples=growth.least_in_leaf,
        max_depth=DEPTH,
        num_leaves=2**DEPTH,
        subsample=0.5,
        subsample_freq=1,
        colsample_bynode=0.4,
        random_state=SEED,
        n_jobs=1,
        deterministic=True,
        force_row_wise=True,
        verbose=-1,
    )
    return model.fit(x, y)


@dataclass(frozen=True)
class Line:
    mean: Floats
    sd: Floats
    weights: Floats
    bias: float

    def predict(self, x: Floats) -> Floats:
        return np.clip((x - self.mean) / self.sd, -FURTHEST, FURTHEST) @ self.weights + self.bias


def fit_line(x: Floats, y: Floats) -> Line:
    mean, sd = x.mean(0), x.std(0) + 1e-9
    model = Ridge(alpha=RIDGE).fit((x - mean) / sd, y)
    return Line(mean, sd, model.coef_, float(model.intercept_))


@dataclass(frozen=True)
class ClipModel:
    """The mean of a ridge and of trees."""

    line: Line
    trees: lightgbm.LGBMRegressor

    def predict(self, x: Floats) -> Floats:
        return (self.line.predict(x) + self.trees.predict(x)) / 2


def fit_clips(x: Floats, y: Floats) -> ClipModel:
    return ClipModel(fit_line(x, y), grow(OF_CLIPS, x, y))


def fit_words(x: Floats, y: Floats) -> lightgbm.LGBMRegressor:
    return grow(OF_WORDS, x, y)


def out_of_fold(fit, x: Floats, y: Floats, folds: NDArray[np.int64]) -> Floats:
    """Each fold told by a model of the others."""
    told = np.zeros(len(y))
    for fold in np.unique(folds):
        own = folds == fold
        told[own] = fit(x[~own], y[~own]).predict(x[own])
    return told


def trees_json(model: lightgbm.LGBMRegressor) -> dict[str, Any]:
    """[features, thresholds or answers, left, right] of each tree; LightGBM's rate and mean are in its leaves."""
    dumped = model.booster_.dump_model()["tree_info"]
    return {"init": 0, "rate": 1, "trees": [columns(one["tree_structure"]) for one in dumped]}


def columns(root: dict[str, Any]) -> list[list[float]]:
    feature: list[int] = []
    value: list[float] = []
    left: list[int] = []
    right: list[int] = []

    def add(node: dict[str, Any]) -> int:
        at = len(feature)
        split = "split_feature" in node
        feature.append(node["split_feature"] if split else -2)
        value.append(round(node["threshold"] if split else node["leaf_value"], 6))
        left.append(-1)
        right.append(-1)
        if split:
            left[at] = add(node["left_child"])
            right[at] = add(node["right_child"])
        return at

    add(root)
    return [feature, value, left, right]


def line_json(line: Line) -> dict[str, Any]:
    def rounded(values: Floats) -> list[float]:
        return [round(float(value), 6) for value in values]

    columns = {"mean": rounded(line.mean), "sd": rounded(line.sd), "weights": rounded(line.weights)}
    return {**columns, "bias": round(line.bias, 6)}
