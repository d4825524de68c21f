"""What phone every frame of the encoder is, by the alignment: what the phone probe learns."""

import math

import numpy as np
from numpy.typing import NDArray

from aligner import Phone
from corpus import PHONE, SILENCE, Clip

FRAMES_PER_S = 16_000 / 384
ALIGNED_PER_S = 100
UNKNOWN = -1

# Experts' accuracy of a word from which its phones count as said.
WELL_SAID = 8.5


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
