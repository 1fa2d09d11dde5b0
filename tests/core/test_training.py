"""Training: settings are checked, runs repeat, stop at once, go on, and end with a model that reads."""

import hashlib
import math
import shutil
from dataclasses import asdict, replace

import numpy as np
import pytest

from core import checkpoints, networks
from core.augmentation import NONE
from core.batches import epoch_batches, steps_per_epoch
from core.card import Card
from core.checkpoints import Position
from core.classifier import Classifier
from core.datasets import Digits, Mixture, make
from core.errors import ModelError, SettingsError, TrainingError
from core.models import ModelStore

pytest.importorskip("tensorflow")
import keras

from core import export, recipe
from core.network_plans import NETWORKS
from core.training import train
from core.training_plan import RECIPES, Begun, EpochDone, Mistakes, Note, Progress, TrainingSettings, settings_from
from core.training_progress import Meter

QUICK = TrainingSettings(network="plain", epochs=2, batch_size=32, learning_rate=3e-3, warmup_epochs=0.2, averaging=0.9)


@pytest.fixture(scope="module")
def mixture():
    digits, marks = make("synthetic", "train", 640), make("drawn signs", "train", 160)
    return Mixture(
        ((digits, 1.0), (marks, 0.5)), (make("synthetic", "validation", 200), make("drawn signs", "validation", 60))
    )


@pytest.fixture(scope="module")
def told_and_trained(mixture):
    events = []
    return events, train(QUICK, mixture, events.append)


def card_for(tflite, trained):
    return Card(
        name="tiny",
        created="2026-01-01T00:00:00+00:00",
        network=QUICK.network,
        parameters=trained.model.count_params(),
        outputs=10,
        data=("synthetic",),
        command="a test",
        settings={},
        figures={},
        calibration=trained.calibration,
        tflite_sha256=hashlib.sha256(tflite).hexdigest(),
        tflite_bytes=len(tflite),
    )


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras's own, when it saves
def test_a_minute_of_training_makes_a_model_that_reads(mixture, told_and_trained):
    trained = told_and_trained[1]
    tflite = export.to_tflite(trained.model)
    unseen = mixture.validation[0]

    classifier = Classifier(tflite, card_for(tflite, trained))

    answers = classifier.probabilities(unseen.images).argmax(axis=1)
    assert (answers == unseen.labels).mean() > 0.6
    assert export.check_agreement(
        export.keras_logits(trained.model, unseen.images), export.tflite_logits(tflite, unseen.images)
    )
    assert export.to_keras(trained.model)[:2] == b"PK"


def test_every_epoch_is_told_with_its_validation(told_and_trained):
    events, trained = told_and_trained
    epochs = [event for event in events if isinstance(event, EpochDone)]

    assert events[0] == Begun(epoch=0, step=0)
    assert [event.epoch for event in epochs] == [1, 2]
    assert epochs[1].loss < epochs[0].loss
    assert set(epochs[0].validation) == {"synthetic validation"}
    assert any(isinstance(event, Progress) and event.step == event.steps for event in events)
    assert trained.history == tuple(epochs)


def test_the_same_seed_gives_the_same_batches_and_another_seed_others(mixture):
    def first(seed):
        return next(epoch_batches(mixture.parts, QUICK.augmentation, batch_size=64, seed=seed, epoch=0))

    assert all(np.array_equal(a, b) for a, b in zip(first(1), first(1), strict=True))
    assert not np.array_equal(first(1)[0], first(2)[0])


def test_an_epoch_takes_its_share_of_each_part_and_nothing_twice():
    images = np.zeros((300, 28, 28), np.uint8)
    images[:, 0, 0], images[:, 0, 1] = np.arange(300) % 256, np.arange(300) // 256
    part = Digits("x", images, np.arange(300) % 11, np.zeros(300, np.int64))

    batches = list(epoch_batches(((part, 0.5),), NONE, batch_size=16, seed=1, epoch=0))
    pictures = {picture.tobytes() for batch, _ in batches for picture in batch}

    assert len(batches) == steps_per_epoch(((part, 0.5),), 16) == 9
    assert len(pictures) == 9 * 16


def after(batches, wish="stop"):
    """What is wished: to go on, and after so many batches something else, once."""
    asked = []

    def wished():
        asked.append(1)
        return wish if len(asked) == batches + 1 else "go"

    return wished


