"""Who may train and publish here, and how much a run may use: settings of whoever runs the app.

Everybody may, without limits, on a machine of one's own. For a public one, in `.streamlit/secrets.toml`:

    [training]
    allowed = false        # nobody trains or publishes, or, with a password:
    password = "..."       # whoever knows it
    memory_mb = 2000       # limits of a run; its minutes count anew when it is trained on
    minutes = 30

or the same as environment variables: DIGITSCOPE_TRAINING_ALLOWED, _PASSWORD, _MEMORY_MB, _MINUTES.
"""

from __future__ import annotations

import hmac
import os
import time
from dataclasses import dataclass

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

from core.errors import SettingsError
from core.runs.plan import Limits

PREFIX = "DIGITSCOPE_TRAINING_"
UNLOCKED, WRONG = "train_unlocked", "train_wrong_password"
WRONG_PASSWORD_S = 1.0
"""Guessing must not be quick."""


@dataclass(frozen=True, kw_only=True)
class Access:
    """What is allowed here. password: empty where none is asked for."""

    allowed: bool
    password: str
    limits: Limits


def access() -> Access:
    """The settings.

    Raises:
        SettingsError: they make no sense.
    """
    return Access(
        allowed=_setting("allowed").lower() not in ("false", "0", "no", "off"),
        password=_setting("password"),
        limits=Limits(memory_mb=_number("memory_mb"), minutes=_number("minutes")),
    )


def may_train(rules: Access) -> bool:
    """Whether this visitor may train and publish; asks for the password where there is one."""
    if not rules.allowed and not rules.password:
        st.info(
            "Training and publishing are turned off here. On a machine of your own, everything on this page works.",
            icon=":material/lock:",
        )
        return False
    if not rules.password or st.session_state.get(UNLOCKED) == rules.password:
        return True
    with st.form("train_password_form", width=420):
        st.text_input("Password to train and publish", type="password", key="train_password")
        st.form_submit_button("Unlock", icon=":material/lock_open:", on_click=_unlock, args=(rules.password,))
        if st.session_state.pop(WRONG, False):
            st.error("This is not the password; ask whoever runs this app.", icon=":material/error:")
    return False


def _unlock(password: str) -> None:
    """Compare what was given."""
    if hmac.compare_digest(st.session_state["train_password"].encode(), password.encode()):
        st.session_state[UNLOCKED] = password
    else:
        time.sleep(WRONG_PASSWORD_S)
        st.session_state[WRONG] = True


def _setting(name: str) -> str:
    given = os.environ.get(PREFIX + name.upper())
    if given is not None:
        return given.strip()
    try:
        section = st.secrets.get("training", {})
        return str(section.get(name, "")).strip()
    except (OSError, UnicodeDecodeError) as error:
        # "Not found" is what Streamlit raises for a file with a mistake in it, too: that must not open the door.
        if isinstance(error, StreamlitSecretNotFoundError) and error.error_id == "no-secrets-found":
            return ""
        raise SettingsError("the secrets of this app cannot be read; make each of their files valid TOML") from error
    except AttributeError as error:
        raise SettingsError("`training` in the secrets is no table; write [training] above its settings") from error


def _number(name: str) -> float | None:
    given = _setting(name)
    try:
        return float(given) if given else None
    except ValueError as error:
        raise SettingsError(f"{name} of training is {given[:40]!r} in this app's settings; write a number") from error
