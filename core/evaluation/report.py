"""Results as rows of one table: for people, and as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import wraps
from math import isfinite
from typing import Any, Literal, ParamSpec

from core.errors import DataError, StorageError
from core.evaluation.measures import Share
from core.evaluation.sheets import Sheet

Unit = Literal["share", "ms", "KB", "count"]
Columns = dict[str, list[float]]
P = ParamSpec("P")


@dataclass(frozen=True)
class Row:
    """One figure.

    key: name in JSON and in a model's card; name: for people.
    value: 0 to 1 where the unit is "share". share: the counts behind it, where it is one.
    note: what a reader of the table must know.
    """

    key: str
    name: str
    value: float
    unit: Unit
    share: Share | None = None
    note: str = ""

    @property
    def shown(self) -> str:
        """The value with its unit."""
        return {
            "share": f"{100 * self.value:.2f} %" if isfinite(self.value) else "-",
            "ms": f"{self.value:.3f} ms",
            "KB": f"{self.value:,.0f} KB",
            "count": f"{self.value:,.0f}",
        }[self.unit]

    @property
    def text(self) -> str:
        """The row as a line of the table."""
        counts = interval = ""
        if self.share is not None:
            low, high = self.share.interval
            counts = f"{self.share.hits:,} of {self.share.count:,}"
            interval = f"{100 * low:.2f} to {100 * high:.2f}"
        return f"  {self.name:44} {self.shown:>11} {counts:>18} {interval:>16}  {self.note}".rstrip()

    def to_json(self) -> dict[str, Any]:
        """The row as a JSON object; shares from 0 to 1."""
        value = self.value if isfinite(self.value) else None  # JSON knows no NaN
        result: dict[str, Any] = {"name": self.name, "value": value, "unit": self.unit}
        if self.share is not None:
            low, high = self.share.interval
            result |= {"hits": self.share.hits, "count": self.share.count, "interval": [low, high]}
        return result | ({"note": self.note} if self.note else {})


@dataclass(frozen=True)
class Part:
    """Figures that were measured together.

    missing: why there are none, or not all. details: more, as JSON. sheets: mistakes to look at.
    curves: what is drawn rather than told, by its name in a card, each as columns of numbers.
    """

    title: str = ""
    rows: tuple[Row, ...] = ()
    missing: tuple[str, ...] = ()
    details: dict[str, Any] = field(default_factory=dict, hash=False)
    sheets: tuple[Sheet, ...] = ()
    curves: dict[str, Columns] = field(default_factory=dict, hash=False)


def needs_data(title: str) -> Callable[[Callable[P, Part]], Callable[P, Part]]:
    """Name what a function measures; where a data set is missing, damaged or cannot be kept, the part says so.

    A training that measures its model at its end keeps it all the same.
    """

    def decorate(measure: Callable[P, Part]) -> Callable[P, Part]:
        @wraps(measure)
        def titled(*args: P.args, **kwargs: P.kwargs) -> Part:
            try:
                return replace(measure(*args, **kwargs), title=title)
            except (DataError, StorageError) as error:
                return Part(title, missing=(str(error),))

        return titled

    return decorate


def share_row(key: str, name: str, share: Share, note: str = "") -> Row:
    """A row for a share with its counts and interval."""
    return Row(key, name, share.value, "share", share, note)


def means(names: Sequence[str], measured: Sequence[Sequence[Part]]) -> Part:
    """What the models `names`, of one recipe and several seeds, reach on average, from the same parts of each.

    A figure that one of them lacks has no mean.
    """
    values = [{row.key: row for part in parts for row in part.rows if isfinite(row.value)} for parts in measured]
    rows = []
    for key, row in values[0].items():
        if all(key in others for others in values):
            of_each = [others[key].value for others in values]
            least, most = (replace(row, value=value).shown for value in (min(of_each), max(of_each)))
            rows.append(Row(f"{key}_mean", row.name, sum(of_each) / len(of_each), row.unit, note=f"{least} to {most}"))
    of_each_model = {
        name: {key: row.value for key, row in rows.items()} for name, rows in zip(names, values, strict=True)
    }
    return Part(
        f"Mean of {len(names)} trainings with different seeds: {', '.join(names)}", tuple(rows), details=of_each_model
    )


def table(parts: Sequence[Part]) -> str:
    """All parts as text, one under another."""
    head = f"{'':46} {'':>11} {'counts':>18} {'95 % interval':>16}"
    blocks = [head]
    for part in parts:
        lines = [part.title, *(row.text for row in part.rows), *(f"  not measured: {why}" for why in part.missing)]
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def matrix(counts: Sequence[Sequence[int]]) -> str:
    """A confusion matrix as text: rows the truth, columns the answer, a dot for none."""
    head = "truth " + "".join(f"{column:>6}" for column in range(len(counts)))
    rows = [f"{truth:>5} " + "".join(f"{count or '.':>6}" for count in row) for truth, row in enumerate(counts)]
    return "\n".join([head, *rows])


def figures(parts: Iterable[Part]) -> dict[str, float | Columns]:
    """Every figure and curve by its key, as a model's card holds them.

    A share of none ("wrong among the sure" where none is sure) is no figure.

    Raises:
        ValueError: two of them have one key.
    """
    found: dict[str, float | Columns] = {}
    for part in parts:
        values = {row.key: row.value for row in part.rows if isfinite(row.value)}
        if twice := {*found, *values} & {*part.curves} | {*found} & {*values}:
            raise ValueError(f"two figures have the key {sorted(twice)}")
        found |= values
        found |= part.curves
    return found


def slug(name: str) -> str:
    """What people call something, as a part of a key."""
    return "_".join("".join(character if character.isalnum() else " " for character in name.lower()).split())
