"""
What became of the words of a text, whether it was this text at all, and whether something was added:

    python scripts/pronunciation/fit/misreadings.py --examples FOLDER --out models/pronunciation/misreadings.json

learns it from what misread_examples.ts wrote, and prints how often it is told by a model that does not know the speaker.
"""

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import one_core  # noqa: F401, isort: skip

import lightgbm
import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from corpus import FOLDS, fold_of
from trees import FURTHEST, Line, line_json, trees_json

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

VERSION = 1
SAID, REPLACED, LEFT_OUT, OF_ANOTHER_TEXT = range(4)
# Chosen on what was told out of fold: where each promise of the bench is kept with something to spare.
TURN = 2.0
THRESHOLDS = {"replaced": 0.0, "left_out": 0.5, "other_text": -1.0, "added": -0.5}
# The experts give so little to a word that can hardly be heard: whether it was said is not known.
UNCERTAIN = 3

ONE_WORD = ("one long word replaced", "one word replaced")
WITH_OTHERS = ("another clip behind", "another clip before", "some words in between")
ALL_SAID = ("right", *WITH_OTHERS, "words said again")


@dataclass(frozen=True)
class Examples:
    """Words and stretches lie one behind the other, in the order of the examples."""

    kinds: NDArray[np.str_]
    folds: NDArray[np.int64]
    word_names: list[str]
    words: Floats
    labels: NDArray[np.int64]
    marks: Floats
    """The experts' means, not a number where there is none."""
    of_word: NDArray[np.int64]
    stretch_names: list[str]
    stretches: Floats
    added: Bools
    of_stretch: NDArray[np.int64]

    def word_kinds(self) -> NDArray[np.str_]:
        return self.kinds[self.of_word]


def read_examples(folders: list[Path]) -> Examples:
    names = json.loads((folders[0] / "names.json").read_text(encoding="utf-8"))
    rows = [json.loads(line) for folder in folders for line in (folder / "examples.jsonl").open(encoding="utf-8")]
    counts = [len(row["words"]) for row in rows]
    return Examples(
        kinds=np.array([row["kind"] for row in rows]),
        folds=np.array([fold_of(row["speaker"]) for row in rows]),
        word_names=names["words"],
        words=np.array([word for row in rows for word in row["words"]]),
        labels=np.array([label for row in rows for label in row["labels"]]),
        marks=np.array([mark for row in rows for mark in row["marks"]], np.float64),
        of_word=np.repeat(np.arange(len(rows)), counts),
        stretch_names=names["stretches"],
        stretches=np.array([stretch for row in rows for stretch in row["stretches"]]),
        added=np.array([added for row in rows for added in row["added"]], np.bool_),
        of_stretch=np.repeat(np.arange(len(rows)), [len(row["stretches"]) for row in rows]),
    )


@dataclass(frozen=True)
class Odds:
    """Log-odds: of trees, of a line, or the mean of both."""

    names: list[str]
    trees: lightgbm.LGBMClassifier | None
    line: Line | None

    def told(self, x: Floats) -> Floats:
        parts = [
            *([self.trees.predict(x, raw_score=True)] if self.trees else []),
            *([self.line.predict(x)] if self.line else []),
        ]
        return np.mean(parts, 0)

    def as_json(self, above: float) -> dict[str, Any]:
        return {
            "features": self.names,
            "above": round(above, 3),
            **({"trees": trees_json(self.trees)} if self.trees else {}),
            **({"ridge": line_json(self.line)} if self.line else {}),
        }


def grow(x: Floats, y: Bools, trees: int, depth: int, least_in_leaf: int) -> lightgbm.LGBMClassifier:
    model = lightgbm.LGBMClassifier(
        n_estimators=trees,
        learning_rate=0.05,
        min_child_samples=least_in_leaf,
        max_depth=depth,
        num_leaves=4 * depth,
        subsample=0.5,
        subsample_freq=1,
        colsample_bynode=0.4,
        reg_lambda=2.0,
        random_state=0,
        n_jobs=1,
        deterministic=True,
        force_row_wise=True,
        verbose=-1,
    )
    return model.fit(x, y)


def draw_line(x: Floats, y: Bools) -> Line:
    mean, sd = x.mean(0), x.std(0) + 1e-9
    model = LogisticRegression(C=0.3, max_iter=2000).fit(np.clip((x - mean) / sd, -FURTHEST, FURTHEST), y)
    return Line(mean, sd, model.coef_[0], float(model.intercept_[0]))


Fit = Callable[[Floats, Bools], Odds]


def trees_of_words(names: list[str]) -> Fit:
    return lambda x, y: Odds(names, grow(x, y, 400, 5, 20), None)


def both_of_clips(names: list[str]) -> Fit:
    return lambda x, y: Odds(names, grow(x, y, 100, 4, 20), draw_line(x, y))


def out_of_fold(fit: Fit, x: Floats, y: Bools, learned: Bools, folds: NDArray[np.int64]) -> Floats:
    told = np.zeros(len(y))
    for fold in range(FOLDS):
        own, others = folds == fold, (folds != fold) & learned
        told[own] = fit(x[others], y[others]).told(x[own])
    return told


