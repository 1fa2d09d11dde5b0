"""Live: hold a number before the camera; it is read as soon as it stands still, and kept when asked for."""

from __future__ import annotations

import streamlit as st

from ui import live_panel, live_stage, resources
from ui.camera_check import START_LABEL, problem
from ui.frame import open_page, sentence_instead_of_traceback
from ui.kept import keep, show_kept
from ui.live_settings import choose_settings
from ui.live_stage import Stage
from ui.single_shots import take_shots

PICTURE = "live_picture"
LIVE, SHOTS = "Live picture", "Single shots"
STYLE = """
<style>
.st-key-live_picture { min-height: 12rem; }
.st-key-live_number { min-height: 12rem; }
.st-key-live_figures [data-testid="stMetricValue"] { font-size: 1.15rem; }
@media (max-width: 640px) { .st-key-live_number { min-height: 9rem; } }
</style>
"""


def show_live(stage: Stage) -> None:
    """The live picture, and the number beside it."""
    picture, number = st.columns([3, 2], gap="medium")
    with picture:
        hindrance = problem(PICTURE, stage.press)
        if hindrance:
            stage.hindered()
        relay = False
        if stage.open:
            relay = show_stream(stage)
        if not stage.open:
            # Here, for a last frame may have come after the connection ended.
            stage.viewer.reset()
            invite(stage)
        if hindrance:
            st.error(hindrance, icon=":material/no_photography:")
        offer_actions(stage)
    with number:
        st.fragment(show_number, run_every=live_panel.REFRESH_S if stage.open else None)(
            stage, relay=relay, hindered=bool(hindrance)
        )


def invite(stage: Stage) -> None:
    """The picture's place before it is there."""
    with st.container(border=True, horizontal_alignment="center", vertical_alignment="center", height=300):
        st.markdown("**Write a number, hold it before the camera**", text_alignment="center")
        st.button(START_LABEL, type="primary", icon=":material/videocam:", key="live_start", on_click=stage.start)
        st.caption(
            "Your browser will ask whether it may. The picture is read on the server that runs this page and is not "
            "kept, unless you keep it.",
            text_alignment="center",
        )


def show_stream(stage: Stage) -> bool:
    """The picture itself. Returns whether a relay (TURN) is set up."""
    # Here, not above: streamlit-webrtc takes a second and 60 MB, and most visitors of other pages never need it.
    from ui import camera, ice_servers

    servers = ice_servers.ice_servers(st.context.url)
    # A component of its own for each start: one that is started anew may still hold on to its last connection.
    key = f"live_stream_{stage.press}"
    ended = stage.ended
    if ended:
        stage.close()
    with st.container(key=PICTURE):
        # Also when it has ended: only then does it let go of its connection.
        camera.stream(key, stage.viewer, servers, lambda: stage.changed(camera.connection(key)))
    if ended:
        st.rerun()
    return ice_servers.has_relay(servers)


def offer_actions(stage: Stage) -> None:
    """Freeze, and keep."""
    off = stage.connection != "connected"
    if off:
        # What was frozen ends with its picture; the next one begins by moving.
        st.session_state["live_freeze"] = False
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        frozen = st.toggle("Freeze", key="live_freeze", help="Hold the picture and its number.", disabled=off)
        stage.viewer.freeze(frozen)
        if st.button("Keep this number", icon=":material/bookmark_add:", key="live_keep", disabled=off):
            keep_number(stage)


def keep_number(stage: Stage) -> None:
    """Put what is shown on the list, with its picture."""
    seen = stage.viewer.snapshot()
    if seen is None:
        st.toast("There is no number to keep yet: hold one still inside the frame.", icon=":material/info:")
    else:
        keep(seen.view.text, seen.view.confidence, seen.picture)


def show_number(stage: Stage, *, relay: bool, hindered: bool) -> None:
    """The part of the page that runs again four times a second."""
    with sentence_instead_of_traceback():
        trouble = stage.trouble(relay=relay)
        live_panel.show_reading(stage.viewer, awaited=stage.awaited and not (trouble or hindered))
        if trouble:
            st.warning(trouble, icon=":material/signal_disconnected:")
        with st.expander("Stream", icon=":material/monitor_heart:", key="live_stream_panel"):
            live_panel.show_figures(stage.viewer.figures(), stage.connection)


with open_page("live") as page:
    st.html(STYLE)
    st.title(page.title, anchor=False)
    stage = live_stage.of_this_session(resources.reader())
    # The choice goes with the page: who comes back finds the camera as the browser left it, off.
    if "live_mode" not in st.session_state:
        stage.leave()
    mode = st.segmented_control("How to read", [LIVE, SHOTS], default=LIVE, required=True, key="live_mode")
    below = st.container()
    settings = choose_settings(live=mode == LIVE)
    stage.viewer.use(resources.reader(), settings)
    with below:
        if mode == SHOTS:
            stage.leave()
            take_shots(settings.minimum_confidence)
        else:
            show_live(stage)
    show_kept()