def test_a_stop_ends_within_one_batch_and_keeps_a_model(mixture):
    trained = train(QUICK, mixture, lambda event: None, after(3))

    assert trained.batches == 3
    assert not trained.finished
    assert trained.model.output_shape == (None, 10)


@pytest.fixture(scope="module")
def stored(told_and_trained, tmp_path_factory):
    """A folder with the trained model as "tiny", without what training needs as "bare", and as if made before."""
    root = tmp_path_factory.mktemp("models")
    trained = told_and_trained[1]
    tflite = export.to_tflite(trained.model)
    card = card_for(tflite, trained)
    ModelStore(root).publish("tiny", tflite, export.to_keras(trained.model), card)
    ModelStore(root).publish("bare", tflite, None, replace(card, name="bare"))
    ModelStore(root).publish(
        "earlier", tflite, export.to_keras(trained.model), replace(card, name="earlier", parameters=9)
    )
    return root


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras's own, when it saves
def test_a_training_begins_with_the_weights_of_a_stored_model(mixture, told_and_trained, stored, monkeypatch):
    monkeypatch.setenv("DIGITSCOPE_MODELS", str(stored))
    first = told_and_trained[1].history
    settings = replace(QUICK, epochs=1, learning_rate=1e-4, start="tiny")

    begun = train(settings, mixture, lambda _: None)

    assert begun.history[0].loss < first[0].loss / 2
    assert begun.history[0].validation_accuracy > first[0].validation_accuracy


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras's own, when it saves
@pytest.mark.parametrize(
    ("change", "error", "sentence"),
    [
        ({"start": "bare"}, TrainingError, "stored without what training needs"),
        ({"start": "other"}, ModelError, "there is no model 'other'"),
        ({"start": "tiny", "network": "swift"}, TrainingError, "is of another network"),
        ({"start": "earlier"}, TrainingError, "earlier layout of 'plain'"),
        ({"teachers": ("tiny", "bare")}, TrainingError, "stored without what training needs"),
        ({"teachers": ("other",)}, ModelError, "there is no model 'other'.*put it back"),
        ({"teachers": ("tiny",), "network": "swift"}, TrainingError, "has 10 answers, 'swift' 11"),
    ],
)
def test_a_model_that_is_no_beginning_and_no_teacher_is_told(mixture, stored, monkeypatch, change, error, sentence):
    monkeypatch.setenv("DIGITSCOPE_MODELS", str(stored))

    with pytest.raises(error, match=sentence):
        train(replace(QUICK, **change), mixture, lambda _: None)


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras's own, when it saves
@pytest.mark.parametrize("unseen", [1, 2])
def test_where_all_writers_are_learned_from_the_calibration_is_that_of_the_beginning(
    mixture, stored, monkeypatch, unseen
):
    monkeypatch.setenv("DIGITSCOPE_MODELS", str(stored))
    settings = replace(QUICK, epochs=1, start="tiny", all_writers=True)

    trained = train(settings, replace(mixture, validation=mixture.validation[:unseen]), lambda _: None)

    assert trained.calibration == ModelStore(stored).card("tiny").calibration
    assert trained.finished


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras's own, when it saves
def test_the_calibration_of_the_beginning_is_looked_for_before_anything_is_made(stored, monkeypatch, tmp_path):
    monkeypatch.setenv("DIGITSCOPE_MODELS", str(stored))
    monkeypatch.setattr(recipe.datasets, "load", lambda *_, **__: pytest.fail("pictures were made"))
    (tmp_path / "state").touch()  # a run that was interrupted
    settings = replace(QUICK, start="gone", all_writers=True)

    with pytest.raises(ModelError, match="no model 'gone'"):
        recipe.make_model("new", settings, "all", command="", report=lambda _: None, checkpoint=tmp_path / "state")


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras's own, when it saves
def test_a_network_learns_its_teachers_answers_rather_than_wrong_labels(mixture, stored, monkeypatch):
    monkeypatch.setenv("DIGITSCOPE_MODELS", str(stored))
    wrong = tuple((replace(part, labels=(part.labels + 1) % 10), share) for part, share in mixture.parts[:1])
    settings, wronged = replace(QUICK, teachers=("tiny",)), replace(mixture, parts=wrong)

    alone, taught = (train(one, wronged, lambda _: None).history[-1] for one in (QUICK, settings))

    assert alone.validation["synthetic validation"] < 0.1
    assert taught.validation["synthetic validation"] > 0.5
    assert taught.loss > taught.validation_loss, "the loss that is told is that of the labels, which are wrong here"


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras's own, when it saves
def test_teachers_are_needed_until_the_last_epoch_is_over_and_no_longer(mixture, stored, tmp_path, monkeypatch):
    root = tmp_path / "models"
    shutil.copytree(stored, root)
    monkeypatch.setenv("DIGITSCOPE_MODELS", str(root))
    settings, checkpoint = replace(QUICK, epochs=1, teachers=("tiny",)), tmp_path / "state"
    left = iter(["go"] * 3)
    train(settings, mixture, lambda _: None, lambda: next(left, "stop"), checkpoint)
    (root / "tiny").rename(tmp_path / "tiny")
    with pytest.raises(ModelError, match="put it back or begin anew"):
        train(settings, mixture, lambda _: None, checkpoint=checkpoint)

    (tmp_path / "tiny").rename(root / "tiny")
    assert train(settings, mixture, lambda _: None, checkpoint=checkpoint).finished
    shutil.rmtree(root / "tiny")
    assert train(settings, mixture, lambda _: None, checkpoint=checkpoint).finished


