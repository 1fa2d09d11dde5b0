"""The networks as data: visible lists of layers with their source, their cost and the accuracy to expect.

`core.networks` builds them with Keras; here their shapes and parameters are counted without it, so that the app can
show a network before it is trained.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil, prod
from typing import NamedTuple

from core.errors import SettingsError

INPUT_SHAPE = (28, 28, 1)
Shape = tuple[int, ...]


class Convolution(NamedTuple):
    """Square filters; without a bias where a normalization follows, which has a shift of its own."""

    filters: int
    size: int = 3
    stride: int = 1
    same: bool = True
    bias: bool = True


class Normalization(NamedTuple):
    """Batch normalization (Ioffe and Szegedy 2015): folded into the convolution before it when exported."""

    momentum: float = 0.98


class Relu(NamedTuple):
    """Negative values become zero."""


class Pooling(NamedTuple):
    """The largest of 2 x 2 neighbors."""


class GlobalAverage(NamedTuple):
    """One mean per channel."""


class Flatten(NamedTuple):
    """All values in a row."""


class Dropout(NamedTuple):
    """A share of values left out in training; the share is a setting."""


class Dense(NamedTuple):
    """Every value weighed for every unit."""

    units: int


Layer = Convolution | Normalization | Relu | Pooling | GlobalAverage | Flatten | Dropout | Dense


class LayerRow(NamedTuple):
    """One line of the table of a network: what a layer does, what comes out of it, what it learns and costs.

    multiplications: per digit.
    """

    name: str
    shape: Shape
    parameters: int
    multiplications: int


@dataclass(frozen=True, kw_only=True)
class Network:
    """One architecture. outputs: 10, or 11 with "not a digit"; title, about: for people; dropout: its own share."""

    name: str
    title: str
    outputs: int
    about: str
    layers: tuple[Layer, ...]
    dropout: float
    rows: tuple[LayerRow, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "rows", _rows((*self.layers, Dense(self.outputs))))

    @property
    def parameters(self) -> int:
        """Everything that training changes, moving averages of normalization included."""
        return sum(row.parameters for row in self.rows)

    @property
    def multiplications(self) -> int:
        """For one digit."""
        return sum(row.multiplications for row in self.rows)


def network(name: str) -> Network:
    """An architecture by name.

    Raises:
        SettingsError: there is none of that name.
    """
    if name not in NETWORKS:
        raise SettingsError(f"there is no network {name[:60]!r}; choose one of {', '.join(NETWORKS)}")
    return NETWORKS[name]


def _rows(layers: tuple[Layer, ...]) -> tuple[LayerRow, ...]:
    rows: list[LayerRow] = []
    shape: Shape = INPUT_SHAPE
    for layer in layers:
        row = _row(layer, shape)
        rows.append(row)
        shape = row.shape
    return tuple(rows)


def _row(layer: Layer, shape: Shape) -> LayerRow:
    match layer:
        case Convolution(filters, size, stride, same, bias):
            sides = tuple(ceil((side - (0 if same else size - 1)) / stride) for side in shape[:2])
            name = f"{filters} filters of {size} x {size}" + (f", every {stride} pixels" if stride > 1 else "")
            weights = size * size * shape[2] * filters
            return LayerRow(name, (*sides, filters), weights + bias * filters, weights * prod(sides))
        case Normalization():
            return LayerRow("batch normalization", shape, 4 * shape[-1], 0)
        case Relu():
            return LayerRow("negative values to zero", shape, 0, 0)
        case Pooling():
            return LayerRow("largest of 2 x 2", (shape[0] // 2, shape[1] // 2, shape[2]), 0, 0)
        case GlobalAverage():
            return LayerRow("mean of each channel", shape[-1:], 0, 0)
        case Flatten():
            return LayerRow("all in a row", (prod(shape),), 0, 0)
        case Dropout():
            return LayerRow("dropout", shape, 0, 0)
        case Dense(units):
            return LayerRow(f"{units} units", (units,), (shape[0] + 1) * units, shape[0] * units)


def _normalized(filters: int, *, stride: int = 1) -> tuple[Layer, ...]:
    return (Convolution(filters, stride=stride, bias=False), Normalization(), Relu())


def _inside(filters: int) -> tuple[Layer, ...]:
    """Only where filters lie wholly in the picture: the border is paper."""
    return (Convolution(filters, same=False), Relu())


PLAIN = Network(
    name="plain",
    title="Plain",
    outputs=10,
    about='Two convolutions and one dense layer, as in Keras\'s "Simple MNIST convnet" by François Chollet, 2015. '
    '35 thousand parameters; 99.0 to 99.2 % on MNIST; knows no "not a digit".',
    layers=(
        *_inside(32),
        Pooling(),
        *_inside(64),
        Pooling(),
        Flatten(),
        Dropout(),
    ),
    dropout=0.25,
)

DIGITSCOPE = Network(
    name="digitscope",
    title="Digitscope",
    outputs=11,
    about="Seven 3x3 convolutions with batch normalization and global average pooling, after Springenberg and "
    'others, "Striving for Simplicity: The All Convolutional Net", 2015. 481 thousand parameters, 480 KB '
    "quantized, 0.1 ms a digit on one core; 99.7 % on MNIST.",
    layers=(
        *_normalized(16),
        *_normalized(48, stride=2),  # strides, not pooling: at 28x28 each channel costs most and says least
        *_normalized(64),
        *_normalized(64),
        *_normalized(128, stride=2),
        *_normalized(128),
        *_normalized(160),
        GlobalAverage(),
        Dropout(),
    ),
    dropout=0.1,
)

SWIFT = Network(
    name="swift",
    title="Swift",
    outputs=11,
    about="Three convolutions and one dense layer, the first with strides, so that little is spent at full size. "
    "92 thousand parameters; 99.4 to 99.5 % on MNIST after six epochs of a few seconds each.",
    layers=(
        Convolution(32, 5, 2),
        Relu(),
        *_inside(64),
        Pooling(),
        *_inside(96),
        Flatten(),
        Dropout(),
    ),
    dropout=0.2,
)

LARGE = Network(
    name="large",
    title="Large",
    outputs=11,
    about="Six 3x3 convolutions with batch normalization, two at each size and pooling between, after Simonyan and "
    'Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition", 2015. 1.1 million parameters and '
    "three times the work of the Digitscope network, which it can teach.",
    layers=(
        *_normalized(64),
        *_normalized(64),
        Pooling(),
        *_normalized(128),
        *_normalized(128),
        Pooling(),
        *_normalized(256),
        *_normalized(256),
        GlobalAverage(),
        Dropout(),
    ),
    dropout=0.15,
)

NETWORKS: dict[str, Network] = {one.name: one for one in (DIGITSCOPE, SWIFT, PLAIN, LARGE)}
