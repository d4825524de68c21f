"""The training split of speechocean762 (Kaldi's layout) with the raw scores of its experts."""

import json
import re
import zlib
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

FOLDS = 5

# CMUdict's phones without stress, then silence: the order of src/adapters/pronunciation/phones.ts.
PHONES = (
    "AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W Y Z ZH SIL"
).split()
PHONE = {name: i for i, name in enumerate(PHONES)}
SILENCE = PHONE["SIL"]
VOWELS = frozenset("AA AE AH AO AW AY EH ER EY IH IY OW OY UH UW".split())

# A phone as an expert wrote it, and how it was said: 2 right, 1 with an accent, 0 wrong or left out.
Mark = tuple[str, int]


@dataclass(frozen=True)
class Word:
    text: str
    accuracy: float
    marks: list[list[Mark]]
    """A list of marks from each expert."""


@dataclass(frozen=True)
class Clip:
    id: str
    speaker: str
    wav: Path
    text: str
    accuracy: float
    fluency: float
    prosodic: float
    total: float
    words: list[Word]
    """Scores are means over the experts, 0 to 10."""


def fold_of(speaker: str) -> int:
    return zlib.crc32(speaker.encode()) % FOLDS


def marks_of(written: str) -> list[Mark]:
    """`(T) {ER0} N [AH0]`: wrong in (), with an accent in {}, added in [], which is no part of the word."""
    marks: list[Mark] = []
    score, added = 2, False
    for part in re.findall(r"[\[\](){}]|[^\[\](){}\s]+", written):
        if part in "({":
            score = 0 if part == "(" else 1
        elif part in ")}":
            score = 2
        elif part in "[]":
            added = part == "["
        elif not added:
            marks.append((re.sub(r"\d", "", part), score))
    return marks


def table(file: Path) -> dict[str, str]:
    with file.open(encoding="utf-8") as lines:
        return dict(line.rstrip("\n").split(None, 1) for line in lines)


def read_clips(corpus: Path) -> list[Clip]:
    """Clips whose experts scored as many words as their text has: all but two."""
    wav, speaker = table(corpus / "train/wav.scp"), table(corpus / "train/utt2spk")
    clips = []
    for id, written in table(corpus / "dev/utt2score").items():
        scored = json.loads(written)
        words = [
            Word(word["text"], fmean(word["accuracy"]), [marks_of(one) for one in word["phones"]])
            for word in scored["words"]
        ]
        if len(scored["text"].split()) != len(words):
            continue
        means = {aspect: fmean(scored[aspect]) for aspect in ("accuracy", "fluency", "prosodic", "total")}
        clips.append(Clip(id, speaker[id], corpus / wav[id], scored["text"], words=words, **means))
    return clips
