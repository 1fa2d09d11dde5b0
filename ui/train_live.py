"""A run on the page: how it stands, what can be wished of it, and its curves, once a second while it works."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.errors import DigitscopeError
from core.runs.history import History, WrongDigits, read_mistakes
from core.runs.result import still_published
from core.runs.state import State, Status
from core.runs.store import Run
from core.runs.verdict import verdict
from core.training_plan import Preparing, Progress, Wish
from ui import resources, training_charts
from ui.access import access
from ui.frame import sentence_instead_of_traceback
from ui.pictures import picture_row
from ui.steady_chart import steady_chart
from ui.wording import duration, outcome_name, percent, sentence

# Keys of the session: the run that is shown, and what could not be done.
SHOWN, PROBLEM = "train_run", "train_problem"
REFRESH_S = 1.0
WORDS: dict[Status, tuple[str, str]] = {
    "starting": ("starting", ":material/hourglass_top:"),
    "waiting": ("waiting", ":material/hourglass_top:"),
    "preparing": ("preparing", ":material/hourglass_top:"),
    "training": ("training", ":material/play_arrow:"),
    "paused": ("paused", ":material/pause:"),
    "measuring": ("measuring", ":material/speed:"),
    "finished": ("finished", ":material/check_circle:"),
    "stopped": ("stopped", ":material/stop_circle:"),
    "failed": ("failed", ":material/error:"),
    "interrupted": ("interrupted", ":material/power_off:"),
}


def follow(run: Run, *, may_train: bool) -> None:
    """The run as it is now; while it works, again every second without the rest of the page."""
    if run.state().has_ended:
        _show(run, may_train)
    else:
        st.fragment(_show, run_every=REFRESH_S)(run, may_train)


def _show(run: Run, may_train: bool) -> None:
    with sentence_instead_of_traceback():
        state = run.state()
        key = f"train_ended_{run.id}"
        if state.has_ended and st.session_state.get(key) is False:
            st.session_state[key] = True
            st.rerun()  # all of the page: there is a result now, and nothing to refresh any more
        st.session_state[key] = state.has_ended
        history = resources.follower(run).history()
        _headline(state, history)
        if may_train:
            _controls(run, state)
            if state.status in ("failed", "interrupted"):
                _log(run)
        if history.points or history.epochs:
            _curves(run, history)


def _headline(state: State, history: History) -> None:
    """Status, progress, and the figures of the moment. The same slots always: all below one more is made anew."""
    word, icon = WORDS[state.status]
    if state.status in ("failed", "interrupted"):
        st.error(f"**{word.capitalize()}.** {sentence(state.sentence)}", icon=icon)
    else:
        st.markdown(f"{icon} **{word.capitalize()}.** {sentence(state.sentence) if state.sentence else ''}")
    latest = history.latest
    if state.status == "preparing" and isinstance(latest, Preparing):
        st.progress(latest.done / latest.count if latest.count else 0.0, f"{sentence(latest.what)[:-1]} …")
    elif state.status != "finished" and (not state.has_ended or history.points):
        st.progress(history.share_done, _where(history, state))
    if history.points:
        _figures(history, state)
        if history.epochs or not state.has_ended:
            st.markdown(verdict(history, ended=state.has_ended).sentence)
    with st.container():
        for note in history.notes:
            st.caption(note)


def _where(history: History, state: State) -> str:
    if state.status == "measuring":
        return "Exporting and measuring on test digits"
    if isinstance(history.latest, Progress):
        latest = history.latest
        return f"Epoch {latest.epoch} of {latest.epochs}, {latest.step / latest.steps:.0%} of it"
    if history.epochs:
        done = history.epochs[-1].done
        return f"Epoch {done.epoch} of {done.epochs} done"
    if history.points:
        return f"{history.points[-1].position:.0%} of the first epoch"
    return "Before the first epoch"


def _figures(history: History, state: State) -> None:
    point = history.points[-1]
    best = max((epoch.done.validation_accuracy for epoch in history.epochs), default=None)
    figures = {
        "Training digits right": f"{point.accuracy:.1%}",
        "Validation, best": "–" if best is None else f"{best:.2%}",
        "Digits a second": f"{point.digits_per_second:,.0f}",
    }
    if state.has_ended:
        whole = point.step == point.steps
        spent = duration(sum(epoch.done.seconds for epoch in history.epochs))
        figures["Trained for"] = spent if whole else f"{point.position:.1f} epochs"
    else:
        left = history.seconds_left if state.status in ("training", "paused") else None
        figures = {"Time left": "–" if left is None else duration(left), **figures}
        figures["Learning rate"] = f"{point.learning_rate:.2g}"
    with st.container(horizontal=True, gap="small"):
        for label, figure in figures.items():
            st.metric(label, figure, border=True)


def _controls(run: Run, state: State) -> None:
    """What may be wished of a run as it stands."""
    with st.container(horizontal=True, gap="small"):
        if state.status in ("preparing", "training"):
            _button("Pause", "pause", ":material/pause:", lambda: _ask(run, "pause"))
        if state.status == "paused":
            _button("Resume", "go", ":material/play_arrow:", lambda: _ask(run, "go"))
        if state.status in ("waiting", "preparing", "training", "paused"):
            _button("Stop and keep", "stop", ":material/stop:", lambda: _ask(run, "stop"))
        if state.status in ("stopped", "failed", "interrupted"):
            _button("Train on", "train_on", ":material/play_arrow:", lambda: _train_on(run))
        # Keys of the run's own: else the question stays open, and is then about the next run.
        with st.popover("Discard", icon=":material/delete:", key=f"train_discard_menu_{run.id}"):
            st.markdown(_question(run))
            _button("Discard this run", f"discard_{run.id}", ":material/delete:", lambda: discard(run.id))
    problem = st.session_state.get(PROBLEM)  # kept: a second later this is drawn again
    with st.container():
        if problem:
            st.error(sentence(problem), icon=":material/error:")


def _log(run: Run) -> None:
    """The last that the process said, for those who may mend it."""
    words = run.last_words()
    if words:
        with st.expander("What its process said last", icon=":material/terminal:"):
            st.code(words, language=None, wrap_lines=True)


def _question(run: Run) -> str:
    """What discarding would do, by the run's name."""
    question = f"Delete the run `{run.plan.name}` with its curves and its model?"
    store = resources.store()
    there = still_published(run, store)
    if there is None:
        return question
    where = "stays in use on every page" if store.current() == there.name else "stays in the store"
    return f"{question} What was published as `{there.name}` {where}; under Models another can be chosen."


