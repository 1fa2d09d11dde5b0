"""The stored models: which one reads, and the way back to another, whatever became of the run that made it."""

from __future__ import annotations

import streamlit as st

from core.card import SHIPPED, check_name
from core.errors import DigitscopeError
from core.models import CURRENT_FILE, Problem
from ui import resources
from ui.uploads import as_code
from ui.wording import MNIST_ACCURACY, sentence

CHOSEN, PROBLEM = "train_model", "train_model_problem"


def choose_model() -> None:
    """A list of the models with what can be done with each; nothing while there is but the shipped one."""
    store = resources.store()
    names, in_use = store.names(), store.current()
    problems, said = store.problems(), st.session_state.pop(PROBLEM, None)
    if names in ((), (in_use,)) and not problems:
        return
    st.header("Models", anchor=False)
    if in_use in names:  # else the one that came with Digitscope is damaged, and nothing reads
        st.markdown(f"`{in_use}` reads on every page, for every visitor and on the command line.")
    if names:
        _choose(names, in_use)
    for broken in problems:
        _show_broken(broken)
    if said:
        st.error(sentence(said), icon=":material/error:")


def _choose(names: tuple[str, ...], in_use: str) -> None:
    is_chosen = resources.store().lost_choice() is None
    if st.session_state.get(CHOSEN) not in names:
        st.session_state[CHOSEN] = in_use if in_use in names else names[0]
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        name = st.selectbox("Model", names, format_func=_label, key=CHOSEN, persist_state="session", width=320)
        st.button(
            "Read with it", icon=":material/check:", key="train_model_use", on_click=_use, args=(name,),
            disabled=name == in_use and is_chosen,
            help="Every page, every visitor and the command line read with it from now on.",
        )  # fmt: skip
        with st.popover(
            "Delete", icon=":material/delete:", key=f"train_model_delete_{name}", disabled=name in (in_use, SHIPPED),
            help="The one in use and the one that came with Digitscope stay.",
        ):  # fmt: skip
            st.markdown(f"Delete `{name}` for good? The run that made it stays.")
            st.button(
                "Delete this model", icon=":material/delete:", key=f"train_model_deleted_{name}", on_click=_delete,
                args=(name,),
            )  # fmt: skip


def _show_broken(broken: Problem) -> None:
    """What cannot be used, and a way to be rid of it; what was never a model is not ours to delete."""
    is_named = broken.name == CURRENT_FILE or broken.name in broken.sentence
    named = "" if is_named else f"{as_code(broken.name)}: "
    st.warning(named + sentence(broken.sentence), icon=":material/warning:")
    if _may_be_deleted(broken.name):
        with st.popover(
            f"Delete {as_code(broken.name)}", icon=":material/delete:", key=f"train_model_delete_{broken.name}"
        ):
            st.markdown(f"Delete {as_code(broken.name)} for good? It may only be half copied.")
            st.button(
                "Delete this model", icon=":material/delete:", key=f"train_model_deleted_{broken.name}",
                on_click=_delete, args=(broken.name,),
            )  # fmt: skip


def _may_be_deleted(name: str) -> bool:
    try:
        return check_name(name) != SHIPPED
    except DigitscopeError:
        return False


def _label(name: str) -> str:
    try:
        accuracy = resources.store().card(name).figures.get(MNIST_ACCURACY)
    except DigitscopeError:
        return name  # deleted meanwhile, which the buttons say
    return f"{name} · {accuracy:.2%} of MNIST's test set" if isinstance(accuracy, float) else name


def _use(name: str) -> None:
    try:
        resources.store().choose(name)
    except DigitscopeError as error:
        st.session_state[PROBLEM] = str(error)


def _delete(name: str) -> None:
    try:
        store = resources.store()
        if name in {*store.names(), *(broken.name for broken in store.problems())}:  # else a second click
            store.delete(name)
    except DigitscopeError as error:
        st.session_state[PROBLEM] = str(error)
