"""One measured figure beside its target, and the table of all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

Unit = Literal["ms", "s", "MB", "frames"]


@dataclass(frozen=True)
class Figure:
    """One figure; less is better.

    key: name in JSON; name: for people. target: at most this, None where it only stands beside another.
    note: what a reader of the table must know.
    """

    key: str
    name: str
    value: float
    unit: Unit
    target: float | None = None
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None without one."""
        return None if self.target is None else self.value <= self.target

    @property
    def text(self) -> str:
        """The figure as a line of the table."""
        target = "" if self.target is None else _shown(self.target, self.unit)
        verdict = {None: "", True: "met", False: "missed"}[self.met]
        return f"{self.name:58} {_shown(self.value, self.unit):>12} {target:>10} {verdict:7} {self.note}".rstrip()

    def to_json(self) -> dict[str, Any]:
        """The figure as a JSON object."""
        return {
            "name": self.name,
            "value": round(self.value, 4),
            "unit": self.unit,
            "target": self.target,
            "met": self.met,
            "note": self.note,
        }


def table(figures: Sequence[Figure]) -> str:
    """All figures as text, with a head."""
    return "\n".join([f"{'':58} {'median':>12} {'target':>10}", *(figure.text for figure in figures)])


def _shown(value: float, unit: Unit) -> str:
    """Three figures that count: 0.093 ms, 4.12 ms, 318 ms."""
    digits = 0 if value >= 100 else 1 if value >= 10 else 2 if value >= 1 else 3
    shown = f"{value:,.{digits}f}".rstrip("0").rstrip(".") if digits else f"{value:,.0f}"
    return f"{shown} {unit}"
