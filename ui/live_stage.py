"""What a session knows of its camera: whether it was started, how it is connected, and why there is no picture."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Literal

import streamlit as st

from core.reader import Reader
from ui import viewers
from ui.viewer import Viewer

Connection = Literal["off", "connecting", "connected"]

# A picture that is on its way for longer will hardly come.
PATIENCE_S = 10.0
# A connection that ends sooner, without a picture, was ended by the visitor.
GIVEN_UP_S = 5.0

FULL = (
    "All places for live pictures ({limit}) are taken right now. Each takes a part of the server's processor, so there "
    "are no more. Try again in a minute, or take single shots instead: they are read at once."
)
NO_PICTURE = (
    "No picture has come through in ten seconds. The network between your browser and the server seems to let none "
    "pass{relay}. Take single shots instead, or try another network."
)
NO_RELAY = "; those who run this app can add a TURN server, as its README tells"
BAD_RELAY = ", not even over the TURN server that is set up; its credentials may have run out"
STOPPED = (
    "The picture has stopped coming. Press Stop and start again; if it stays so, another program may have taken it."
)


class Stage:
    """The camera of one session.

    limit: how many visitors may use theirs at once.
    press: when the page's start button was pressed, in milliseconds; 0 before the first time.
    full: whether there was no place left when it was.
    open: whether the picture is on the page. ended: whether its connection has, so that it is to be taken off.
    connection: how the connection stands.
    """

    def __init__(self, reader: Reader, limit: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.viewer = Viewer(reader, clock)
        self.limit = limit
        self.press = 0
        self.full = False
        self.open = False
        self.ended = False
        self.connection: Connection = "off"
        self._clock = clock
        self._connecting_since: float | None = None
        self._gave_up = False

    def start(self) -> None:
        """The visitor wants a picture."""
        self.press = time.time_ns() // 1_000_000
        self.full = not _viewers().claim(self.viewer, self.limit)
        self.open, self.ended = not self.full, False
        self._connecting_since, self._gave_up = None, False

    def hindered(self) -> None:
        """The browser gives no picture: others may have the place meanwhile."""
        if self.connection == "off":
            _viewers().release(self.viewer)

    def close(self) -> None:
        """Take the picture off the page."""
        self.open = False

    def leave(self) -> None:
        """The visitor was or is elsewhere, and the browser has ended the picture without a word."""
        if self.open or self.connection != "off":
            self.changed("off")
            self.close()
        self.full = self._gave_up = False

    def changed(self, connection: Connection) -> None:
        """The connection stands otherwise than before."""
        if connection == "connecting" and self.connection == "off":
            # Taken at the start, and perhaps given back since, while a permission was missing.
            self.full = not _viewers().claim(self.viewer, self.limit)
            self.open = not self.full
            if self.full:
                return
            self.viewer.reset()
            self._connecting_since, self._gave_up = self._clock(), False
        if connection == "off":
            self._gave_up = self._waited() > GIVEN_UP_S
            self._connecting_since = None
            self.ended = True
            _viewers().release(self.viewer)
        self.connection = connection

    @property
    def awaited(self) -> bool:
        """Whether the visitor has pressed start, and no picture has come since."""
        return self.open and self.viewer.figures().frames == 0

    def trouble(self, *, relay: bool) -> str | None:
        """Why there is no picture, as a sentence; None where there is one, or it may still come.

        Args:
            relay: whether a TURN server is set up.
        """
        if self.full:
            return FULL.format(limit=self.limit)
        if self._gave_up or self._waited() > PATIENCE_S:
            return NO_PICTURE.format(relay=BAD_RELAY if relay else NO_RELAY)
        figures = self.viewer.figures()
        return STOPPED if self.connection == "connected" and figures.frames and not figures.running else None

    def _waited(self) -> float:
        """Seconds without a first picture; 0 where nobody waits."""
        waits = self._connecting_since is not None and self.viewer.figures().frames == 0
        return self._clock() - self._connecting_since if waits and self._connecting_since is not None else 0.0


def of_this_session(reader: Reader) -> Stage:
    """The camera of this visitor, wherever in the app they were in between.

    Raises:
        SettingsError: the server's limit of visitors is no number.
    """
    limit = viewers.limit()
    if "live_stage" not in st.session_state:
        st.session_state["live_stage"] = Stage(reader, limit)
    stage: Stage = st.session_state["live_stage"]
    stage.limit = limit
    return stage


@st.cache_resource(show_spinner=False)
def _viewers() -> viewers.Viewers:
    return viewers.Viewers()
