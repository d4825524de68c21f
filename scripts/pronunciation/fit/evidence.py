"""What the scorer itself hears in the clips (scripts/pronunciation/evidence.ts), beside what the experts say."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus import Clip, fold_of
from phone_errors import phone_errors

Floats = NDArray[np.float64]

ASPECTS = ("accuracy", "fluency", "prosodic", "total")

# Speakers whose mean for accuracy is lower are told from the others by any method.
ORDINARY = 6.3


@dataclass(frozen=True)
class Heard:
    """Phones, words and clips lie one behind the other, in the order of the clips."""

    phone_names: list[str]
    phones: NDArray[np.float32]
    """The network's inputs, [phones, names]."""
    word_of_phone: NDArray[np.int64]
    errors: Floats
    """The share of the experts that marks each phone."""

    word_names: list[str]
    words: NDArray[np.float32]
    clip_of_word: NDArray[np.int64]
    word_scores: Floats

    clip_names: list[str]
    clips: NDArray[np.float32]
    scores: Floats
    """[clips, ASPECTS], the experts' scale, 0 to 10; so are word_scores."""
    folds: NDArray[np.int64]
    ordinary: NDArray[np.bool_]


def ordinary_speakers(clips: list[Clip]) -> set[str]:
    own: dict[str, list[float]] = {}
    for clip in clips:
        own.setdefault(clip.speaker, []).append(clip.accuracy)
    return {speaker for speaker, scores in own.items() if np.mean(scores) >= ORDINARY}


def read_evidence(file: Path, clips: list[Clip]) -> Heard:
    """Clips that the scorer cut into several passages are left out: there the experts scored the whole."""
    phone_names = json.loads((file.parent / "inputs.json").read_text(encoding="utf-8"))
    scored = {clip.id: clip for clip in clips}
    phones, errors, word_of_phone, words, word_scores, clip_of_word, wholes, kept = [], [], [], [], [], [], [], []
    with file.open(encoding="utf-8") as lines:
        for one in map(json.loads, lines):
            clip = scored.get(one["id"])
            if clip is None or len(one["clip"]) != 1 or len(one["words"]) != len(clip.words):
                continue
            for w, (word, heard) in enumerate(zip(clip.words, one["words"], strict=True)):
                own = [phone for phone in one["phones"] if phone["word"] == w]
                errors += phone_errors(word, [phone["phone"] for phone in own])
                phones += [phone["inputs"] for phone in own]
                word_of_phone += [len(words)] * len(own)
                words.append(heard["evidence"])
                word_scores.append(word.accuracy)
                clip_of_word.append(len(kept))
            wholes.append(one["clip"][0])
            kept.append(clip)
    word_names = list(words[0])
    clip_names = [name for name in wholes[0] if not name.startswith("w_")]
    able = ordinary_speakers(clips)
    return Heard(
        phone_names=phone_names,
        phones=np.array(phones, np.float32),
        word_of_phone=np.array(word_of_phone),
        errors=np.array(errors),
        word_names=word_names,
        words=np.array([[word[name] for name in word_names] for word in words], np.float32),
        clip_of_word=np.array(clip_of_word),
        word_scores=np.array(word_scores),
        clip_names=clip_names,
        clips=np.array([[whole[name] for name in clip_names] for whole in wholes], np.float32),
        scores=np.array([[getattr(clip, aspect) for aspect in ASPECTS] for clip in kept]),
        folds=np.array([fold_of(clip.speaker) for clip in kept]),
        ordinary=np.array([clip.speaker in able for clip in kept]),
    )
