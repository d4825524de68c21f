"""The phone probe as ONNX, from the encoder's two outputs to log-posteriors."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from corpus import PHONES
from probe import Layers
from states import WIDTH

# Read by every onnxruntime of the last years.
OPSET, IR = 17, 8


def write_probe(layers: Layers, file: Path) -> None:
    (w1, b1), (w2, b2) = layers
    constants = {
        "w1": w1,
        "b1": b1,
        "w2": w2,
        "b2": b2,
        "edges": np.array([1, 0, 1, 0], np.int64),
        "rows": np.array([0], np.int64),
        "before_from": np.array([0], np.int64),
        "before_to": np.array([-2], np.int64),
        "own_from": np.array([1], np.int64),
        "own_to": np.array([-1], np.int64),
        "behind_from": np.array([2], np.int64),
        "behind_to": np.array([2**31 - 1], np.int64),
    }
    slices = [
        helper.make_node("Slice", ["padded", f"{place}_from", f"{place}_to", "rows"], [place])
        for place in ("before", "own", "behind")
    ]
    nodes = [
        helper.make_node("Concat", ["middle", "last"], ["states"], axis=1),
        helper.make_node("Pad", ["states", "edges"], ["padded"], mode="edge"),
        *slices,
        helper.make_node("Concat", ["before", "own", "behind"], ["around"], axis=1),
        helper.make_node("Gemm", ["around", "w1", "b1"], ["sums"]),
        helper.make_node("Relu", ["sums"], ["hidden"]),
        helper.make_node("Gemm", ["hidden", "w2", "b2"], ["odds"]),
        helper.make_node("LogSoftmax", ["odds"], ["logs"], axis=1),
    ]
    inputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["frames", WIDTH]) for name in ("middle", "last")]
    output = helper.make_tensor_value_info("logs", TensorProto.FLOAT, ["frames", len(PHONES)])
    held = [
        numpy_helper.from_array(value.astype(np.float32) if value.dtype.kind == "f" else value, name)
        for name, value in constants.items()
    ]
    graph = helper.make_graph(nodes, "phone_probe", inputs, [output], held)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR)
    onnx.checker.check_model(model)
    file.write_bytes(model.SerializeToString(deterministic=True))
