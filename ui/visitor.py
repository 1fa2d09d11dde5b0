"""What a browser tells of its visitor."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import streamlit as st


def by_their_clock(time: datetime) -> datetime:
    """A time in the visitor's zone; as it is where the browser names none that is known here."""
    try:
        return time.astimezone(ZoneInfo(st.context.timezone or "UTC"))
    except (KeyError, ValueError, OSError):  # a name nobody knows, one that is none, one of a folder of zones
        return time