def damaged(content: bytes, how: str) -> bytes:
    """A `.keras` file that is none any more."""
    if how == "half":
        return content[: len(content) // 2]
    if how == "flipped":
        return content[:2000] + bytes(255 - byte for byte in content[2000:6000]) + content[6000:]
    if how == "empty archive":
        return b"PK\x05\x06" + bytes(18)
    return export.to_keras(networks.build("swift"))


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras's own, when it saves
@pytest.mark.parametrize("how", ["half", "flipped", "empty archive", "of another network"])
def test_damaged_weights_to_begin_with_are_told(mixture, stored, tmp_path, monkeypatch, how):
    root = tmp_path / "models"
    shutil.copytree(stored, root)
    file = root / "tiny" / "model.keras"
    file.write_bytes(damaged(file.read_bytes(), how))
    monkeypatch.setenv("DIGITSCOPE_MODELS", str(root))

    with pytest.raises(TrainingError, match="is damaged; choose another model"):
        train(replace(QUICK, start="tiny"), mixture, lambda _: None)


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras's own, when it saves
def test_a_training_goes_on_when_the_model_that_it_began_with_is_gone(mixture, stored, tmp_path, monkeypatch):
    root = tmp_path / "models"
    shutil.copytree(stored, root)
    monkeypatch.setenv("DIGITSCOPE_MODELS", str(root))
    settings, checkpoint = replace(QUICK, start="tiny"), tmp_path / "state"
    left = iter(["go"] * 3)
    stopped = train(settings, mixture, lambda _: None, lambda: next(left, "stop"), checkpoint)
    shutil.rmtree(root / "tiny")

    resumed = train(settings, mixture, lambda _: None, checkpoint=checkpoint)

    assert (stopped.batches, stopped.finished, resumed.finished) == (3, False, True)


def test_a_pause_waits_and_then_goes_on_to_the_same_end(mixture, told_and_trained):
    wishes = iter(["go"] * 5 + ["pause"] * 3)

    trained = train(QUICK, mixture, lambda event: None, lambda: next(wishes, "go"))

    assert next(wishes, None) is None
    assert same_weights(trained, told_and_trained[1])


@pytest.mark.parametrize("batches", [7, 25], ids=["in the first epoch", "in the second"])
def test_a_training_that_was_interrupted_ends_as_if_it_had_not_been(mixture, told_and_trained, tmp_path, batches):
    place, events = tmp_path / "state.npz", []
    train(QUICK, mixture, lambda event: None, after(batches), place)

    trained = train(QUICK, mixture, events.append, checkpoint=place)

    assert isinstance(events[0], Begun)
    assert events[0].epoch * 20 + events[0].step == batches
    assert [event.epoch for event in trained.history] == [1, 2]
    assert trained.history[1].loss == pytest.approx(told_and_trained[1].history[1].loss, rel=1e-5)
    assert same_weights(trained, told_and_trained[1])


def same_weights(first, second):
    pairs = zip(first.model.get_weights(), second.model.get_weights(), strict=True)
    return all(np.allclose(a, b, atol=1e-6) for a, b in pairs)


def test_the_mistakes_of_an_epoch_are_told_and_are_mistakes(told_and_trained, mixture):
    told = [event for event in told_and_trained[0] if isinstance(event, Mistakes)]

    assert [event.epoch for event in told] == [1, 2]
    assert (told[1].labels != told[1].answers).all()
    assert list(told[1].confidences) == sorted(told[1].confidences, reverse=True)
    assert told[1].wrong == round((1 - told_and_trained[1].history[1].validation_accuracy) * told[1].count)


def test_the_confusion_of_an_epoch_agrees_with_its_accuracy(told_and_trained):
    done = told_and_trained[1].history[1]

    counts = np.array(done.confusion)
    assert counts.sum() == 200
    assert counts.trace() / 200 == pytest.approx(done.validation_accuracy)


def test_speed_counts_from_the_first_report_on_without_pauses(monkeypatch):
    """The first batch after a start may wait for the network to be compiled; that says nothing of those to come."""
    now = 100.0
    monkeypatch.setattr("core.training_progress.time.monotonic", lambda: now)
    meter = Meter(Position(step=40, taken=40))
    now += 20.0
    meter.read(Position(step=41, taken=41), 100, QUICK, 1e-3)
    now += 30.0
    meter.leave_out(30.0)
    now += 4.0
    progress = meter.read(Position(step=51, taken=51), 100, QUICK, 1e-3)
    assert progress.digits_per_second == pytest.approx(10 * QUICK.batch_size / 4.0)
    assert progress.seconds_left == pytest.approx(0.4 * (49 + 100))
    assert meter.seconds == pytest.approx(24.0)


def test_a_checkpoint_of_other_settings_or_a_damaged_one_is_told(mixture, tmp_path):
    place = tmp_path / "state.npz"
    train(replace(QUICK, epochs=1), mixture, lambda event: None, checkpoint=place)

    with pytest.raises(TrainingError, match="other settings"):
        train(QUICK, mixture, lambda event: None, checkpoint=place)
    place.write_bytes(place.read_bytes()[:500])
    with pytest.raises(TrainingError, match="damaged"):
        train(QUICK, mixture, lambda event: None, checkpoint=place)


def test_a_setting_that_came_after_a_run_began_does_not_end_it(mixture, tmp_path, monkeypatch):
    place, settings = tmp_path / "state.npz", replace(QUICK, epochs=1)
    with monkeypatch.context() as before:
        before.setattr(checkpoints, "asdict", lambda one: {k: v for k, v in asdict(one).items() if k != "all_writers"})
        train(settings, mixture, lambda event: None, checkpoint=place)

    assert train(settings, mixture, lambda event: None, checkpoint=place).finished


def test_a_loss_that_is_no_number_is_told(mixture, monkeypatch):
    monkeypatch.setattr(networks, "build", network_that_explodes(networks.build))

    with pytest.raises(TrainingError, match=r"choose a learning rate below 0\.003"):
        train(QUICK, mixture, lambda event: None)


def network_that_explodes(build):
    def exploding(*words, **settings):
        model = build(*words, **settings)
        model.set_weights([np.full_like(weight, 1e30) for weight in model.get_weights()])
        return model

    return exploding


def test_no_digits_to_train_on_is_told():
    nothing = make("synthetic", "train", 4)

    with pytest.raises(TrainingError, match="not one batch"):
        train(QUICK, Mixture(((nothing, 1.0),), (nothing,)), lambda event: None)


@pytest.mark.slow
def test_pieces_that_look_like_digits_are_left_out(mixture):
    digits = make("synthetic", "train", 3000)
    lies = Digits("lies", digits.images[:100], np.full(100, 10, np.int64), digits.writers[:100])
    events = []

    train(
        TrainingSettings(epochs=3, batch_size=64, averaging=0.9, learning_rate=4e-3, label_smoothing=0.02),
        Mixture(((digits, 1.0), (lies, 1.0), *mixture.parts[1:]), mixture.validation),
        events.append,
    )

    notes = [event.text for event in events if isinstance(event, Note)]
    assert any(note.startswith("Left out of lies: ") and " of 100 that look like digits" in note for note in notes)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras's own, when it saves
def test_the_shipped_network_goes_on_without_what_was_left_out_and_opens_in_keras_alone(mixture, tmp_path, monkeypatch):
    monkeypatch.setattr("core.training.DOUBTFUL_FROM", 0.1)  # so that a network that has seen little drops some
    digits = mixture.parts[0][0]
    lies = Digits("lies", digits.images[:80], np.full(80, 10, np.int64), digits.writers[:80])
    data = Mixture((*mixture.parts, (lies, 0.5)), mixture.validation)
    settings = TrainingSettings(epochs=3, batch_size=64, averaging=0.9, learning_rate=4e-3)
    whole, events = train(settings, data, lambda _: None), []
    place = tmp_path / "state.npz"
    train(settings, data, events.append, after(whole.batches - 3), place)
    assert [event.text for event in events if isinstance(event, Note)], "the second epoch left something out"

    resumed = train(settings, data, lambda _: None, checkpoint=place)

    assert resumed.counts == whole.counts
    assert resumed.counts["lies"] < 80
    assert same_weights(resumed, whole)
    (tmp_path / "model.keras").write_bytes(export.to_keras(resumed.model))
    opened = keras.models.load_model(tmp_path / "model.keras")
    unseen = mixture.validation[0].images
    assert np.allclose(export.keras_logits(opened, unseen), export.keras_logits(resumed.model, unseen), atol=1e-4)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("epochs", 0),
        ("batch_size", 1),
        ("learning_rate", 0),
        ("learning_rate", math.nan),
        ("label_smoothing", 0.9),
        ("dropout", 1.0),
        ("seed", -1),
        ("seed", 1.5),
        ("epochs", 2.0),
        ("epochs", True),
        ("batch_size", 8.5),
        ("half_precision", "no"),
        ("all_writers", 1),
        ("network", "resnet"),
        ("schedule", "steps"),
        ("optimizer", "sgd"),
    ],
)
def test_settings_outside_what_is_possible_are_told(name, value):
    with pytest.raises(SettingsError, match="choose"):
        TrainingSettings(**{name: value})


