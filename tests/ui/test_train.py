"""The Train page with Streamlit's own test client: runs of every kind lie on disk, no network is trained."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from streamlit import config
from streamlit.runtime.secrets import Secrets
from streamlit.testing.v1 import AppTest

from core.datasets import make
from core.errors import StorageError
from core.models import ModelStore
from core.runs import comparison, result, state
from core.runs.events import EVENTS_FILE, EventWriter
from core.runs.result import Result
from core.runs.state import State, Status
from core.runs.store import Run, RunStore
from core.training_plan import Preparing
from tests.core.test_runs import epoch_done, plan, progress
from tests.core.tiny_models import card_of, tiny_tflite
from tests.ui.conftest import ROOT, loaded_after
from tests.ui.test_pages import words
from ui import train_compare, train_result

PAGE = "pages/train.py"
THREE, FIVE = (tiny_tflite(bias=12 * np.eye(11, dtype=np.float32)[digit]) for digit in (3, 5))


@pytest.fixture
def runs(store: ModelStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> RunStore:
    """Runs of which none is ever started for real; tests on MNIST are those on drawn digits."""
    from core.runs import process

    monkeypatch.setattr(process, "launch", lambda *_: None)
    monkeypatch.setenv("DIGITSCOPE_DATA", str(tmp_path / "no-data"))
    return RunStore()


@pytest.fixture
def other_tab() -> AppTest:
    """The same app in a second tab."""
    return AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)


def opened(app: AppTest) -> AppTest:
    app.switch_page(PAGE).run()
    assert not app.exception
    return app


def run_that(runs: RunStore, status: Status, sentence: str = "", epochs: int = 2, name: str = "mine") -> Run:
    """A run with curves and, where it ended well, a model that takes everything for a 3."""
    run = runs.create(plan(name))
    writer = EventWriter(run.folder / EVENTS_FILE)
    for epoch in range(1, epochs + 1):
        for step in (5, 10):
            writer.write(progress(epoch, step))
        writer.write(epoch_done(epoch))
    writer.close()
    state.write(run.folder, State(status=status, sentence=sentence))
    if status in ("finished", "stopped"):
        result.write(run, Result(card_of(THREE, name), THREE, b"PK keras", b"events"))
    return run


def alive(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let its process seem to live."""
    from core.runs import process

    monkeypatch.setattr(process, "is_held", lambda path: path == run.process_lock)


def labels(app: AppTest) -> set[str]:
    return {button.label for button in app.button}


# A new training


def test_an_empty_page_offers_presets_with_their_time(
    app: AppTest, runs: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.runs.estimate._slower", lambda: 1.0)  # as on two cores
    opened(app)

    assert app.segmented_control(key="train_preset").options == ["One minute", "Ten minutes", "Best"]
    assert "**about a minute**" in words(app)
    assert "No run yet." in words(app)
    assert not app.button(key="train_start").disabled


def test_a_preset_fills_in_all_settings(app: AppTest, runs: RunStore) -> None:
    opened(app)
    app.segmented_control(key="train_preset").set_value("Best").run()

    assert app.selectbox(key="train_network").value == "digitscope"
    assert app.number_input(key="train_epochs").value == 16
    assert app.selectbox(key="train_optimizer").value == "muon"
    assert app.selectbox(key="train_dataset").value == "all"
    assert app.selectbox(key="train_augmentation").value == "Full"


def test_a_preset_that_was_changed_is_told_as_ones_own_settings(app: AppTest, runs: RunStore) -> None:
    opened(app)
    assert "A swift network on MNIST's digits." in words(app)
    app.number_input(key="train_seed").set_value(7).run()
    assert "A swift network on MNIST's digits." in words(app)
    app.selectbox(key="train_network").set_value("plain").run()

    assert "A swift network" not in words(app)
    assert "Settings of your own. It takes **about" in words(app)


def test_start_makes_a_run_by_the_settings_and_shows_it(app: AppTest, runs: RunStore) -> None:
    opened(app)
    app.number_input(key="train_epochs").set_value(3).run()
    app.number_input(key="train_learning_rate").set_value(0.002).run()
    app.text_input(key="train_name").set_value("first").run()
    app.button(key="train_start").click().run()

    (run,) = runs.runs()
    assert not app.exception
    assert (run.plan.name, run.plan.settings.epochs, run.plan.settings.learning_rate) == ("first", 3, 0.002)
    assert run.state().status == "starting"
    assert "**Starting.**" in words(app)


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("epochs", 0, "Epochs is 0; choose 1 to 1000."),
        ("batch_size", 1, "Batch size is 1; choose 8 to 4096."),
        ("learning_rate", 5.0, "Learning rate is 5.0; choose 1e-06 to 1."),
        ("seed", -1, "Seed is -1; choose 0 to 2147483648."),
    ],
)
def test_a_wrong_setting_has_its_sentence_and_nothing_starts(
    app: AppTest, runs: RunStore, key: str, value: float, sentence: str
) -> None:
    opened(app)
    app.number_input(key=f"train_{key}").set_value(value).run()

    assert [error.value for error in app.error] == [sentence]
    assert app.button(key="train_start").disabled


