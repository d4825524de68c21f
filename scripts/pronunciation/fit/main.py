"""
From a corpus to the weights of the scorer:

    python scripts/pronunciation/fit/main.py --corpus FOLDER --moonshine FOLDER --work FOLDER --out models/pronunciation

`--moonshine` holds the package's encoder_model.onnx and decoder_model_merged.onnx. Steps whose files lie in `--work`
already are left out. `../README.md` tells what is needed and how long it takes.
"""

import argparse
import json
import shutil
import subprocess
import time
from pathlib import Path

import one_core  # noqa: F401, isort: skip

import numpy as np

import probe
import probe_graph
from aligner import align_all, read_alignments
from corpus import FOLDS, Clip, fold_of, read_clips
from evidence import read_evidence
from frames import frame_phones, good_speakers
from misreadings import fit_misreadings
from scoring import fit_all
from states import States, hear_all, with_middle

ROOT = Path(__file__).resolve().parents[3]
EVIDENCE = "scripts/pronunciation/evidence.ts"
EXAMPLES = "scripts/pronunciation/misread_examples.ts"
# So many have the shipped weights learned from: the first in a drawn order.
MISREAD_CLIPS = 1089

STARTED = time.monotonic()


def note(what: str) -> None:
    print(what if what.startswith("|") else f"{time.monotonic() - STARTED:6.0f} s  {what}", flush=True)


def fit_probes(clips: list[Clip], work: Path) -> Path:
    """One without the speakers of each fold, whose evidence the scores learn from, and one of all."""
    out = work / "probes"
    out.mkdir(exist_ok=True)
    states, alignments, good = States(work), read_alignments(work / "alignments.jsonl"), good_speakers(clips)
    lengths = np.diff(states.starts).tolist()
    phones = [frame_phones(clip, alignments[clip.id], length) for clip, length in zip(clips, lengths, strict=True)]
    folds = np.array([fold_of(clip.speaker) for clip in clips])
    learned = np.array([clip.speaker in good for clip in clips])
    for fold in (*range(FOLDS), None):
        name = "probe" if fold is None else f"probe_{fold}"
        if (out / f"{name}.priors.json").exists():
            continue
        layers, priors = probe.fit(states, phones, np.flatnonzero(learned & (folds != fold)).tolist())
        probe_graph.write_probe(layers, out / f"{name}.onnx")
        probe.write_priors(priors, out / f"{name}.priors.json")
        note(name)
    return out


def hear_as_the_scorer(clips: list[Clip], corpus: Path, probes: Path, out: Path) -> Path:
    """
    No formula of a feature is here: the scorer's own code writes what it hears, by the probe that does not know the
    speaker. It listens with the encoder in models/pronunciation. Every second clip in a process of its own; the order of
    the clips decides what the seeds draw.
    """
    evidence = out / "evidence.jsonl"
    if evidence.exists():
        return evidence
    folds = probes / "folds.json"
    folds.write_text(json.dumps({clip.speaker: fold_of(clip.speaker) for clip in clips}), encoding="utf-8")
    given = ["--corpus", corpus, "--probe", probes / "probe_{fold}.onnx", "--folds", folds]
    halves = [out / "0", out / "1"]
    running = [
        subprocess.Popen(["bun", EVIDENCE, *map(str, given), "--out", str(half), "--part", f"{part}/2"], cwd=ROOT)
        for part, half in enumerate(halves)
    ]
    if any([process.wait() for process in running]):
        raise SystemExit("evidence.ts failed")
    shutil.copyfile(halves[0] / "inputs.json", out / "inputs.json")
    evidence.write_bytes(b"".join((half / "evidence.jsonl").read_bytes() for half in halves))
    note("evidence")
    return evidence


def hear_misreadings(corpus: Path, probes: Path, out: Path) -> Path:
    """The scorer's own code again: what it hears in readings that are wrong in a known way."""
    done = out / "done"
    if not done.exists():
        given = ["--corpus", corpus, "--out", out, "--probe", probes / "probe_{fold}.onnx"]
        given += ["--folds", probes / "folds.json", "--clips", MISREAD_CLIPS]
        subprocess.run(["bun", EXAMPLES, *map(str, given)], cwd=ROOT, check=True)
        done.touch()
        note("misreadings")
    return out


def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("corpus", "moonshine", "work", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    given = parser.parse_args()
    corpus, work, out = given.corpus.resolve(), given.work.resolve(), given.out.resolve()
    for folder in (work, out):
        folder.mkdir(parents=True, exist_ok=True)

    with_middle(given.moonshine / "encoder_model.onnx", out / "encoder.onnx")
    shutil.copyfile(given.moonshine / "decoder_model_merged.onnx", out / "decoder.onnx")
    clips = read_clips(corpus)
    note(f"{len(clips)} clips")
    align_all(clips, work / "alignments.jsonl")
    note("alignments")
    if not (work / "frames.npy").exists():
        hear_all(clips, out / "encoder.onnx", work)
        note("encoder's states")
    probes = fit_probes(clips, work)
    shutil.copyfile(probes / "probe.onnx", out / "probe.onnx")
    priors = json.loads((probes / "probe.priors.json").read_text(encoding="utf-8"))
    evidence = hear_as_the_scorer(clips, corpus, probes, work / "evidence")
    fit_all(read_evidence(evidence, clips), priors, out, note)
    fit_misreadings([hear_misreadings(corpus, probes, work / "misread")], out / "misreadings.json")
    note("done")


if __name__ == "__main__":
    main()
