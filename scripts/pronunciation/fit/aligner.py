"""PocketSphinx's forced alignment: where the phones lie of which the phone probe learns."""

import json
import os
import wave
from pathlib import Path

from pocketsphinx import Decoder, get_model_path

from corpus import Clip

# Start and length in hundredths of a second, and CMUdict's name.
Phone = tuple[str, int, int]

# A word that is in no dictionary (a name, a slip of the pen) is read letter by letter.
LETTERS = dict(
    zip(
        "abcdefghijklmnopqrstuvwxyz",
        "AE B K D EH F G HH IH JH K L M N AA P K R S T AH V W K_S IY Z".split(),
        strict=True,
    )
)


class Aligner:
    def __init__(self) -> None:
        self.decoder = Decoder(lm=None, loglevel="FATAL", bestpath=False)
        with open(os.path.join(get_model_path(), "en-us/cmudict-en-us.dict"), encoding="utf-8") as lines:
            self.known = {line.split()[0] for line in lines if line.strip()}

    def add(self, word: str) -> None:
        if word in self.known:
            return
        phones = " ".join(LETTERS[letter] for letter in word if letter in LETTERS).replace("_", " ")
        self.decoder.add_word(word, phones, True)
        self.known.add(word)

    def hear(self, sound: bytes) -> None:
        self.decoder.start_utt()
        self.decoder.process_raw(sound, full_utt=True)
        self.decoder.end_utt()

    def align(self, sound: bytes, words: list[str]) -> list[tuple[str, list[Phone]]] | None:
        """Words (fillers too, `<sil>`) with their phones; None where the words were not found in the sound."""
        for word in words:
            self.add(word)
        try:
            self.decoder.set_align_text(" ".join(words))
            self.hear(sound)
            if self.decoder.hyp() is None:
                return None
            self.decoder.set_alignment()
            self.hear(sound)
        except RuntimeError:
            return None
        return [
            (word.name, [(phone.name, phone.start, phone.duration) for phone in word])
            for word in self.decoder.get_alignment()
        ]


def align_all(clips: list[Clip], file: Path) -> None:
    """A JSON line a clip. Clips that stand in the file already are left as they are."""
    done = sum(1 for _ in file.open(encoding="utf-8")) if file.exists() else 0
    aligner = Aligner()
    with file.open("a", encoding="utf-8") as out:
        for clip in clips[done:]:
            words = [word.lower().strip('.,?!"') for word in clip.text.split()]
            with wave.open(str(clip.wav)) as sound:
                found = aligner.align(sound.readframes(sound.getnframes()), words)
            print(json.dumps({"id": clip.id, "words": found}), file=out, flush=True)


def read_alignments(file: Path) -> dict[str, list[tuple[str, list[Phone]]]]:
    with file.open(encoding="utf-8") as lines:
        read = (json.loads(line) for line in lines)
        return {one["id"]: one["words"] or [] for one in read}