def test_two_wrong_settings_have_two_sentences(app: AppTest, runs: RunStore) -> None:
    opened(app)
    app.number_input(key="train_epochs").set_value(0).run()
    app.number_input(key="train_weight_decay").set_value(7.0).run()

    assert len(app.error) == 2


def test_a_name_that_cannot_be_is_told(app: AppTest, runs: RunStore) -> None:
    opened(app)
    app.text_input(key="train_name").set_value("../digitscope").run()

    assert "cannot name a model" in app.error[0].value
    assert app.button(key="train_start").disabled


def test_the_name_of_a_stored_model_is_refused_before_training(app: AppTest, runs: RunStore) -> None:
    opened(app)
    app.text_input(key="train_name").set_value("digitscope").run()

    assert [error.value for error in app.error] == ["There is a model 'digitscope' already; choose another name."]
    assert app.button(key="train_start").disabled


def test_pens_that_are_not_there_are_told_and_mnist_is_announced(app: AppTest, runs: RunStore) -> None:
    opened(app)
    assert "MNIST is not on this machine; it is downloaded first" in words(app)
    app.selectbox(key="train_dataset").set_value("all").run()
    assert "MNIST is not on this machine; it is downloaded first" in words(app)
    app.selectbox(key="train_dataset").set_value("synthetic").run()
    assert "MNIST is not on this machine" not in words(app)
    app.selectbox(key="train_dataset").set_value("mnist+pens").run()

    assert "recorded pens are not on this machine" in app.error[0].value


@pytest.mark.parametrize("name", ["plain", "swift", "digitscope", "large"])
def test_every_network_shows_its_layers(app: AppTest, runs: RunStore, name: str) -> None:
    opened(app)
    app.selectbox(key="train_network").set_value(name).run()

    assert not app.exception
    assert not app.error
    assert len(app.dataframe[0].value) >= 9


def test_augmentation_of_ones_own_is_used(app: AppTest, runs: RunStore) -> None:
    opened(app)
    app.selectbox(key="train_augmentation").set_value("My own").run()
    app.slider(key="train_rotation_degrees").set_value(30.0).run()
    app.button(key="train_start").click().run()

    assert runs.runs()[0].plan.settings.augmentation.rotation_degrees == 30.0


def test_settings_survive_a_visit_to_another_page(app: AppTest, runs: RunStore) -> None:
    opened(app)
    app.number_input(key="train_epochs").set_value(9).run()
    app.selectbox(key="train_augmentation").set_value("My own").run()
    app.slider(key="train_shear").set_value(0.5).run()
    app.selectbox(key="train_augmentation").set_value("None").run()
    app.switch_page("app.py").run()
    opened(app)
    app.selectbox(key="train_augmentation").set_value("My own").run()

    assert not app.exception
    assert app.number_input(key="train_epochs").value == 9
    assert app.slider(key="train_shear").value == 0.5