def _button(label: str, key: str, icon: str, act: Callable[[], None]) -> None:
    st.button(label, icon=icon, key=f"train_{key}", on_click=act)


def _ask(run: Run, wish: Wish) -> None:
    _try(lambda: run.ask(wish))


def _train_on(run: Run) -> None:
    _try(lambda: resources.runs().launch(run, access().limits))


def discard(run_id: str) -> None:
    """Discard a run; one that is gone already, by a second click or in another tab, stays so."""
    store = resources.runs()
    if run_id in store.ids():
        _try(lambda: store.discard(run_id))
    st.session_state.pop(SHOWN, None)


def _try(act: Callable[[], object]) -> None:
    """Callbacks run before the page: what goes wrong is kept for it to show, until something else is asked for."""
    st.session_state.pop(PROBLEM, None)
    try:
        act()
    except DigitscopeError as error:
        st.session_state[PROBLEM] = str(error)


def _curves(run: Run, history: History) -> None:
    epochs = run.plan.settings.epochs
    left, right = st.columns(2, gap="medium")
    with left:
        steady_chart(
            training_charts.accuracy_curves(history, epochs),
            key="train_accuracy",
            about=run.id,
            alt="Share of training and validation digits that are right, over epochs.",
        )
    with right:
        steady_chart(
            training_charts.loss_curves(history, epochs),
            key="train_loss",
            about=run.id,
            alt="Loss on training and validation digits, over epochs.",
        )
    if not history.epochs:
        return
    left, right = st.columns(2, gap="medium")
    with left:
        _confusion(run, history)
    with right:
        _wrong_digits(read_mistakes(run))


def _confusion(run: Run, history: History) -> None:
    done = [epoch.done for epoch in history.epochs]
    shown = done[-1]
    st.markdown("**What is read for what**, on validation digits")
    if len(done) > 1:
        options = [epoch.epoch for epoch in done]
        chosen = st.select_slider(
            "After epoch", options, options[-1], key=f"train_confusion_{len(options)}", label_visibility="collapsed"
        )
        shown = next(epoch for epoch in done if epoch.epoch == chosen)
    steady_chart(
        training_charts.confusion(shown.confusion),
        key="train_confusion",
        about=run.id,
        alt=f"Confusion matrix of validation digits after epoch {shown.epoch}.",
    )
    st.caption(f"After epoch {shown.epoch}. Rows: what was written; columns: what was read.")


def _wrong_digits(wrong: WrongDigits | None) -> None:
    st.markdown("**Digits it gets wrong**, the surest mistakes first")
    if wrong is None or not wrong.digits:
        st.caption("None yet of those looked at.")
        return
    st.html(picture_row([
        (one.picture, f"{outcome_name(one.truth)} → {outcome_name(one.answer)}", percent(one.confidence))
        for one in wrong.digits
    ]))  # fmt: skip
    st.caption(
        f"After epoch {wrong.epoch}: {wrong.wrong:,} of {wrong.looked_at:,} validation digits. "
        "Written → read, and how sure it was."
    )
