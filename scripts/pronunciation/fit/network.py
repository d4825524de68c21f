"""
A small network over the phones of a clip, after GOPT (Gong et al. 2022) with convolutions for attention. Heads for the
share of experts that marks a phone, for the words' scores and for the clip's; all in 0 to 1.
"""

from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from numpy.typing import NDArray

from evidence import ASPECTS, Heard

HIDDEN = 64
MIXING_LAYERS = 3
EPOCHS = 15
BATCH = 32
RATE = 2e-3
DECAY = 1e-2
DROPPED = 0.2
DROPPED_INPUTS = 0.1
FURTHEST_PHONE = 5
FURTHEST_CLIP = 4
# Phones of a clip; about half of the clips have no more.
SHORT = 20

Parameters = dict[str, Any]
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Standard:
    mean: Floats
    sd: Floats

    def apply(self, inputs: Floats, furthest: float) -> Floats:
        return np.clip((inputs - self.mean) / self.sd, -furthest, furthest)


def phone_standard(heard: Heard) -> Standard:
    """Inputs that say which phone was expected stay 0 or 1."""
    kept = np.array([name.startswith("is_") for name in heard.phone_names])
    mean, sd = heard.phones.mean(0, dtype=np.float64), heard.phones.std(0, dtype=np.float64) + 1e-3
    return Standard(np.where(kept, 0, mean).astype(np.float32), np.where(kept, 1, sd).astype(np.float32))


def clip_standard(heard: Heard) -> Standard:
    mean, sd = heard.clips.mean(0, dtype=np.float64), heard.clips.std(0, dtype=np.float64) + 1e-6
    return Standard(mean.astype(np.float32), sd.astype(np.float32))


@dataclass(frozen=True)
class Batches:
    """Clips as wide as the one with the most phones; `member` tells the word of each phone, 0 behind the end."""

    phones: Floats
    member: Floats
    clips: Floats
    errors: Floats
    words: Floats
    scores: Floats

    lengths: NDArray[np.int64]

    def take(self, clips: NDArray[np.int64]) -> tuple[Floats, ...]:
        width = SHORT if self.lengths[clips].max() <= SHORT else self.phones.shape[1]
        of_phones = (self.phones[clips, :width], self.member[clips, :width])
        return (*of_phones, self.clips[clips], self.errors[clips, :width], self.words[clips], self.scores[clips])


def batches(heard: Heard, phone: Standard, clip: Standard) -> Batches:
    clip_of_phone = heard.clip_of_word[heard.word_of_phone]
    count = len(heard.clips)
    place = np.arange(len(clip_of_phone)) - np.searchsorted(clip_of_phone, clip_of_phone)
    word_place = np.arange(len(heard.clip_of_word)) - np.searchsorted(heard.clip_of_word, heard.clip_of_word)
    most_phones, most_words = int(place.max()) + 1, int(word_place.max()) + 1
    phones = np.zeros((count, most_phones, heard.phones.shape[1]), np.float32)
    member = np.zeros((count, most_phones, most_words), np.float32)
    errors = np.zeros((count, most_phones), np.float32)
    words = np.zeros((count, most_words), np.float32)
    phones[clip_of_phone, place] = phone.apply(heard.phones, FURTHEST_PHONE)
    member[clip_of_phone, place, word_place[heard.word_of_phone]] = 1
    errors[clip_of_phone, place] = heard.errors
    words[heard.clip_of_word, word_place] = heard.word_scores / 10
    scores = (heard.scores / 10).astype(np.float32)
    whole = clip.apply(heard.clips, FURTHEST_CLIP)
    return Batches(phones, member, whole, errors, words, scores, np.bincount(clip_of_phone, minlength=count))


def initial(random: np.random.Generator, phone_inputs: int, clip_inputs: int) -> Parameters:
    def layer(inputs: int, outputs: int, gain: float = 1.0):
        weights = gain * random.normal(0, inputs**-0.5, (inputs, outputs))
        return jnp.array(weights, jnp.float32), jnp.zeros(outputs)

    return {
        "phone_in": layer(phone_inputs, HIDDEN),
        "mixing": [layer(3 * HIDDEN, HIDDEN) for _ in range(MIXING_LAYERS)],
        "error": layer(HIDDEN, 1),
        "word_in": layer(2 * HIDDEN + 1, HIDDEN),
        "word_out": layer(HIDDEN, 1, 0.1),
        "clip_in": layer(2 * HIDDEN + 3 + clip_inputs, HIDDEN),
        "clip_out": layer(HIDDEN, len(ASPECTS), 0.1),
    }