def test_a_second_start_waits_and_the_page_says_so(
    app: AppTest, runs: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = run_that(runs, "training")
    alive(first, monkeypatch)
    opened(app)
    assert "`mine` is at work. A run that is started now waits" in words(app)

    app.button(key="train_start").click().run()
    assert len(runs.runs()) == 2


def test_two_tabs_that_start_at_once_make_two_runs(app: AppTest, other_tab: AppTest, runs: RunStore) -> None:
    for tab in (app, other_tab):
        opened(tab)
    for tab in (app, other_tab):
        tab.button(key="train_start").click().run()
        assert not tab.exception

    assert {run.state().status for run in runs.runs()} == {"starting"}
    assert len({run.id for run in runs.runs()}) == 2


def test_a_double_click_starts_one_run(app: AppTest, runs: RunStore) -> None:
    opened(app)
    for _ in range(2):
        app.button(key="train_start").click().run()

    assert len(runs.runs()) == 1


def test_a_queue_that_is_full_is_told_and_leaves_nothing(app: AppTest, runs: RunStore) -> None:
    for number in range(5):
        run_that(runs, "starting", name=f"run-{number}")
    opened(app)
    app.button(key="train_start").click().run()

    assert "5 runs wait already" in app.error[0].value
    assert len(runs.runs()) == 5


@pytest.mark.usefixtures("app")
def test_the_page_of_a_finished_run_brings_no_tensorflow_into_the_process(runs: RunStore) -> None:
    run_that(runs, "finished")
    visit = "app.switch_page('pages/train.py').run()\nassert app.button(key='train_use')"

    assert loaded_after(visit).isdisjoint({"tensorflow", "keras"})


def test_a_disk_that_is_full_is_told(app: AppTest, runs: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    import errno

    from core import files

    def no_space(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    opened(app)
    monkeypatch.setattr(files.os, "fsync", no_space)
    app.button(key="train_start").click().run()

    assert not app.exception
    assert "The disk is full" in app.error[0].value
    assert runs.runs() == ()


# Watching


@pytest.mark.parametrize(
    ("status", "buttons"),
    [
        ("preparing", {"Pause", "Stop and keep"}),
        ("training", {"Pause", "Stop and keep"}),
        ("paused", {"Resume", "Stop and keep"}),
        ("waiting", {"Stop and keep"}),
        ("measuring", set()),
    ],
)
def test_a_run_at_work_shows_its_curves_and_what_can_be_wished(
    app: AppTest, runs: RunStore, monkeypatch: pytest.MonkeyPatch, status: Status, buttons: set[str]
) -> None:
    alive(run_that(runs, status), monkeypatch)
    opened(app)

    assert labels(app) & {"Pause", "Resume", "Stop and keep", "Train on"} == buttons
    assert len(app.get("plotly_chart")) == 3
    assert "Still learning: 90.00% of validation digits are right so far." in words(app)
    assert {"Time left", "Validation, best"} < {metric.label for metric in app.metric}


def test_wishes_reach_the_run(app: AppTest, runs: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    run = run_that(runs, "training")
    alive(run, monkeypatch)
    opened(app)

    app.button(key="train_pause").click().run()
    assert run.wish() == "pause"
    app.button(key="train_stop").click().run()
    assert run.wish() == "stop"


def test_making_data_shows_how_far_it_is(app: AppTest, runs: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    run = run_that(runs, "preparing", epochs=0)
    writer = EventWriter(run.folder / EVENTS_FILE)
    writer.write(Preparing(what="downloading train-images-idx3-ubyte.gz", done=5, count=10))
    writer.close()
    alive(run, monkeypatch)
    opened(app)

    bar = app.get("progress")[0].proto
    assert (bar.value, bar.text) == (50, "Downloading train-images-idx3-ubyte.gz …")


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        ("failed", "the disk is full, 'state.json' was not saved; free some space and try again"),
        ("failed", "the loss is no number any more in epoch 1; choose a learning rate below 1"),
        ("interrupted", "It was interrupted."),
    ],
)
def test_a_run_that_failed_says_why_and_can_train_on(
    app: AppTest, runs: RunStore, status: Status, sentence: str
) -> None:
    run_that(runs, status, sentence)
    opened(app)

    assert sentence[1:] in app.error[0].value
    app.button(key="train_train_on").click().run()
    assert runs.runs()[0].state().status == "starting"


def test_a_run_whose_process_was_killed_says_so(app: AppTest, runs: RunStore) -> None:
    run_that(runs, "training")
    opened(app)

    assert "Its process ended without a word" in app.error[0].value
    assert len(app.get("plotly_chart")) == 3


def test_a_discarded_run_is_gone(app: AppTest, runs: RunStore) -> None:
    run = run_that(runs, "stopped")
    opened(app)
    assert "Delete the run `mine` with its curves and its model?" in words(app)
    app.button(key=f"train_discard_{run.id}").click().run()

    assert not app.exception
    assert runs.runs() == ()
    assert "No run yet." in words(app)


def test_a_run_that_was_discarded_in_another_tab_is_discarded_without_a_word(
    app: AppTest, other_tab: AppTest, runs: RunStore
) -> None:
    run = run_that(runs, "stopped")
    for tab in (opened(app), opened(other_tab)):
        tab.button(key=f"train_discard_{run.id}").click().run()
        assert not tab.exception
        assert not tab.error

    assert runs.ids() == ()
    assert list(runs.root.iterdir()) == []


@pytest.mark.parametrize(
    ("status", "button"), [("failed", "train_train_on"), ("training", "train_pause"), ("training", "train_stop")]
)
def test_what_is_asked_of_a_run_that_was_discarded_in_another_tab_is_told(
    app: AppTest, runs: RunStore, monkeypatch: pytest.MonkeyPatch, status: Status, button: str
) -> None:
    run = run_that(runs, status)
    alive(run, monkeypatch)
    opened(app)
    runs.discard(run.id)
    app.button(key=button).click().run()

    assert not app.exception
    assert [error.value for error in app.error] == ["This run was discarded; choose another one, or begin anew."]
    assert list(runs.root.iterdir()) == []


def test_a_run_whose_model_is_in_use_is_discarded_with_a_way_back(
    app: AppTest, runs: RunStore, store: ModelStore
) -> None:
    run = run_that(runs, "finished")
    opened(app)
    assert "train_model_use" not in {button.key for button in app.button}  # there is one model, and nothing to choose
    app.button(key="train_use").click().run()
    assert "`mine` stays in use on every page" in words(app)
    app.button(key=f"train_discard_{run.id}").click().run()

    assert store.current() == "mine"
    app.selectbox(key="train_model").set_value("digitscope").run()
    app.button(key="train_model_use").click().run()
    assert not app.exception
    assert store.current() == "digitscope"


def test_a_model_that_is_not_in_use_can_be_deleted(app: AppTest, runs: RunStore, store: ModelStore) -> None:
    run_that(runs, "finished")
    opened(app)
    app.button(key="train_use").click().run()
    store.choose("digitscope")
    app.run()
    app.selectbox(key="train_model").set_value("mine").run()
    app.button(key="train_model_deleted_mine").click().run()

    assert not app.exception
    assert store.names() == ("digitscope",)
    assert "train_use" in {button.key for button in app.button}  # its run can publish it again


def test_what_keeps_a_model_from_being_chosen_is_said(
    app: AppTest, runs: RunStore, store: ModelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_that(runs, "finished")
    opened(app)
    app.button(key="train_use").click().run()
    app.selectbox(key="train_model").set_value("digitscope").run()
    monkeypatch.setattr(ModelStore, "choose", full)
    app.button(key="train_model_use").click().run()

    assert "The disk is full" in app.error[0].value


def full(*_: object) -> None:
    raise StorageError("the disk is full; make room")


def test_a_run_that_is_gone_when_its_model_is_to_be_used_is_told(app: AppTest, runs: RunStore) -> None:
    gone, _ = run_that(runs, "finished"), run_that(runs, "finished", name="other")
    opened(app)
    app.selectbox(key="train_run").set_value(gone.id).run()
    runs.discard(gone.id)
    app.button(key="train_use").click().run()

    assert not app.exception
    assert "This run was discarded" in app.error[0].value


def test_a_damaged_run_is_told_and_the_others_are_shown(app: AppTest, runs: RunStore) -> None:
    broken = run_that(runs, "finished", name="broken")
    run_that(runs, "stopped", name="sound")
    (broken.folder / "config.json").write_text("{")
    opened(app)

    assert broken.id in app.warning[0].value
    assert "sound" in [header.value for header in app.header]


def test_a_damaged_run_can_be_discarded(app: AppTest, other_tab: AppTest, runs: RunStore) -> None:
    broken, sound = run_that(runs, "finished", name="broken"), run_that(runs, "stopped", name="sound")
    (broken.folder / "config.json").write_text("{")
    for tab in (opened(app), opened(other_tab)):
        assert {button.key: button.label for button in tab.button}[f"train_discard_{broken.id}"] == "Discard that run"
    for tab in (app, other_tab):  # the second has not seen what the first did
        tab.button(key=f"train_discard_{broken.id}").click().run()
        assert not tab.exception
        assert not tab.error
        assert not tab.warning

    assert runs.ids() == (sound.id,)
    assert not broken.folder.exists()


# What its process said


def test_the_last_words_of_a_failed_process_are_shown(app: AppTest, runs: RunStore) -> None:
    run = run_that(runs, "failed", "something unexpected ended it (KeyError); its log tells more")
    run.log.write_text("".join(f"line {number}\n" for number in range(100)) + "KeyError: 'a *thing*'\n")
    opened(app)

    assert "What its process said last" in {expander.label for expander in app.expander}
    (said,) = [block.value for block in app.code if "KeyError" in block.value]
    assert said.splitlines() == [*(f"line {number}" for number in range(81, 100)), "KeyError: 'a *thing*'"]


@pytest.mark.parametrize("status", ["finished", "stopped", "training"])
def test_the_words_of_a_process_that_did_not_fail_are_kept_out_of_the_way(
    app: AppTest, runs: RunStore, monkeypatch: pytest.MonkeyPatch, status: Status
) -> None:
    run = run_that(runs, status)
    run.log.write_text("TensorFlow greets\n")
    alive(run, monkeypatch)
    opened(app)

    assert "What its process said last" not in {expander.label for expander in app.expander}


def test_a_failed_process_that_said_nothing_has_no_last_words(app: AppTest, runs: RunStore) -> None:
    run_that(runs, "failed", "the disk is full")
    opened(app)

    assert "What its process said last" not in {expander.label for expander in app.expander}


def test_those_who_may_not_train_see_no_log(app: AppTest, runs: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGITSCOPE_TRAINING_ALLOWED", "false")
    run_that(runs, "failed", "the disk is full").log.write_text("/home/somebody/secret\n")
    opened(app)

    assert "The disk is full." in app.error[0].value
    assert "What its process said last" not in {expander.label for expander in app.expander}
    assert not [block for block in app.code if "somebody" in block.value]


# Models that cannot be used


def damage(store: ModelStore, name: str) -> None:
    (store.root / name / "model.tflite").write_bytes(b"TFL3")


def test_a_damaged_model_is_told_and_can_be_deleted(app: AppTest, runs: RunStore, store: ModelStore) -> None:
    store.publish("old", THREE, None, card_of(THREE, "old"))
    damage(store, "old")
    opened(app)
    assert "'old'" in app.warning[0].value
    assert "`digitscope` reads on every page" in words(app)
    assert "Delete `old` for good?" in words(app)
    app.button(key="train_model_deleted_old").click().run()

    assert not app.exception
    assert not app.warning
    assert "Models" not in [header.value for header in app.header]
    assert [path.name for path in store.root.iterdir()] == ["digitscope"]


def test_a_model_whose_card_does_not_tell_its_name_is_named(app: AppTest, runs: RunStore, store: ModelStore) -> None:
    store.publish("old", THREE, None, card_of(THREE, "old"))
    (store.root / "old" / "card.json").write_text("{", encoding="utf-8")

    assert opened(app).warning[0].value.startswith("`old`: The model card is not readable JSON")


def test_a_damaged_model_that_another_tab_deleted_is_deleted_without_a_word(
    app: AppTest, other_tab: AppTest, runs: RunStore, store: ModelStore
) -> None:
    store.publish("old", THREE, None, card_of(THREE, "old"))
    damage(store, "old")
    for tab in (opened(app), opened(other_tab)):
        tab.button(key="train_model_deleted_old").click().run()
        assert not tab.exception
        assert not tab.error


def test_a_folder_that_cannot_be_a_model_is_told_and_left_to_its_owner(
    app: AppTest, runs: RunStore, store: ModelStore
) -> None:
    (store.root / "My photos").mkdir()
    opened(app)

    assert "'My photos' cannot name a model" in app.warning[0].value
    assert not [button.key for button in app.button if "My photos" in str(button.key)]


def test_the_shipped_model_cannot_be_deleted_even_when_it_is_damaged(
    app: AppTest, runs: RunStore, store: ModelStore
) -> None:
    store.publish("mine", THREE, None, card_of(THREE, "mine"))
    store.choose("mine")
    damage(store, "digitscope")
    opened(app)

    assert "'digitscope'" in app.warning[0].value
    assert not [button.key for button in app.button if str(button.key).endswith("deleted_digitscope")]


def test_another_model_takes_over_from_a_shipped_one_that_is_damaged(
    app: AppTest, runs: RunStore, store: ModelStore
) -> None:
    store.publish("mine", THREE, None, card_of(THREE, "mine"))
    damage(store, "digitscope")
    opened(app)
    assert "reads on every page" not in words(app)
    app.button(key="train_model_use").click().run()

    assert not app.exception
    assert store.current() == "mine"
    assert "`mine` reads on every page" in words(app)


def test_a_lost_choice_is_told_until_a_model_is_chosen(app: AppTest, runs: RunStore, store: ModelStore) -> None:
    store.publish("mine", THREE, None, card_of(THREE, "mine"))
    store.choose("mine")
    damage(store, "mine")
    opened(app)
    lost = "The chosen model 'mine' is missing or damaged, 'digitscope' is used; choose a model again."
    assert any(lost in caption.value for caption in app.sidebar.caption)
    assert lost in [warning.value for warning in app.warning]

    app.button(key="train_model_deleted_mine").click().run()
    assert lost in [warning.value for warning in app.warning]
    app.button(key="train_model_use").click().run()

    assert not app.exception
    assert not app.warning
    assert not [caption for caption in app.sidebar.caption if "missing or damaged" in caption.value]
    assert store.lost_choice() is None


# Afterwards


def test_a_finished_run_is_measured_beside_the_model_in_use(app: AppTest, runs: RunStore) -> None:
    run_that(runs, "finished", "It has trained to the end.")
    opened(app)

    assert "**Finished.**" in words(app)
    assert {"Test digits right", "Wrong", "Parameters"} < {metric.label for metric in app.metric}
    assert "95% interval from" in words(app)
    assert "McNemar's test" in words(app)
    assert [button.label for button in app.get("download_button")] == [
        "Keras model", "LiteRT model", "Card", "Settings", "History (CSV)", "TensorBoard log",
    ]  # fmt: skip


def test_models_are_compared_on_the_same_digits_also_when_mnist_has_come_meanwhile(
    app: AppTest, runs: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_that(runs, "finished")
    opened(app)
    assert "of 2,000" in {metric.label: metric.value for metric in app.metric}["Wrong"]
    monkeypatch.setattr(train_result, "tested_on", lambda: "mnist")
    monkeypatch.setattr(comparison, "mnist", lambda split: make("synthetic", split, 60))
    run_that(runs, "finished", name="later")
    opened(app)

    assert "of 60" in {metric.label: metric.value for metric in app.metric}["Wrong"]
    assert "McNemar's test" in words(app)


def test_a_model_is_used_everywhere_and_taken_back(app: AppTest, runs: RunStore, store: ModelStore) -> None:
    run_that(runs, "finished")
    opened(app)
    app.button(key="train_use").click().run()

    assert not app.exception
    assert store.current() == "mine"
    assert "`mine` is in use on every page" in words(app)
    app.button(key="train_undo").click().run()
    assert store.current() == "digitscope"
    assert store.names() == ("digitscope",)
    assert "train_use" in {button.key for button in app.button}


def test_what_was_taken_back_in_another_tab_is_taken_back_without_a_word(
    app: AppTest, other_tab: AppTest, runs: RunStore, store: ModelStore
) -> None:
    run_that(runs, "finished")
    opened(app)
    app.button(key="train_use").click().run()
    for tab in (app, opened(other_tab)):
        assert tab.button(key="train_undo").label == "Undo: back to digitscope"
    for tab in (app, other_tab):
        tab.button(key="train_undo").click().run()
        assert not tab.exception
        assert not tab.error

    assert store.names() == ("digitscope",)


def test_a_model_that_took_the_name_is_not_undone(
    app: AppTest, other_tab: AppTest, runs: RunStore, store: ModelStore
) -> None:
    run_that(runs, "finished")
    opened(app)
    app.button(key="train_use").click().run()
    opened(other_tab)
    store.publish("mine", FIVE, None, card_of(FIVE, "mine"))  # by another run

    app.run()
    assert "train_undo" not in {button.key for button in app.button}
    assert "`mine` is in use" not in words(app)
    other_tab.button(key="train_undo").click().run()  # it still shows what was
    assert not other_tab.exception
    assert not other_tab.error
    assert store.current() == "mine"
    assert store.card("mine").tflite_sha256 == card_of(FIVE).tflite_sha256

    app.button(key="train_use").click().run()
    assert "There is another model 'mine' already" in app.error[0].value


def test_a_run_that_trained_on_is_used_again_under_its_name_and_undone_as_a_whole(
    app: AppTest, runs: RunStore, store: ModelStore
) -> None:
    store.publish("before", THREE, None, card_of(THREE, "before"))
    store.choose("before")
    run = run_that(runs, "stopped")
    opened(app)
    app.text_input(key=f"train_publish_{run.id}").set_value("typed").run()
    app.button(key="train_use").click().run()
    assert "train_use" not in {button.key for button in app.button}
    result.write(run, Result(card_of(FIVE, "mine"), FIVE, b"PK keras", b"events"))
    app.run()
    assert "`typed`, as it was before it trained on, is in use on every page" in words(app)
    assert app.text_input(key=f"train_publish_{run.id}").value == "typed"

    app.button(key="train_use").click().run()
    assert not app.error
    assert store.card("typed").tflite_sha256 == card_of(FIVE).tflite_sha256
    assert "`typed` is in use on every page" in words(app)
    assert "train_use" not in {button.key for button in app.button}
    app.button(key="train_undo").click().run()
    assert not app.exception
    assert store.current() == "before"
    assert store.names() == ("digitscope", "before")


def test_a_name_typed_just_before_the_click_is_the_one_it_is_published_under(
    app: AppTest, runs: RunStore, store: ModelStore
) -> None:
    run = run_that(runs, "finished")
    opened(app)
    app.text_input(key=f"train_publish_{run.id}").set_value("typed")
    app.button(key="train_use").click().run()

    assert store.current() == "typed"


def test_a_taken_name_is_refused_with_a_sentence(app: AppTest, runs: RunStore, store: ModelStore) -> None:
    run = run_that(runs, "finished")
    opened(app)
    app.text_input(key=f"train_publish_{run.id}").set_value("digitscope").run()
    app.button(key="train_use").click().run()

    assert "There is another model 'digitscope' already" in app.error[0].value


def test_chosen_runs_are_compared(app: AppTest, runs: RunStore) -> None:
    for name in ("one", "two"):
        run_that(runs, "finished", name=name)
    opened(app)
    table = app.dataframe[-1].value
    assert list(table["State"]) == ["finished", "finished"]
    app.multiselect(key="train_compared").set_value(list(runs.runs())).run()

    assert not app.exception
    assert len(app.get("plotly_chart")) == 6


def test_of_many_runs_the_latest_are_listed(app: AppTest, runs: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train_compare, "ROWS", 2)
    for name in ("one", "two", "three"):
        run_that(runs, "failed", epochs=0, name=name)
    opened(app)

    assert len(app.dataframe[-1].value) == 2
    assert "The latest 2 of 3; choose others above." in words(app)


# Who may train


def test_training_can_be_turned_off(app: AppTest, runs: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGITSCOPE_TRAINING_ALLOWED", "false")
    run_that(runs, "finished")
    opened(app)

    assert "turned off here" in app.info[0].value
    assert labels(app).isdisjoint({"Start training", "Use this model", "Discard this run"})
    assert "**Finished.**" in words(app)


def test_training_can_ask_for_a_password(app: AppTest, runs: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    from ui import access

    monkeypatch.setenv("DIGITSCOPE_TRAINING_PASSWORD", "sesame")
    monkeypatch.setattr(access, "WRONG_PASSWORD_S", 0)
    opened(app)
    assert "Start training" not in labels(app)

    app.text_input(key="train_password").set_value("simsalabim")
    app.button[0].click().run()
    assert "not the password" in app.error[0].value
    app.text_input(key="train_password").set_value("sesame")
    app.button[0].click().run()
    assert "Start training" in labels(app)


def test_secrets_that_cannot_be_read_let_nobody_in(
    app: AppTest, runs: RunStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    torn = tmp_path / "secrets.toml"
    torn.write_text('[training]\npassword = "abc')
    usual = config.get_option("secrets.files")
    monkeypatch.setattr(st, "secrets", Secrets())
    config.set_option("secrets.files", [str(torn)])
    try:
        opened(app)
    finally:
        config.set_option("secrets.files", usual)

    assert "secrets of this app cannot be read" in app.error[0].value
    assert "Start training" not in labels(app)


def test_limits_that_make_no_sense_are_told(app: AppTest, runs: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGITSCOPE_TRAINING_MEMORY_MB", "plenty")
    opened(app)

    assert "write a number" in app.error[0].value
