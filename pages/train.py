"""Train: launch a training, watch it, compare it, and read with the model that it made."""

from __future__ import annotations

import math
import time

import streamlit as st

from core.errors import DigitscopeError
from core.runs.store import Run
from ui import resources
from ui.access import access, may_train
from ui.frame import open_page, sentence_instead_of_traceback
from ui.train_compare import compare, label
from ui.train_live import PROBLEM, SHOWN, discard, follow
from ui.train_models import choose_model
from ui.train_result import show_problem, show_result
from ui.train_settings import choose_settings, draft
from ui.wording import sentence

BEGUN = "train_begun"
DOUBLE_CLICK_S = 2.0

# What is made anew every second would fade each time on a busy machine.
STYLE = """
<style>
.st-key-train_watch [data-stale="true"] { opacity: 1 !important; }
</style>
"""


def begin() -> None:
    """Start a run and show it."""
    # What was typed just before the click is in the widgets, and on no page yet.
    plan = draft().plan
    is_second_click = time.monotonic() - st.session_state.get(BEGUN, -math.inf) < DOUBLE_CLICK_S
    if plan is None or is_second_click:
        return  # the page says what is wrong, or has begun
    try:
        run = resources.runs().start(plan, access().limits)
        st.session_state.update({SHOWN: run.id, "train_name": "", BEGUN: time.monotonic()})
    except DigitscopeError as error:
        st.session_state[PROBLEM] = str(error)


def new_training(busy: tuple[Run, ...]) -> None:
    """Settings, and the button that starts; out of the way while a run is at work."""
    title = "Start another training" if busy else "New training"
    with st.expander(title, expanded=not busy, icon=":material/add:", key=f"train_new_{bool(busy)}"):
        chosen = choose_settings()
        for wrong in chosen.wrong:
            st.error(wrong, icon=":material/error:")
        with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
            st.text_input(
                "Name of the model", key="train_name", max_chars=40, width=240, persist_state="session",
                placeholder=chosen.plan.name if chosen.plan else "",
                help="a-z, 0-9 and -; made up where you leave it empty.",
            )  # fmt: skip
            st.button(
                "Start training", type="primary", icon=":material/play_arrow:", key="train_start",
                disabled=chosen.plan is None, on_click=begin,
            )  # fmt: skip
        if busy:
            st.caption(f"`{working(busy).plan.name}` is at work. A run that is started now waits until it has ended.")


def working(busy: tuple[Run, ...]) -> Run:
    """Of the runs that have not ended, the one that the others wait for."""
    waiting = ("starting", "waiting")
    return next((run for run in reversed(busy) if run.state().status not in waiting), busy[-1])


def choose_run(runs: tuple[Run, ...], busy: tuple[Run, ...]) -> Run:
    """The run to show: the one chosen or started last, else the one at work, else the latest."""
    by_id = {run.id: run for run in runs}
    if st.session_state.get(SHOWN) not in by_id:
        st.session_state[SHOWN] = (working(busy) if busy else runs[0]).id
    if len(runs) > 1:
        st.selectbox(
            "Run", list(by_id), format_func=lambda run_id: label(by_id[run_id]), key=SHOWN, persist_state="session"
        )
    return by_id[st.session_state[SHOWN]]


def watch(runs: tuple[Run, ...], busy: tuple[Run, ...], *, allowed: bool) -> None:
    """A run, and what it made."""
    run = choose_run(runs, busy)
    st.header(run.plan.name, anchor=False)
    follow(run, may_train=allowed)
    if run.state().has_ended:
        show_result(run, may_publish=allowed)


with open_page("train") as page:
    st.html(STYLE)
    st.title(page.title, anchor=False)
    st.markdown("Teach a network to read digits, here and now, and watch it learn.")
    with sentence_instead_of_traceback():
        resources.card()  # a model in use that is missing is said here too: the next training may take its place
    allowed = may_train(access())
    store = resources.runs()
    runs, busy = store.runs(), store.at_work()
    for broken in store.problems():
        st.warning(sentence(f"the run {broken.name}: {broken.sentence}"), icon=":material/warning:")
        if allowed:
            with st.popover("Discard", icon=":material/delete:", key=f"train_discard_menu_{broken.name}"):
                st.markdown(f"Delete the run `{broken.name}` with all that is left of it?")
                st.button(
                    "Discard that run", icon=":material/delete:", key=f"train_discard_{broken.name}", on_click=discard,
                    args=(broken.name,),
                )  # fmt: skip
    problem = st.session_state.pop(PROBLEM, None)
    if problem:
        st.error(sentence(problem), icon=":material/error:")
    first, then = st.container(), st.container()
    if allowed:
        with then if busy else first:
            new_training(busy)
    with first if busy else then:
        if runs:
            with st.container(key="train_watch"):
                watch(runs, busy, allowed=allowed)
        else:
            st.caption("No run yet.")
    show_problem(None)  # of a run that was discarded meanwhile
    if len(runs) > 1:
        compare(runs, busy=bool(busy))
    if allowed:
        choose_model()
