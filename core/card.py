"""The card beside a model: what it is, what it was trained on, how well it reads, and the hash of its file.

A card comes from disk and may be foreign, so `from_json` believes nothing: every field is there, of its type and in its
range, or a `ModelError` says which one is not.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import Any

from core.errors import ModelError, ModelNameError

CARD_FORMAT = 1
CARD_BYTES_LIMIT = 512 * 1024  # a card with all figures and curves has some 10 KB
TFLITE_BYTES_LIMIT = 64 * 1024 * 1024  # the largest teacher has a few MB; beyond this a file is not one of ours
SHIPPED = "digitscope"
INPUT_CONTRACT = (
    "float32 (n, 28, 28, 1) in 0 to 1, ink = 1, normalized as MNIST is: 20 pixels, center of mass in the middle"
)

_NAME = re.compile(r"[a-z0-9-]{1,40}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
RESERVED = frozenset({"current", "lines"})
"""What stands beside the models in their folder: the store's choice, and the line recognizer."""


def check_name(name: str) -> str:
    """`name` where it can name a model, and so a folder.

    Raises:
        ModelNameError: it holds anything but a-z, 0-9 and "-", is empty, longer than 40, or in `RESERVED`.
    """
    if not _NAME.fullmatch(name) or name in RESERVED:
        raise ModelNameError(
            f"{name[:60]!r} cannot name a model; use 1 to 40 of a-z, 0-9 and -, not {' or '.join(sorted(RESERVED))}"
        )
    return name


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """How a network's raw scores become an honest answer; fitted on validation data, never on a test set.

    temperature: divides the logits before the softmax (Guo et al., "On Calibration of Modern Neural Networks", 2017).
    unsure_below: an answer with less confidence than this is shown as "not sure".
    not_digit_above: a mark with more "not a digit" than this is no digit.
    """

    temperature: float = 1.0
    unsure_below: float = 0.8
    not_digit_above: float = 0.5

    def __post_init__(self) -> None:
        if not (math.isfinite(self.temperature) and 0.01 <= self.temperature <= 100):
            raise ModelError(f"a calibration has a temperature of 0.01 to 100, not {self.temperature}; fit it again")
        for share in (self.unsure_below, self.not_digit_above):
            if not 0 <= share <= 1:
                raise ModelError(f"a calibration's thresholds lie between 0 and 1, {share} does not; fit it again")


