"""What phone every frame of the encoder is, by the alignment: what the phone probe learns."""

import math
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

from aligner import Phone
from corpus import PHONE, SILENCE, Clip

FRAMES_PER_S = 16_000 / 384
ALIGNED_PER_S = 100
UNKNOWN = -1

# Experts' accuracy of a word from which its phones count as said.
WELL_SAID = 8.5

# Mean accuracy of a speaker's words, by the experts, from which the probe learns of the speaker at all. Words of weak
# speakers that passed have their accent, and the aligner places their phones worse: a probe that learned of them tells
# errors less well.
GOOD_SPEAKER = 8.9


def good_speakers(clips: list[Clip]) -> set[str]:
    own: dict[str, list[float]] = {}
    for clip in clips:
        own.setdefault(clip.speaker, []).extend(word.accuracy for word in clip.words)
    return {speaker for speaker, scores in own.items() if fmean(scores) >= GOOD_SPEAKER}


def first_frame(at: int) -> int:
    """The first frame whose middle lies behind this place of the alignment."""
    return max(0, math.ceil(at / ALIGNED_PER_S * FRAMES_PER_S - 0.5 + 1e-6))


def frame_phones(clip: Clip, aligned: list[tuple[str, list[Phone]]], frames: int) -> NDArray[np.int64]:
    """UNKNOWN in words that were not said well."""
    phones = np.full(frames, UNKNOWN)
    words = iter(clip.words)
    for name, parts in aligned:
        filler = name[0] in "<[+"
        if not filler and next(words).accuracy < WELL_SAID:
            continue
        for phone, start, length in parts:
            known = SILENCE if filler else PHONE.get(phone, UNKNOWN)
            phones[first_frame(start) : first_frame(start + length)] = known
    return phones
