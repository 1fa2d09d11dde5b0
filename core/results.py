"""What came of each page of each file, as JSON and as a table: the form in which readings leave the program."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any

from core.reading import Reading, four_digits

COLUMNS = ("file", "page", "line", "text", "confidence", "error")
# A spreadsheet runs a cell that starts with one of these as a formula, also one that came from a file's name.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(frozen=True, eq=False)
class Result:
    """One page, read or not.

    page: None where a file has one page, or could not be opened.
    reading, error: exactly one of them.
    """

    file: str
    page: int | None = None
    reading: Reading | None = None
    error: str | None = None

    def __post_init__(self) -> None:
        if (self.reading is None) == (self.error is None):
            raise ValueError("a result is either a reading or an error")

    def to_json(self) -> dict[str, Any]:
        """The result as the command line's JSON object."""
        place: dict[str, Any] = {"file": self.file} if self.page is None else {"file": self.file, "page": self.page}
        if self.reading is None:
            return place | {"error": self.error}
        return place | self.reading.to_json(self.file)

    def rows(self) -> tuple[tuple[str, ...], ...]:
        """Rows of the table, one for each line of writing, and one without text where there is none; cells are safe."""
        place = (_safe(self.file), str(self.page or 1))
        if self.reading is None:
            return ((*place, "", "", "", _safe(self.error or "")),)
        if not self.reading.lines:
            return ((*place, "", "", "", ""),)
        return tuple(
            (*place, str(number), _safe(line.text), f"{four_digits(line.confidence):.4f}", "")
            for number, line in enumerate(self.reading.lines, 1)
        )


def to_csv(rows: Iterable[Sequence[str]]) -> str:
    """A table with `COLUMNS` for its head, as RFC 4180 has it."""
    text = StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(rows)
    return text.getvalue()


def printable(text: str) -> str:
    """`text` with what would break a terminal, a table or a line (control characters, broken UTF-8) written out."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _safe(cell: str) -> str:
    """A cell that no spreadsheet runs: a leading apostrophe marks it as text (OWASP, "CSV Injection")."""
    marked = "'" + cell if cell.startswith(FORMULA_STARTS) else cell
    return printable(marked)
