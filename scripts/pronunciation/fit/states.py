"""Moonshine's encoder with one more output, and what it makes of every clip."""

import wave
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray

from corpus import Clip

# After the fourth of six layers: phones are told apart best there and in the last one together.
MIDDLE = "/layers.3/Add_1_output_0"
MIDDLE_NAME = "middle_hidden_state"
LAST_NAME = "last_hidden_state"
WIDTH = 288

Floats = NDArray[np.float32]


def with_middle(shipped: Path, out: Path) -> None:
    """The node's output is renamed: a copy of it under another name would be one more node."""
    model = onnx.load(str(shipped))
    for node in model.graph.node:
        for names in (node.input, node.output):
            for i, name in enumerate(names):
                if name == MIDDLE:
                    names[i] = MIDDLE_NAME
    shape = ["batch", "frames", WIDTH]
    model.graph.output.append(onnx.helper.make_tensor_value_info(MIDDLE_NAME, onnx.TensorProto.FLOAT, shape))
    out.write_bytes(model.SerializeToString(deterministic=True))


def one_thread(model: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


def read_wav(file: Path) -> Floats:
    with wave.open(str(file)) as sound:
        return np.frombuffer(sound.readframes(sound.getnframes()), np.int16).astype(np.float32) / 32768


class States:
    """Frames of 24 ms, [frames, 2 * 288] a clip: middle, then last."""

    def __init__(self, folder: Path) -> None:
        self.rows = np.load(folder / "states.npy", mmap_mode="r")
        lengths = np.load(folder / "frames.npy")
        self.starts = np.concatenate([[0], np.cumsum(lengths)])

    def __getitem__(self, clip: int) -> Floats:
        return np.asarray(self.rows[self.starts[clip] : self.starts[clip + 1]], np.float32)


def hear_all(clips: list[Clip], encoder: Path, folder: Path) -> None:
    session = one_thread(encoder)
    rows, lengths = [], []
    for clip in clips:
        sound = read_wav(clip.wav)[np.newaxis]
        middle, last = session.run([MIDDLE_NAME, LAST_NAME], {"input_values": sound})
        rows.append(np.concatenate([middle[0], last[0]], 1).astype(np.float16))
        lengths.append(len(rows[-1]))
    np.save(folder / "states.npy", np.concatenate(rows))
    np.save(folder / "frames.npy", np.array(lengths))
