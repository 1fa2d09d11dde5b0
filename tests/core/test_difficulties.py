"""`python -m core difficulties`: figures by kind, and the pages that went wrong."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from core.__main__ import main
from core.classifier import Classifier
from core.datasets.strokes import PenDigit
from core.evaluation import difficulties
from core.evaluation.difficulties import PageAnswer, measure_kind, page_source
from core.models import ModelStore
from core.pens import draw_digit
from core.reader import Reader
from core.synthesis import kind_page
from tests.core.tiny_models import card_of, tiny_tflite


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModelStore:
    """A store with a model that knows nothing, as the one in use."""
    monkeypatch.setenv("DIGITSCOPE_MODELS", str(tmp_path / "models"))
    tflite = tiny_tflite()
    made = ModelStore()
    made.publish("digitscope", tflite, None, card_of(tflite, "digitscope"))
    return made


def test_the_command_prints_one_json_object(store: ModelStore, capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["difficulties", "--count", "1", "--kind", "clean", "--json"])
    answer = json.loads(capsys.readouterr().out)

    assert status == 0
    assert answer["model"] == store.current()
    assert [kind["kind"] for kind in answer["kinds"]] == ["clean"]
    assert answer["kinds"][0]["count"] == 1
    assert (
        0 <= answer["kinds"][0]["interval"][0] <= answer["kinds"][0]["exact"] <= answer["kinds"][0]["interval"][1] <= 1
    )


@pytest.mark.usefixtures("store")
def test_the_worst_pages_are_written_with_truth_and_answer_in_their_name(tmp_path: Path) -> None:
    main(["difficulties", "--count", "1", "--kind", "two digits", "--worst", str(tmp_path / "worst")])
    names = sorted(path.name for path in (tmp_path / "worst").iterdir())

    assert names[0].startswith("two-digits-1-want-")
    assert "-got-" in names[0]


@pytest.mark.usefixtures("store")
def test_an_unknown_kind_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["difficulties", "--kind", "coffee"])

    assert status == 2
    assert "no kind 'coffee'" in capsys.readouterr().err


@pytest.mark.usefixtures("store")
def test_no_pages_make_no_sense(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["difficulties", "--count", "0"])

    assert stopped.value.code == 2
    assert "not a number of pages" in capsys.readouterr().err


def test_figures_count_every_page_and_digit() -> None:
    tflite = tiny_tflite()
    reader = Reader(Classifier(tflite, card_of(tflite, "digitscope")))
    figures = measure_kind(reader, "two digits", count=2, seed=0, source=lambda _kind, _index: None, worst=2)

    assert (figures.exact.count, figures.digits) == (2, 4)
    assert len(figures.worst) == min(2, 2 - figures.exact.hits)
    assert [answer.errors for answer in figures.worst] == sorted((a.errors for a in figures.worst), reverse=True)


@pytest.mark.parametrize(
    ("text", "exact"), [("{}", True), (" {} \n", True), ("{}\n1", False), ("1{}", False), ("", False)]
)
def test_a_page_is_exact_when_all_its_lines_are(text: str, exact: bool) -> None:
    page = kind_page("clean", 0, 0)

    assert PageAnswer(page, text.format(page.text), 0, 1.0).exact is exact


def test_a_page_by_recorded_pens_is_by_one_whole_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    def pens(_split: str) -> tuple[PenDigit, ...]:
        upright = [PenDigit(draw_digit(digit, np.random.default_rng(digit)), digit, writer=1) for digit in range(10)]
        return (*upright, PenDigit(draw_digit(3, np.random.default_rng(0)), 3, writer=2))

    monkeypatch.setattr(difficulties, "pendigits", pens)
    source = page_source("held-out", 0)

    for index in range(6):
        written = source("clean", index)
        assert written is not None
        assert written(7, np.random.default_rng(0)).any()
