"""Every page, walked with Streamlit's own test client: what it shows, and what it says when something is missing."""

from __future__ import annotations

import json
import tomllib

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.models import ModelStore
from tests.ui.conftest import EVERY_PAGE, ROOT, loaded_after, publish
from ui.frame import PAGES

OTHER_PAGES = [page.path for page in PAGES[1:]]


def words(app: AppTest) -> str:
    """Everything a page says outside its menu."""
    elements = (*app.title, *app.header, *app.subheader, *app.markdown, *app.caption, *app.error)
    answers = (element.proto.body for element in app.get("html"))
    return "\n".join([*(element.value for element in elements), *answers])


@pytest.mark.parametrize("path", ["app.py", *OTHER_PAGES])
def test_every_page_opens_without_an_error(app: AppTest, path: str) -> None:
    app.switch_page(path).run()

    assert not app.exception
    assert not app.error
    assert app.title


@pytest.mark.parametrize("path", ["app.py", *OTHER_PAGES])
def test_every_page_has_the_menu_and_the_model_in_use(app: AppTest, path: str) -> None:
    app.switch_page(path).run()

    links = [element.proto.label for element in app.sidebar.get("page_link")]
    assert links == [page.title for page in PAGES]
    assert any("98.76% on MNIST" in caption.value for caption in app.sidebar.caption)


def test_every_page_of_the_folder_is_in_the_menu() -> None:
    files = {f"pages/{path.name}" for path in (ROOT / "pages").glob("*.py")}

    assert files == set(OTHER_PAGES)


def test_the_home_page_shows_the_figures_of_the_card_and_no_others(app: AppTest) -> None:
    app.run()

    assert {metric.label: metric.value for metric in app.metric} == {
        "MNIST test digits right": "98.76%",
        "Parameters": "8,635",
        "Size of the file": app.metric[2].value,
    }


CURVES = {
    "mnist_test_reliability": {"count": [3, 10, 990], "confidence": [0.2, 0.7, 0.99], "accuracy": [1.0, 0.8, 0.99]},
    "mnist_test_risk_coverage": {"coverage": [0.5, 1.0], "error": [0.0, 0.01], "threshold": [0.9, 0.0]},
}


def test_the_home_page_shows_how_far_the_confidence_can_be_trusted(app: AppTest, store: ModelStore) -> None:
    publish(store, 7, figures=CURVES)
    app.session_state["home_trust"] = True
    app.run()

    assert [expander.label for expander in app.expander] == ["How far its confidence can be trusted"]
    reliability, risk = (json.loads(chart.proto.spec)["data"] for chart in app.get("plotly_chart"))
    assert [series["name"] for series in reliability if "name" in series] == ["MNIST's test digits"]
    assert reliability[0]["y"] == [80, 99]
    assert risk[0]["y"] == [0, 1]


@pytest.mark.parametrize(
    "damage",
    [
        {"count": [10]},
        {"count": [3, 10, 10**400]},
        {"count": [3, 10, -1]},
        {"count": [True, True, True]},
        {"accuracy": "all"},
        {"accuracy": [0.1, 0.2, 3.0]},
        {"confidence": None},
        {"count": [], "confidence": [], "accuracy": []},
    ],
)
def test_a_foreign_card_whose_curves_make_no_sense_shows_none(
    app: AppTest, store: ModelStore, damage: dict[str, object]
) -> None:
    reliability = CURVES["mnist_test_reliability"] | damage
    publish(store, 7, figures=CURVES | {"mnist_test_reliability": reliability})
    app.session_state["home_trust"] = True
    app.run()

    assert not app.exception
    assert not app.expander


def test_the_home_page_leads_to_the_draw_page(app: AppTest) -> None:
    app.run()
    app.button(key="home_draw").click().run()

    assert not app.exception
    assert app.title[0].value == "Draw"


def test_an_empty_sheet_invites(app: AppTest) -> None:
    app.switch_page("pages/draw.py").run()

    assert "Write a number on the sheet" in words(app)
    assert app.button(key="draw_undo").disabled
    assert app.button(key="draw_clear").disabled


@pytest.mark.usefixtures("bar_on_sheet")
def test_a_drawing_is_read_and_explained(app: AppTest) -> None:
    app.switch_page("pages/draw.py").run()
    app.toggle(key="draw_explain").set_value(True).run()

    assert not app.exception
    assert ">7</div>" in words(app)
    assert "runner-up" in words(app)
    assert "speaks for a 7" in words(app)
    assert len(app.get("plotly_chart")) == 1