def test_all_writers_are_learned_from_only_after_a_calibration():
    with pytest.raises(SettingsError, match="leaves none to calibrate by; name a model to start from"):
        TrainingSettings(all_writers=True)


def test_every_network_has_a_recipe():
    assert set(RECIPES) == set(NETWORKS)
    assert all(settings_from(name, {}).network == name for name in NETWORKS)


def test_a_learning_rate_that_diverges_is_told(mixture):
    with pytest.raises(TrainingError, match=r"has grown to \d+.* in epoch 1; choose a learning rate below 1"):
        train(replace(QUICK, learning_rate=1.0, warmup_epochs=0), mixture, lambda event: None)


def test_ties_of_a_network_that_has_learned_little_are_no_disagreement():
    trained = np.array([[0.0, 0.01]] * 50 + [[0.0, 4.0]] * 50, np.float32)
    exported = np.array([[0.01, 0.0]] * 50 + [[0.0, 4.0]] * 50, np.float32)

    assert export.check_agreement(trained, exported) == 0.5
    with pytest.raises(TrainingError, match="train for more epochs"):
        export.check_agreement(trained, -exported)


def test_the_learning_rate_rises_then_falls_to_zero():
    settings = TrainingSettings(epochs=10, warmup_epochs=1.0, learning_rate=1e-2)
    rates = [settings.rate_at(position) for position in np.linspace(0, 10, 101)]

    assert np.argmax(rates) == 10
    assert np.all(np.diff(rates[10:]) < 0)
    assert rates[-1] == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(("schedule", "middle", "end"), [("cosine", 0.5, 0), ("linear", 0.5, 0), ("constant", 1, 1)])
def test_every_schedule_goes_on_from_the_peak(schedule, middle, end):
    settings = TrainingSettings(epochs=9, warmup_epochs=1.0, learning_rate=1e-2, schedule=schedule)

    assert settings.rate_at(1.0) == pytest.approx(1e-2)
    assert settings.rate_at(5.0) == pytest.approx(middle * 1e-2)
    assert settings.rate_at(9.0) == pytest.approx(end * 1e-2)
