"""Servers that help browser and app find a way to each other (STUN), or carry the picture between them (TURN).

Which ones is said by the environment; secrets of Streamlit that stand at the top of their file are part of it. In this
order, the first that is there counts:

    DIGITSCOPE_ICE_SERVERS                                  any list, as JSON: [{"urls": ..., "username": ...}]
    CLOUDFLARE_TURN_KEY_ID, CLOUDFLARE_TURN_KEY_API_TOKEN   Cloudflare Realtime TURN
    TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN                   Twilio Network Traversal
    HF_TOKEN                                                Hugging Face's
    none of them                                            a public STUN server; none at all on the machine itself
"""

from __future__ import annotations

import base64
import json
import os
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

import streamlit as st
from streamlit_webrtc import get_cloudflare_ice_servers, get_hf_ice_servers

from core.errors import SettingsError

LIST_VARIABLE = "DIGITSCOPE_ICE_SERVERS"
PUBLIC_STUN = "stun:stun.l.google.com:19302"
LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")
# What Twilio gives is good for twice as long as it is kept here.
TWILIO_KEPT_S = 3600
TIMEOUT_S = 10

Servers = list[dict[str, Any]]


def ice_servers(page_url: str | None) -> Servers:
    """The servers to use for a visitor who opened the page at `page_url`.

    Raises:
        SettingsError: the list is damaged, or a provider refuses its credentials.
    """
    given = os.environ.get(LIST_VARIABLE)
    if given is not None:
        return parse(given)
    for provider in _PROVIDERS:
        values = [os.environ.get(name, "") for name in provider.variables]
        if all(values):
            return _asked(provider, values)
    # On one machine browser and app find each other, and nobody else need know of it.
    host = urlsplit(page_url).hostname if page_url else None
    return [] if host in LOCAL_HOSTS else [{"urls": PUBLIC_STUN}]


def has_relay(servers: Servers) -> bool:
    """Whether one of them carries pictures where a network lets nothing through directly."""
    addresses = [server["urls"] for server in servers]
    flat = [url for urls in addresses for url in ([urls] if isinstance(urls, str) else urls)]
    return any(url.startswith(("turn:", "turns:")) for url in flat)


def parse(text: str) -> Servers:
    """A list of servers from JSON.

    Raises:
        SettingsError: it is none.
    """
    try:
        servers = json.loads(text)
    except ValueError as error:
        raise SettingsError(f"{LIST_VARIABLE} is no JSON: {error}; it should look like {_EXAMPLE}") from error
    if isinstance(servers, dict):  # as providers answer it
        servers = servers.get("iceServers")
    if not isinstance(servers, list) or not all(_is_server(server) for server in servers):
        raise SettingsError(f"{LIST_VARIABLE} is no list of servers; it should look like {_EXAMPLE}")
    return servers


_EXAMPLE = '[{"urls": "turn:turn.example.org:3478", "username": "me", "credential": "secret"}]'


def _is_server(server: object) -> bool:
    if not isinstance(server, dict):
        return False
    urls = server.get("urls")
    urls = [urls] if isinstance(urls, str) else urls
    known = ("stun:", "stuns:", "turn:", "turns:")
    return isinstance(urls, list) and bool(urls) and all(isinstance(url, str) and url.startswith(known) for url in urls)


class _Provider(NamedTuple):
    """Who gives out servers: its credentials' variables, and the function that takes them."""

    name: str
    variables: tuple[str, ...]
    ask: Callable[..., Servers]


def _asked(provider: _Provider, credentials: Sequence[str]) -> Servers:
    try:
        return provider.ask(*credentials)
    except (ValueError, OSError, LookupError, TypeError) as error:  # the last two: an answer of another form
        raise SettingsError(
            f"{provider.name} gives no TURN servers ({error}); check its credentials in the app's secrets"
        ) from error


def _cloudflare(key: str, token: str) -> Servers:
    return [dict(server) for server in get_cloudflare_ice_servers(key, token)]


@st.cache_data(ttl=TWILIO_KEPT_S, show_spinner=False)
def _twilio(account: str, token: str) -> Servers:
    """Twilio's servers, as its Network Traversal service gives them for an account."""
    request = urllib.request.Request(
        f"https://api.twilio.com/2010-04-01/Accounts/{quote(account, safe='')}/Tokens.json",
        data=f"Ttl={2 * TWILIO_KEPT_S}".encode(),
        headers={"Authorization": "Basic " + base64.b64encode(f"{account}:{token}".encode()).decode()},
    )
    with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:  # noqa: S310 - the address above, over https
        servers: Servers = [
            {key: server[key] for key in ("urls", "username", "credential") if key in server}
            for server in json.loads(response.read())["ice_servers"]
        ]
    return servers


def _hugging_face(token: str) -> Servers:
    return [*(dict(server) for server in get_hf_ice_servers(token)), {"urls": PUBLIC_STUN}]


_PROVIDERS = (
    _Provider("Cloudflare", ("CLOUDFLARE_TURN_KEY_ID", "CLOUDFLARE_TURN_KEY_API_TOKEN"), _cloudflare),
    _Provider("Twilio", ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"), _twilio),
    _Provider("Hugging Face", ("HF_TOKEN",), _hugging_face),
)