def forward(parameters: Parameters, phones, member, clips, key=None):
    """-> errors of phones, scores of words, scores of clips. With a key some numbers are dropped, as in training."""

    def drop(values, share=DROPPED):
        nonlocal key
        if key is None:
            return values
        key, own = jax.random.split(key)
        return values * jax.random.bernoulli(own, 1 - share, values.shape) / (1 - share)

    def apply(layer, values):
        return values @ layer[0] + layer[1]

    mask = member.sum(-1)
    states = drop(jax.nn.relu(apply(parameters["phone_in"], drop(phones, DROPPED_INPUTS))) * mask[..., None])
    for layer in parameters["mixing"]:
        padded = jnp.pad(states, ((0, 0), (1, 1), (0, 0)))
        around = jnp.concatenate([padded[:, :-2], padded[:, 1:-1], padded[:, 2:]], -1)
        states = (states + drop(jax.nn.relu(apply(layer, around)))) * mask[..., None]
    errors = jax.nn.sigmoid(apply(parameters["error"], states)[..., 0] - 2) * mask

    phones_of_word = member.sum(1)
    is_word = (phones_of_word > 0.5).astype(jnp.float32)
    mean_state = jnp.einsum("bph,bpw->bwh", states, member) / (phones_of_word + 1e-6)[..., None]
    outside = -1e3 * (1 - member)
    most_state = jnp.where(is_word[..., None] > 0, (states[:, :, None, :] + outside[..., None]).max(1), 0)
    worst = (errors[:, :, None] * member).max(1)
    inside = drop(jnp.concatenate([mean_state, most_state, worst[..., None]], -1))
    word_states = jax.nn.relu(apply(parameters["word_in"], inside)) * is_word[..., None]
    words = 0.98 - 0.9 * worst + apply(parameters["word_out"], word_states)[..., 0]

    count = is_word.sum(1, keepdims=True)
    mean_score = (words * is_word).sum(1, keepdims=True) / count
    least_score = jnp.where(is_word > 0, words, 2).min(1, keepdims=True)
    mean_error = errors.sum(1, keepdims=True) / mask.sum(1, keepdims=True)
    # States are not negative: the zeros behind the last word never are the most.
    whole = [word_states.sum(1) / count, word_states.max(1), mean_score, least_score, mean_error, clips]
    clip_states = jax.nn.relu(apply(parameters["clip_in"], drop(jnp.concatenate(whole, -1))))
    return errors, words, 0.8 * mean_score + 0.1 + apply(parameters["clip_out"], clip_states)


def loss(parameters: Parameters, batch, key):
    phones, member, clips, errors, words, scores = batch
    told_errors, told_words, told_scores = forward(parameters, phones, member, clips, key)
    is_phone, is_word = member.sum(-1), (member.sum(1) > 0.5).astype(jnp.float32)
    of_phones = ((told_errors - errors) ** 2 * is_phone).sum() / is_phone.sum()
    of_words = ((told_words - words) ** 2 * is_word).sum() / is_word.sum()
    return of_phones + of_words + ((told_scores - scores) ** 2).mean()


OPTIMISER = optax.chain(optax.clip_by_global_norm(1.0), optax.scale_by_adam(), optax.add_decayed_weights(DECAY))


@jax.jit
def step(parameters: Parameters, state, batch, key, rate):
    gradients = jax.grad(loss)(parameters, batch, key)
    updates, state = OPTIMISER.update(gradients, state, parameters)
    return jax.tree.map(lambda value, update: value - rate * update, parameters, updates), state


def draw_batches(data: Batches, clips: NDArray[np.int64], random: np.random.Generator) -> list[NDArray[np.int64]]:
    """Short clips together, so that little is padding; what does not fill a batch waits an epoch."""
    order = random.permutation(clips)
    short = data.lengths[order] <= SHORT
    drawn = [
        group[start : start + BATCH]
        for group in (order[short], order[~short])
        for start in range(0, len(group) // BATCH * BATCH, BATCH)
    ]
    return [drawn[i] for i in random.permutation(len(drawn))]


def train(data: Batches, clips: NDArray[np.int64], seed: int) -> Parameters:
    random = np.random.default_rng(seed)
    parameters = initial(random, data.phones.shape[-1], data.clips.shape[-1])
    state = OPTIMISER.init(parameters)
    plan = [batch for _ in range(EPOCHS) for batch in draw_batches(data, clips, random)]
    rates = optax.warmup_cosine_decay_schedule(RATE / 10, RATE, len(plan) // 10, len(plan))
    key = jax.random.key(seed, impl="unsafe_rbg")
    for i, batch in enumerate(plan):
        key, own = jax.random.split(key)
        parameters, state = step(parameters, state, data.take(batch), own, rates(i))
    return jax.tree.map(np.asarray, parameters)


predict_batch = jax.jit(forward)


def predict(parameters: Parameters, data: Batches, clips: NDArray[np.int64]) -> tuple[Floats, Floats, Floats]:
    """Padded as the batches are."""
    told = [
        predict_batch(parameters, data.phones[part], data.member[part], data.clips[part])
        for part in np.array_split(clips, max(1, len(clips) // 100))
    ]
    errors, words, scores = (np.concatenate([np.asarray(one[k]) for one in told]) for k in range(3))
    return errors, words, scores


def flat(parameters: Parameters) -> Floats:
    """As network.f32 has them: weights row by row, a row for each input, then biases, layer after layer."""
    layers = [
        parameters["phone_in"],
        *parameters["mixing"],
        *(parameters[name] for name in ("error", "word_in", "word_out", "clip_in", "clip_out")),
    ]
    return np.concatenate([part.ravel() for layer in layers for part in layer]).astype("<f4")