@dataclass(frozen=True, kw_only=True)
class Card:
    """What there is to know about one model.

    created: ISO 8601.
    network: name in `core.network_plans`; parameters: its trainable and other weights.
    outputs: 10 (digits) or 11 (and "not a digit").
    data: what it was trained on, and how many pictures of each.
    command: the command that makes it again; settings: its seeds and settings.
    figures: measured results by name, each a number or JSON of numbers.
    tflite_sha256, tflite_bytes: of `model.tflite`, the file that reads.
    input_contract: what the network takes.

    Raises:
        ModelError: a value outside its range.
    """

    name: str
    created: str
    network: str
    parameters: int
    outputs: int
    data: tuple[str, ...]
    command: str
    settings: Mapping[str, Any] = field(hash=False)
    figures: Mapping[str, Any] = field(hash=False)
    calibration: Calibration
    tflite_sha256: str
    tflite_bytes: int
    input_contract: str = INPUT_CONTRACT
    license: str = "MIT"

    def __post_init__(self) -> None:
        check_name(self.name)
        try:
            datetime.fromisoformat(self.created)
        except ValueError as error:
            raise _refusal(f"was created at {self.created[:40]!r}, which is no date") from error
        if self.parameters < 1:
            raise _refusal(f"tells of {self.parameters} parameters")
        if self.outputs not in (10, 11):
            raise _refusal(f"has {self.outputs} outputs where 10 or 11 are known")
        if not _SHA256.fullmatch(self.tflite_sha256):
            raise _refusal("holds no SHA-256 of its model")
        if not 1 <= self.tflite_bytes <= TFLITE_BYTES_LIMIT:
            raise _refusal(f"tells of a model of {self.tflite_bytes} bytes")

    def to_json(self) -> str:
        """The card as indented JSON text, ending with a newline."""
        return json.dumps({"format": CARD_FORMAT, **asdict(self)}, indent=2, allow_nan=False) + "\n"

    def check_content(self, tflite: bytes) -> None:
        """Compare a model's file with what the card says of it.

        Raises:
            ModelError: it is another one, or damaged.
        """
        if len(tflite) != self.tflite_bytes or hashlib.sha256(tflite).hexdigest() != self.tflite_sha256:
            raise ModelError(f"the model {self.name!r} is not the one its card describes; copy or train it again")

    @classmethod
    def from_json(cls, text: str | bytes) -> Card:
        """The card in `text`.

        Raises:
            ModelError: too large, not JSON, a field missing, unknown, of another type or outside its range.
        """
        values = _parse(text)
        _check_keys(values, {spec.name for spec in fields(cls)}, "")
        calibration = _expect(values, "calibration", dict)
        _check_keys(calibration, {spec.name for spec in fields(Calibration)}, "calibration.")
        data = _expect(values, "data", list)
        if not all(isinstance(entry, str) for entry in data):
            raise _refusal("lists data sets that are not text")
        return cls(
            data=tuple(data),
            calibration=Calibration(**{key: _number(calibration, key) for key in calibration}),
            settings=_expect(values, "settings", dict),
            figures=_expect(values, "figures", dict),
            **{key: _expect(values, key, int) for key in ("parameters", "outputs", "tflite_bytes")},
            **{key: _expect(values, key, str) for key in _TEXT_FIELDS},
        )


_TEXT_FIELDS = ("name", "created", "network", "command", "tflite_sha256", "input_contract", "license")


def _refusal(fact: str) -> ModelError:
    return ModelError(f"the model card {fact}; train the model again or take it from its source")


def _parse(text: str | bytes) -> dict[str, Any]:
    if len(text) > CARD_BYTES_LIMIT:
        raise _refusal(f"has {len(text)} bytes where {CARD_BYTES_LIMIT} are plenty")
    try:
        values = json.loads(text, parse_constant=_no_constant, parse_float=_finite)
    except (ValueError, RecursionError) as error:  # ValueError: also bytes that are not UTF-8
        raise _refusal("is not readable JSON") from error
    if not isinstance(values, dict):
        raise _refusal("is not a JSON object")
    version = values.pop("format", None)
    if version != CARD_FORMAT or isinstance(version, bool):
        raise _refusal(f"has format {str(version)[:20]!r} where this program knows {CARD_FORMAT}")
    return values


def _no_constant(constant: str) -> None:
    raise ValueError(f"{constant} is no number")


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError(f"{digits} is beyond every figure")
    return value


def _check_keys(values: dict[str, Any], known: set[str], where: str) -> None:
    for key in sorted(known - values.keys()):
        raise _refusal(f"does not tell its {where}{key}")
    for key in sorted(values.keys() - known):
        raise _refusal(f"holds an unknown field {(where + key)[:60]!r}")


def _expect(values: dict[str, Any], key: str, kind: type) -> Any:
    value = values[key]
    if not isinstance(value, kind) or isinstance(value, bool):
        raise _refusal(f"holds a {key} that is not {_KIND_WORDS[kind]}")
    return value


def _number(values: dict[str, Any], key: str) -> float:
    value = values[key]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _refusal(f"holds a calibration.{key} that is not a number")
    try:
        return float(value)
    except OverflowError as error:
        raise _refusal(f"holds a calibration.{key} beyond every number") from error


_KIND_WORDS: dict[type, str] = {int: "a whole number", str: "text", dict: "an object", list: "a list"}
