"""LiteRT models of one matrix, made without TensorFlow: a test says what a network answers by choosing its weights."""

from __future__ import annotations

import hashlib
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from numpy.typing import NDArray

from core.card import Calibration, Card


def tiny_tflite(
    outputs: int = 11,
    *,
    side: int = 28,
    weights: NDArray[np.float32] | None = None,
    bias: NDArray[np.float32] | None = None,
) -> bytes:
    """A network (n, side, side, 1) -> (n, outputs): pixels times `weights` (outputs, side²) plus `bias` (outputs,)."""
    if weights is None:
        weights = np.zeros((outputs, side * side), np.float32)
    if bias is None:
        bias = np.arange(outputs, dtype=np.float32)
    arrays = [None, weights.astype(np.float32), bias.astype(np.float32)]
    model = schema.ModelT()
    model.version = 3
    model.buffers = [_buffer(array) for array in arrays]
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.FULLY_CONNECTED
    model.operatorCodes = [code]
    graph = schema.SubGraphT()
    graph.tensors = [
        _tensor("digits", (1, side, side, 1), 0),
        _tensor("weights", weights.shape, 1),
        _tensor("bias", bias.shape, 2),
        _tensor("scores", (1, outputs), 0),
    ]
    graph.inputs, graph.outputs = [0], [3]
    operator = schema.OperatorT()
    operator.opcodeIndex, operator.inputs, operator.outputs = 0, [0, 1, 2], [3]
    operator.builtinOptionsType = schema.BuiltinOptions.FullyConnectedOptions
    operator.builtinOptions = schema.FullyConnectedOptionsT()
    graph.operators = [operator]
    model.subgraphs = [graph]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def card_of(tflite: bytes, name: str = "tiny", **changes: Any) -> Card:
    """A true card for `tflite`, with `changes` to its fields."""
    values: dict[str, Any] = {
        "name": name,
        "created": "2026-01-02T03:04:05+00:00",
        "network": "matrix",
        "parameters": 8635,
        "outputs": 11,
        "data": ("made by hand",),
        "command": "python -m core train --network matrix",
        "settings": {"seed": 1},
        "figures": {"accuracy": 0.5},
        "calibration": Calibration(),
        "tflite_sha256": hashlib.sha256(tflite).hexdigest(),
        "tflite_bytes": len(tflite),
    }
    return Card(**(values | changes))


def _buffer(array: NDArray[np.float32] | None) -> Any:
    buffer = schema.BufferT()
    if array is not None:
        buffer.data = np.frombuffer(array.tobytes(), np.uint8)
    return buffer


def _tensor(name: str, shape: tuple[int, ...], buffer: int) -> Any:
    tensor = schema.TensorT()
    tensor.name, tensor.shape, tensor.buffer = name, list(shape), buffer
    tensor.type = schema.TensorType.FLOAT32
    return tensor
