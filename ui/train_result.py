"""What a run made: how well it reads beside the model in use, its mistakes, and what to do with it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import streamlit as st

from core.card import Card
from core.classifier import Classifier
from core.datasets import Digits
from core.errors import DigitscopeError, ModelError
from core.models import CARD_FILE, KERAS_FILE, TFLITE_FILE
from core.runs import result
from core.runs.comparison import Examination, TestSet, examine, test_digits, tested_on
from core.runs.history import to_csv
from core.runs.result import Published, Result
from core.runs.store import Run
from ui import charts, resources, training_charts
from ui.pictures import picture_row
from ui.wording import outcome_name, percent, sentence

WORST = 24
PROBLEM = "train_publish_problem"
"""Key of the session: which run's model could not be published or taken back, and why."""


def show_result(run: Run, *, may_publish: bool) -> None:
    """The model of a run that has ended."""
    made = result.read(run)
    if made is None:
        return
    st.header("The model it made", anchor=False)
    with st.spinner("Reading the test digits"):
        chosen = tested_on()
        own = _examined(made.card.tflite_sha256, chosen, made.classifier)
    _accuracy(own, made.card)
    with suppress(ModelError):  # without a model in use, which the page has said above, there is nothing to compare
        rival = resources.card()
        if rival.tflite_sha256 != made.card.tflite_sha256:
            _beside(own, _examined(rival.tflite_sha256, chosen, lambda: resources.store().load(rival.name)), rival.name)
    if may_publish:
        _publishing(run, made)
    _mistakes(own)
    _downloads(run, made)


def _accuracy(own: Examination, card: Card) -> None:
    low, high = own.accuracy.interval
    with st.container(horizontal=True, gap="small"):
        st.metric("Test digits right", f"{own.accuracy.value:.2%}", border=True)
        st.metric("Wrong", f"{own.accuracy.count - own.accuracy.hits:,} of {own.accuracy.count:,}", border=True)
        st.metric("Parameters", f"{card.parameters:,}", border=True)
        st.metric("Size of the file", f"{card.tflite_bytes / 1024:,.0f} KB", border=True)
    st.caption(f"{own.name}: 95% interval from {low:.2%} to {high:.2%}. No digit of it was trained on.")


def _beside(own: Examination, rival: Examination, name: str) -> None:
    test = own.beside(rival)
    difference = own.accuracy.value - rival.accuracy.value
    better = "better" if difference > 0 else "worse"
    certain = test.p < 0.05
    verdict = f"It is {better} than the model in use" if certain else "It cannot be told apart from the model in use"
    st.markdown(
        f"**{verdict}**, `{name}`, on the same digits: {own.accuracy.value:.2%} against {rival.accuracy.value:.2%}. "
        f"Right by this one alone: {test.ours:,}; by the other alone: {test.theirs:,} (McNemar's test, "
        f"p = {test.p:.2g})."
    )


def _publishing(run: Run, made: Result) -> None:
    published = result.still_published(run, resources.store())
    is_this = published is not None and published.tflite_sha256 == made.card.tflite_sha256
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        if not is_this:
            wanted = made.card.name if published is None else published.name
            st.text_input("Name", wanted, key=_name_key(run), max_chars=40, width=240)
            st.button(
                "Use this model", type="primary", icon=":material/check:", key="train_use", on_click=_publish,
                args=(run,),
                help="Every page, every visitor and the command line read with it from now on. This can be undone.",
            )  # fmt: skip
    if published is not None:
        with st.container(horizontal=True, gap="small", vertical_alignment="bottom", key="train_published"):
            _published(run, published, is_this=is_this)
    show_problem(run)


def show_problem(run: Run | None) -> None:
    """Say what kept this run's model from being published or taken back; for None, of whichever run it was."""
    of_run, said = st.session_state.get(PROBLEM, ("", ""))
    if said and (run is None or run.id == of_run):
        del st.session_state[PROBLEM]
        st.error(sentence(said), icon=":material/error:")


def _published(run: Run, published: Published, *, is_this: bool) -> None:
    in_use = resources.store().current() == published.name
    state = "is in use on every page" if in_use else "is in the store, and another model is in use"
    made = "" if is_this else ", as it was before it trained on,"
    st.markdown(f":material/check_circle: `{published.name}`{made} {state}.", width="content")
    back = result.comes_back(published, resources.store())
    undo = f"Undo: back to {back}" if in_use else "Undo: take it out of the store"
    if in_use or not published.was_stored:
        st.button(undo, icon=":material/undo:", key="train_undo", on_click=_take_back, args=(run,))
    if in_use:
        st.page_link("pages/draw.py", label="Try it on the Draw page", icon=":material/draw:")


def _name_key(run: Run) -> str:
    return f"train_publish_{run.id}"


def _publish(run: Run) -> None:
    # What was typed just before the click is in the widget, and on no page yet.
    name = st.session_state[_name_key(run)].strip()
    try:
        result.publish(run, resources.store(), name)
    except DigitscopeError as error:
        st.session_state[PROBLEM] = (run.id, str(error))


def _take_back(run: Run) -> None:
    store = resources.store()
    try:
        if result.still_published(run, store) is not None:  # else it was a second click, or came from another tab
            result.take_back(run, store)
    except DigitscopeError as error:
        st.session_state[PROBLEM] = (run.id, str(error))


def _mistakes(own: Examination) -> None:
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown("**What is read for what**, on test digits")
        st.plotly_chart(
            training_charts.confusion(own.answers.confusion.tolist()), key="train_test_confusion",
            config=charts.CONFIG, alt="Confusion matrix of test digits.",
        )  # fmt: skip
    with right:
        st.markdown("**Its worst mistakes**, the surest first")
        answers = own.answers
        st.html(picture_row([
            (
                own.images[index],
                f"{answers.labels[index]} → {outcome_name(int(answers.digits[index]))}",
                percent(float(answers.confidences[index])),
            )
            for index in answers.worst(WORST)
        ]))  # fmt: skip


def _downloads(run: Run, made: Result) -> None:
    name = made.card.name
    with st.container(horizontal=True, gap="small"):
        for label, file, data in (
            ("Keras model", f"{name}.{KERAS_FILE.rpartition('.')[2]}", made.keras),
            ("LiteRT model", f"{name}.{TFLITE_FILE.rpartition('.')[2]}", made.tflite),
            ("Card", f"{name}-{CARD_FILE}", made.card.to_json().encode()),
            ("Settings", f"{name}-config.json", run.plan.to_json().encode()),
            ("History (CSV)", f"{name}-history.csv", to_csv(resources.follower(run).history()).encode()),
            ("TensorBoard log", f"events.out.tfevents.{name}", made.tensorboard),
        ):
            st.download_button(
                label, data, file, key=f"train_download_{label}", icon=":material/download:", on_click="ignore"
            )


@st.cache_resource(max_entries=6, show_spinner=False)
def _examined(sha256: str, chosen: TestSet, _opened: Callable[[], Classifier]) -> Examination:  # noqa: ARG001 - a key
    return examine(_opened(), _test_digits(chosen))


@st.cache_resource(show_spinner=False)
def _test_digits(chosen: TestSet) -> Digits:
    """Kept once for all models that are examined."""
    return test_digits(chosen)
