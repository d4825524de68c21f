"""All above the phone probe: networks, trees, blends and points, judged out of fold, then fitted on all clips."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import network
from agreement import BAD, clip_row, pearson, recall, word_row
from blend import SUMMARY_NAMES, fit_blend, word_summary
from calibration import FALSE_ALARMS, Points, in_points, points, weak_below
from corpus import FOLDS
from evidence import ASPECTS, Floats, Heard
from network import Batches, Parameters, Standard
from trees import fit_clips, fit_words, line_json, out_of_fold, trees_json

VERSION = 2
SEEDS_OF_FOLDS = (0, 1)
SEEDS = (0, 1, 2)
# The scorer gives no score for prosody.
GIVEN = ("accuracy", "fluency", "total")

Note = Callable[[str], None]


def told_by(networks: list[Parameters], data: Batches, clips: NDArray[np.int64]) -> tuple[Floats, Floats, Floats]:
    """Means over the networks, on the experts' scale but for the phones' errors, without padding."""
    told = [network.predict(one, data, clips) for one in networks]
    errors, words, scores = (np.mean([one[k] for one in told], 0, dtype=np.float64) for k in range(3))
    is_phone, is_word = data.member[clips].sum(2) > 0, data.member[clips].sum(1) > 0
    return errors[is_phone], 10 * words[is_word], 10 * scores


def networks_out_of_fold(data: Batches, heard: Heard, note: Note) -> tuple[Floats, Floats, Floats]:
    errors, words, scores = np.zeros(len(heard.errors)), np.zeros(len(heard.words)), np.zeros_like(heard.scores)
    fold_of_word = heard.folds[heard.clip_of_word]
    for fold in range(FOLDS):
        own = heard.folds == fold
        networks = [network.train(data, np.flatnonzero(~own), seed) for seed in SEEDS_OF_FOLDS]
        of_words = fold_of_word == fold
        of_phones = of_words[heard.word_of_phone]
        errors[of_phones], words[of_words], scores[own] = told_by(networks, data, np.flatnonzero(own))
        note(f"networks of fold {fold}")
    return errors, words, scores


def clip_inputs(heard: Heard, words: Floats) -> Floats:
    return np.concatenate([heard.clips, word_summary(words, heard)], 1)


def standard_json(names: list[str], standard: Standard) -> dict[str, Any]:
    mean, sd = ([round(float(value), 6) for value in part] for part in (standard.mean, standard.sd))
    return {"features": names, "mean": mean, "sd": sd}


def report_points(name: str, mapping: Points, predicted: Floats, experts: Floats, note: Note) -> None:
    error = np.abs(in_points(mapping, predicted) - 10 * experts).mean()
    note(f"{name}: points {mapping}, mean absolute error {error:.1f} of 100")


def fit_all(heard: Heard, priors: list[float], out: Path, note: Note) -> None:
    """Writes network.f32 and scores.json."""
    phone, clip = network.phone_standard(heard), network.clip_standard(heard)
    data = network.batches(heard, phone, clip)
    fold_of_word = heard.folds[heard.clip_of_word]

    errors, network_words, network_scores = networks_out_of_fold(data, heard, note)
    tree_words = out_of_fold(fit_words, heard.words, heard.word_scores, fold_of_word)
    word_blend = fit_blend(tree_words, network_words, heard.word_scores)
    words = word_blend.apply(tree_words, network_words)

    x = clip_inputs(heard, words)
    tree_scores = np.stack([out_of_fold(fit_clips, x, heard.scores[:, k], heard.folds) for k in range(len(ASPECTS))], 1)
    blends = [fit_blend(tree_scores[:, k], network_scores[:, k], heard.scores[:, k]) for k in range(len(ASPECTS))]
    scores = np.stack(
        [one.apply(tree_scores[:, k], network_scores[:, k]) for k, one in enumerate(blends)],
        1,
    )

    note(f"phones, r with the share of experts that mark them: {pearson(errors, heard.errors):.4f}")
    note("| words | r | AUC | found at 6 % false alarms | ordinary speakers r |\n| --- | --- | --- | --- | --- |")
    for name, told in (("trees", tree_words), ("networks", network_words), ("blend", words)):
        note(word_row(name, told, heard))
    columns = [*ASPECTS, *(f"ordinary {aspect}" for aspect in ASPECTS)]
    note(f"| clips, r | {' | '.join(columns)} |\n|{' --- |' * (len(columns) + 1)}")
    for name, told in (("ridge and trees", tree_scores), ("networks", network_scores), ("blend", scores)):
        note(clip_row(name, told, heard))

    given = [ASPECTS.index(aspect) for aspect in GIVEN]
    word_points = points(words, heard.word_scores)
    clip_points = points(scores[:, given].ravel(), heard.scores[:, given].ravel())
    report_points("words", word_points, words, heard.word_scores, note)
    for k in given:
        report_points(f"clips, {ASPECTS[k]}", clip_points, scores[:, k], heard.scores[:, k], note)
    in_word_points = in_points(word_points, words)
    weak, bad = weak_below(in_word_points, heard.word_scores), heard.word_scores <= BAD
    note(
        f"weak below {weak} points: {(in_word_points[bad] < weak).mean():.3f} of the bad words found,"
        f" {(in_word_points[~bad] < weak).mean():.3f} of the others flagged"
        f" ({recall(words, bad, FALSE_ALARMS):.3f} found at {FALSE_ALARMS})"
    )

    everything = np.arange(len(heard.clips))
    networks = []
    for seed in SEEDS:
        networks.append(network.train(data, everything, seed))
        note(f"network {seed} of all clips")
    (out / "network.f32").write_bytes(np.concatenate([network.flat(one) for one in networks]).tobytes())
    clip_models = {aspect: fit_clips(x, heard.scores[:, k]) for k, aspect in zip(given, GIVEN, strict=True)}
    content = {
        "version": VERSION,
        "weak_below": weak,
        "points": word_points,
        "clip_points": clip_points,
        "priors": priors,
        "word": {
            "features": heard.word_names,
            "trees": trees_json(fit_words(heard.words, heard.word_scores)),
        },
        "clip": {
            aspect: {
                "features": heard.clip_names + SUMMARY_NAMES,
                "trees": trees_json(model.trees),
                "ridge": line_json(model.line),
            }
            for aspect, model in clip_models.items()
        },
        "network": {
            "count": len(networks),
            "hidden": network.HIDDEN,
            "phone": standard_json(heard.phone_names, phone),
            "clip": standard_json(heard.clip_names, clip),
        },
        "blend": {"word": word_blend.json()}
        | {aspect: blends[k].json() for k, aspect in zip(given, GIVEN, strict=True)},
    }
    (out / "scores.json").write_text(json.dumps(content, separators=(",", ":")) + "\n", encoding="utf-8")
