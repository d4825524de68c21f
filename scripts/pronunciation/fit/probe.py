"""The phone probe: a small perceptron that reads the phone of a frame from the encoder's states around it."""

import json
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import optax
from numpy.typing import NDArray

from corpus import PHONES, SILENCE
from frames import UNKNOWN
from states import States

HIDDEN = 256
FRAMES = 120_000
EPOCHS = 5
BATCH = 512
RATE = 1e-3
DECAY = 1e-2
KEPT = 0.8
SILENCE_KEPT = 0.5
SEED = 1

Floats = NDArray[np.float32]
Layers = list[tuple[Floats, Floats]]


def with_neighbours(states: Floats) -> Floats:
    """The frames before and behind beside each, those at the ends repeated."""
    padded = np.pad(states, ((1, 1), (0, 0)), mode="edge")
    return np.concatenate([padded[:-2], padded[1:-1], padded[2:]], 1)


def training_frames(states: States, phones: list[NDArray[np.int64]], clips: list[int], random: np.random.Generator):
    inputs, targets = [], []
    for clip in clips:
        known = np.flatnonzero(phones[clip] != UNKNOWN)
        if len(known) == 0:
            continue
        heard = phones[clip][known] != SILENCE
        known = known[heard | (random.random(len(known)) < SILENCE_KEPT)]
        inputs.append(with_neighbours(states[clip])[known].astype(np.float16))
        targets.append(phones[clip][known])
    x, y = np.concatenate(inputs), np.concatenate(targets)
    if len(y) > FRAMES:
        drawn = random.choice(len(y), FRAMES, replace=False)
        x, y = x[drawn], y[drawn]
    return x, y


def forward(layers, x, key):
    (w1, b1), (w2, b2) = layers
    hidden = jax.nn.relu(x @ w1 + b1)
    hidden = hidden * jax.random.bernoulli(key, KEPT, hidden.shape) / KEPT
    return hidden @ w2 + b2


def train(x: NDArray[np.float16], y: NDArray[np.int64]) -> Layers:
    random = np.random.default_rng(SEED)
    mean = x.mean(0, dtype=np.float64).astype(np.float32)
    scale = x.std(0, dtype=np.float64).astype(np.float32) + 1e-3
    width = x.shape[1]
    layers = [
        (jnp.array(random.normal(0, width**-0.5, (width, HIDDEN)), jnp.float32), jnp.zeros(HIDDEN)),
        (jnp.array(random.normal(0, 0.01 * HIDDEN**-0.5, (HIDDEN, len(PHONES))), jnp.float32), jnp.zeros(len(PHONES))),
    ]
    steps = len(y) // BATCH * EPOCHS
    optimiser = optax.adamw(optax.linear_schedule(RATE, 0, steps), weight_decay=DECAY)
    state = optimiser.init(layers)

    @jax.jit
    def step(layers, state, x, y, key):
        def loss(layers):
            return optax.softmax_cross_entropy_with_integer_labels(forward(layers, x, key), y).mean()

        updates, state = optimiser.update(jax.grad(loss)(layers), state, layers)
        return optax.apply_updates(layers, updates), state

    key = jax.random.PRNGKey(SEED)
    for _ in range(EPOCHS):
        order = random.permutation(len(y))
        for start in range(0, len(y) // BATCH * BATCH, BATCH):
            drawn = order[start : start + BATCH]
            key, own = jax.random.split(key)
            layers, state = step(layers, state, (x[drawn].astype(np.float32) - mean) / scale, y[drawn], own)
    (w1, b1), (w2, b2) = [(np.array(w), np.array(b)) for w, b in layers]
    # The scale of the inputs goes into the first layer, so that the probe takes the states as they are.
    return [(w1 / scale[:, np.newaxis], b1 - (mean / scale) @ w1), (w2, b2)]


def log_priors(y: NDArray[np.int64]) -> Floats:
    return np.log((np.bincount(y, minlength=len(PHONES)) + 1) / len(y)).astype(np.float32)


def fit(states: States, phones: list[NDArray[np.int64]], clips: list[int]) -> tuple[Layers, Floats]:
    x, y = training_frames(states, phones, clips, np.random.default_rng(SEED))
    return train(x, y), log_priors(y)


def write_priors(priors: Floats, file: Path) -> None:
    file.write_text(json.dumps([round(float(prior), 6) for prior in priors]) + "\n", encoding="utf-8")