@pytest.mark.usefixtures("bar_on_sheet")
def test_an_uncertain_answer_says_so(app: AppTest, store: ModelStore) -> None:
    publish(store, 7, strength=3.0)
    app.switch_page("pages/draw.py").run()

    assert "not sure about the 7" in words(app)


@pytest.mark.usefixtures("bar_on_sheet")
def test_a_mark_that_is_no_digit_is_called_so(app: AppTest, store: ModelStore) -> None:
    publish(store, 10)
    app.switch_page("pages/draw.py").run()

    assert "Not a digit" in words(app)
    assert not app.get("plotly_chart")


@pytest.mark.usefixtures("bar_on_sheet")
def test_a_model_published_while_the_app_runs_answers_the_next_drawing(app: AppTest, store: ModelStore) -> None:
    app.switch_page("pages/draw.py").run()
    publish(store, 3)
    app.run()

    assert ">3</div>" in words(app)


@pytest.mark.usefixtures("bar_on_sheet")
@pytest.mark.parametrize("path", ["app.py", *OTHER_PAGES])
def test_a_missing_model_is_a_sentence(app: AppTest, store: ModelStore, path: str) -> None:
    for file in (store.root / "digitscope").iterdir():
        file.unlink()
    app.switch_page(path).run()

    assert not app.exception
    assert "The model 'digitscope' has no card.json" in words(app)
    assert [badge.value for badge in app.sidebar.markdown if "none" in badge.value]


@pytest.mark.usefixtures("bar_on_sheet")
@pytest.mark.parametrize("path", ["app.py", "pages/draw.py"])
def test_a_damaged_model_is_a_sentence(app: AppTest, store: ModelStore, path: str) -> None:
    (store.root / "digitscope" / "model.tflite").write_bytes(b"TFL3 but not for long")
    app.switch_page(path).run()

    assert not app.exception
    assert len(app.error) == 1
    assert "digitscope" in app.error[0].value


@pytest.mark.parametrize("path", ["app.py", *OTHER_PAGES])
def test_a_chosen_model_that_is_lost_is_said_beside_the_one_that_reads(
    app: AppTest, store: ModelStore, path: str
) -> None:
    (store.root / "current").write_text("gone\n")
    app.switch_page(path).run()

    assert not app.exception
    assert any("98.76% on MNIST" in caption.value for caption in app.sidebar.caption)
    assert [
        caption.value
        for caption in app.sidebar.caption
        if "The chosen model 'gone' is missing or damaged, 'digitscope' is used" in caption.value
    ]


def test_a_sentence_with_markdown_in_it_is_shown_as_it_was_typed(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGITSCOPE_MODELS", "/nowhere/*my* [models] $1")
    app.run()

    assert r"/nowhere/\*my\* \[models\] \$1" in app.error[0].value


# Colors

THEMES = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))["theme"]
WHITE = "#ffffff"


def contrast(one: str, other: str) -> float:
    """How well one color is read on another, as WCAG 2 has it: 1 to 21."""
    channels = np.array([list(bytes.fromhex(color[1:])) for color in (one, other)]) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    darker, lighter = sorted(linear @ [0.2126, 0.7152, 0.0722] + 0.05)
    return float(lighter / darker)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_buttons_and_the_color_of_what_is_chosen_can_be_read(theme: str) -> None:
    colors = THEMES[theme]

    assert contrast(WHITE, colors["primaryColor"]) >= 4.5
    assert contrast(colors["primaryColor"], colors["backgroundColor"]) >= 3.5
    assert contrast(colors["textColor"], colors["backgroundColor"]) >= 7


def test_the_hint_on_the_sheet_can_be_read_by_day_and_by_night() -> None:
    AppTest.from_string("import ui.canvas").run()  # streamlit-drawable-canvas can only be imported by an app
    from ui import canvas

    assert contrast(canvas.HINT_COLOR, canvas.PAPER) >= 4.5
    assert contrast(canvas.HINT_COLOR, canvas.PAPER_AT_NIGHT) >= 4.5


def test_no_page_brings_tensorflow_into_the_process() -> None:
    assert loaded_after(EVERY_PAGE).isdisjoint({"tensorflow", "keras"})
