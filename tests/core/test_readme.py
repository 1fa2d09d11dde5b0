"""The README's figures are those of the model that ships, and of every kind of page."""

from __future__ import annotations

import re

from core.card import SHIPPED
from core.files import REPOSITORY
from core.models import ModelStore
from core.synthesis.kinds import KINDS

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")


def printed_by(command: str) -> list[str]:
    """The lines of the block that follows a command."""
    return README.split(f"`{command}`", 1)[1].split("```\n", 2)[1].splitlines()


def test_difficulties_has_a_row_for_every_kind_of_page() -> None:
    rows = [re.split(r"\s{2,}", line)[0] for line in printed_by("python -m core difficulties")[1:]]

    assert rows == list(KINDS)


def test_evaluate_is_of_the_model_that_ships() -> None:
    card = ModelStore(REPOSITORY / "models").card(SHIPPED)
    lines = printed_by("python -m core evaluate")

    assert lines[0] == f"{card.name}: {card.network}, {card.parameters:,} parameters, made {card.created[:10]}"
    right = next(line for line in lines if line.startswith("  right "))
    assert f"{100 * card.figures['mnist_test_accuracy']:.2f} %" in right
    exact = next(line for line in lines if line.startswith("  read exactly "))
    assert f"{100 * card.figures['pens_canvas_exact']:.2f} %" in exact