def runs(odds: Floats, turn: float) -> Bools:
    """As `runs` in misreadings.ts."""
    kept, out, came = 0.0, -turn, []
    for odd in odds:
        came.append((out - turn > kept, out > kept - turn))
        kept, out = max(kept, out - turn) - odd / 2, max(out, kept - turn) + odd / 2
    now, states = out > kept, []
    for into_kept, into_out in reversed(came):
        states.append(now)
        now = into_out if now else into_kept
    return np.array(states[::-1], np.bool_)


def share(values: list[bool] | Bools) -> str:
    return f"{np.mean(values):.3f} ({len(values)})"


def fit_misreadings(folders: list[Path], out: Path) -> None:
    data = read_examples(folders)
    folds_of_words, kinds = data.folds[data.of_word], data.word_kinds()
    bounds = np.flatnonzero(np.diff(data.of_word, prepend=-1, append=len(data.kinds)))
    words_of = [slice(a, b) for a, b in zip(bounds[:-1], bounds[1:], strict=True)]
    certain = ~((data.labels == SAID) & (data.marks <= UNCERTAIN))

    # Which words were replaced is learned where none is left out, and which are left out where it is the right text.
    learned = certain & np.isin(kinds, [*ALL_SAID, *ONE_WORD, "two words replaced"])
    fit_replaced = trees_of_words(data.word_names)
    replaced = out_of_fold(fit_replaced, data.words, data.labels == REPLACED, learned, folds_of_words)
    learned_out = certain & (data.labels != OF_ANOTHER_TEXT)
    fit_out = trees_of_words(data.word_names)
    left_out = out_of_fold(fit_out, data.words, data.labels == LEFT_OUT, learned_out, folds_of_words)

    clip_names = [name for name in data.word_names if name.startswith("c_")]
    columns = [data.word_names.index(name) for name in clip_names]
    clips = data.words[bounds[:-1]][:, columns]
    is_other = data.kinds == "another text"
    fit_other = both_of_clips(clip_names)
    other = out_of_fold(fit_other, clips, is_other, np.ones(len(is_other), np.bool_), data.folds)

    folds_of_stretches = data.folds[data.of_stretch]
    fit_added = both_of_clips(data.stretch_names)
    added = out_of_fold(
        fit_added, data.stretches, data.added, np.ones(len(data.added), np.bool_), folds_of_stretches
    )
    turn, thresholds = TURN, THRESHOLDS
    of_kind = lambda *names: [i for i in range(len(data.kinds)) if data.kinds[i] in names]  # noqa: E731
    refused = other > thresholds["other_text"]
    fates = [runs(left_out[one] - thresholds["left_out"], turn) for one in words_of]
    for kind in ONE_WORD:
        named = []
        for i in of_kind(kind):
            own = words_of[i]
            at = int(np.argmax(data.labels[own] == REPLACED))
            odds = np.where(fates[i], 99, replaced[own])
            named.append(not refused[i] and int(np.argmax(odds)) == at and bool(odds[at] > -2))
        print(f"{kind}: it is flagged and the worst of all {share(named)}")
    print(f"another text: refused {share(refused[is_other])}; right: refused {share(refused[data.kinds == 'right'])}")
    for kind in ("end left out", "few at the end left out", "beginning left out", "middle left out", "cut out"):
        exact = [
            not refused[i] and bool((fates[i] == (data.labels[words_of[i]] == LEFT_OUT)).all()) for i in of_kind(kind)
        ]
        print(f"{kind}: exactly what was left out {share(exact)}")
    for kind in (*ALL_SAID, *ONE_WORD):
        gone = np.concatenate([fates[i][data.labels[words_of[i]] == SAID] for i in of_kind(kind)])
        changed = np.concatenate([replaced[words_of[i]][data.labels[words_of[i]] == SAID] for i in of_kind(kind)])
        print(f"{kind}: refused {share(refused[of_kind(kind)])}, of the words that were said left out {share(gone)}, ", end="")
        print(f"replaced {share(changed > thresholds['replaced'])}")
    told = added > thresholds["added"]
    for kind in ALL_SAID:
        own = np.isin(data.of_stretch, of_kind(kind))
        found = share(told[own & data.added]) if kind in WITH_OTHERS else "-"
        false = int((told & own & ~data.added).sum())
        print(f"{kind}: stretches found {found}, false ones {false} in {len(of_kind(kind))} clips")

    content = {
        "version": VERSION,
        "turn": turn,
        "left_out": fit_out(data.words[learned_out], data.labels[learned_out] == LEFT_OUT).as_json(thresholds["left_out"]),
        "replaced": fit_replaced(data.words[learned], data.labels[learned] == REPLACED).as_json(thresholds["replaced"]),
        "other_text": fit_other(clips, is_other).as_json(thresholds["other_text"]),
        "added": fit_added(data.stretches, data.added).as_json(thresholds["added"]),
    }
    out.write_text(json.dumps(content, separators=(",", ":")), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--examples", type=Path, nargs="+", required=True)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    fit_misreadings(given.examples, given.out)


if __name__ == "__main__":
    main()
