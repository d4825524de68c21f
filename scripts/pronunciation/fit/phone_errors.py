"""Experts' marks on the aligned phones: what share of the experts marks each one."""

from statistics import fmean

from corpus import VOWELS, Mark, Word

# The experts' lexicon has phones that CMUdict does not have, or writes as two.
AS_CMUDICT = {
    "AX": ["AH"],
    "AXR": ["ER"],
    "AR": ["AA", "R"],
    "OO": ["AA"],
    "EE": ["EH", "R"],
    "IR": ["IH", "R"],
    "UR": ["UH", "R"],
    "TS": ["T", "S"],
    "DZ": ["D", "Z"],
    "TR": ["T", "R"],
    "DR": ["D", "R"],
}

# Where the two lexicons differ on a word, it is mostly by one of these.
NEAR = [
    frozenset(pair.split("/"))
    for pair in "AH/IH AA/AO AH/AA IH/IY UH/UW AE/EH ER/AH S/Z T/D TH/DH AE/AH OW/AO EH/AH".split()
]

SKIP = 0.8
WRONG_WHOLLY = 2


def unlikeness(a: str, b: str) -> float:
    if a == b:
        return 0
    if frozenset((a, b)) in NEAR:
        return 0.4
    if (a in VOWELS) != (b in VOWELS):
        return 1.6
    return 0.6 if a in VOWELS else 0.9


def one_expert(phones: list[str], marks: list[Mark]) -> list[float]:
    """0 right to 1 wrong for each phone, by the cheapest alignment of the two pronunciations."""
    told = [
        (phone, (WRONG_WHOLLY - score) / WRONG_WHOLLY)
        for name, score in marks
        for phone in AS_CMUDICT.get(name, [name])
    ]
    costs = [[SKIP * (i + j) for j in range(len(told) + 1)] for i in range(len(phones) + 1)]
    for i, phone in enumerate(phones):
        for j, (name, _) in enumerate(told):
            costs[i + 1][j + 1] = min(
                costs[i][j] + unlikeness(phone, name), costs[i][j + 1] + SKIP, costs[i + 1][j] + SKIP
            )
    errors: list[float | None] = [None] * len(phones)
    i, j = len(phones), len(told)
    while i and j:
        if abs(costs[i][j] - costs[i - 1][j - 1] - unlikeness(phones[i - 1], told[j - 1][0])) < 1e-9:
            errors[i - 1] = told[j - 1][1]
            i, j = i - 1, j - 1
        elif abs(costs[i][j] - costs[i - 1][j] - SKIP) < 1e-9:
            i -= 1
        else:
            j -= 1
    return [error if error is not None else beside(errors, i) for i, error in enumerate(errors)]


def beside(errors: list[float | None], i: int) -> float:
    """A phone that the expert's pronunciation does not have is as right as the one before it, else the one behind."""
    around = [errors[k] for k in (i - 1, i + 1) if 0 <= k < len(errors)]
    return next((error for error in around if error is not None), 0.0)


def phone_errors(word: Word, phones: list[str]) -> list[float]:
    """Means over the experts; `phones` as the word was aligned, CMUdict's names."""
    return [fmean(of_phone) for of_phone in zip(*(one_expert(phones, marks) for marks in word.marks), strict=True)]
