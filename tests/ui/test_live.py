"""The Live page with Streamlit's own test client: the live picture itself is a fake, since WebRTC needs a browser."""

from __future__ import annotations

import csv
import io
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from streamlit.testing.v1 import AppTest

from core.errors import SettingsError
from core.live import LiveSettings, LiveView
from core.models import ModelStore
from core.reader import Reader
from core.tracking import Track
from tests.core.clutter import SHIPPED
from tests.core.steadiness import number
from tests.ui.conftest import EVERY_PAGE, ROOT, loaded_after
from ui import camera_check, kept, live_stage
from ui import viewer as viewer_module
from ui.kept import Kept, csv_file, json_file
from ui.live_stage import GIVEN_UP_S, PATIENCE_S, Stage
from ui.viewer import IDLE_S, Viewer
from ui.viewers import LIMIT_VARIABLE

PICTURE = np.full((480, 640, 3), 170, np.uint8)


@pytest.fixture
def fake_camera(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A live picture that is connected as soon as it is on the page, and tells whom it would show frames to."""
    seen: dict[str, Any] = {"connection": "connected", "key": None}
    monkeypatch.setattr(viewer_module, "LiveReader", FakeLiveReader)

    def stream(key: str, viewer: Viewer, servers: list[dict[str, Any]], on_change: Callable[[], None]) -> None:
        anew = key != seen["key"]
        seen.update(key=key, viewer=viewer, servers=servers, on_change=on_change)
        if anew:
            on_change()

    from ui import camera

    monkeypatch.setattr(camera, "stream", stream)
    monkeypatch.setattr(camera, "connection", lambda _: seen["connection"])
    return seen


def open_live(app: AppTest) -> AppTest:
    return app.switch_page("pages/live.py").run()


def start(app: AppTest) -> AppTest:
    return open_live(app).button(key="live_start").click().run()


def words(app: AppTest) -> str:
    elements = (*app.title, *app.header, *app.subheader, *app.markdown, *app.caption, *app.error, *app.warning)
    answers = (element.proto.body for element in app.get("html"))
    return "\n".join([*(element.value for element in elements), *answers, *(toast.value for toast in app.toast)])


class FakeLiveReader:
    """Reads from every frame what a test wants."""

    text = ""

    def __init__(self, _: Reader) -> None:
        pass

    def look(self, pixels: NDArray[np.uint8], time_s: float, settings: LiveSettings) -> LiveView:
        digits = number(self.text, y=200).digits if self.text else ()
        return LiveView((Track(1, digits, 1.0),) if digits else (), "numbers", 5.0)


def hold(viewer: Viewer, text: str) -> None:
    """Hold a number before the camera until it is known."""
    FakeLiveReader.text = text
    deadline = time.monotonic() + 10
    while viewer.view().text != text:
        assert time.monotonic() < deadline
        viewer.show(PICTURE)
        time.sleep(0.01)
    viewer.show(PICTURE)


# The page


def test_before_the_start_the_page_says_what_to_do(app: AppTest) -> None:
    open_live(app)

    assert not app.exception
    assert "hold it before the camera" in words(app)
    assert "Your browser will ask" in words(app)
    assert app.toggle(key="live_freeze").disabled
    assert app.button(key="live_keep").disabled


def test_a_picture_on_its_way_is_waited_for(app: AppTest, fake_camera: dict[str, Any]) -> None:
    fake_camera["connection"] = "connecting"
    start(app)

    assert "Starting" in words(app)
    assert app.toggle(key="live_freeze").disabled
    assert app.button(key="live_keep").disabled


def test_the_number_that_is_held_stands_beside_the_picture(app: AppTest, fake_camera: dict[str, Any]) -> None:
    start(app)
    hold(fake_camera["viewer"], "407")
    app.run()

    assert not app.exception
    assert ">407</div>" in words(app)
    assert "Confidence 91% that all of it is right" in words(app)


def test_a_number_is_kept_with_its_time_and_offered_as_csv_and_json(app: AppTest, fake_camera: dict[str, Any]) -> None:
    start(app)
    for text in ("407", "52"):
        hold(fake_camera["viewer"], text)
        app.button(key="live_keep").click().run()

    assert "Kept 52" in words(app)
    assert app.dataframe[0].value["text"].tolist() == ["52", "407"]
    assert [button.proto.label for button in app.get("download_button")] == ["CSV", "JSON"]
    app.switch_page("app.py").run()
    open_live(app)
    assert app.dataframe[0].value["text"].tolist() == ["52", "407"]
    app.button(key="live_clear").click().run()
    assert not app.dataframe


def test_a_double_click_keeps_a_number_once(app: AppTest, fake_camera: dict[str, Any]) -> None:
    start(app)
    for _ in range(2):
        hold(fake_camera["viewer"], "407")
        app.button(key="live_keep").click().run()

    assert app.dataframe[0].value["text"].tolist() == ["407"]


def test_without_a_number_there_is_nothing_to_keep(app: AppTest, fake_camera: dict[str, Any]) -> None:
    start(app)
    app.button(key="live_keep").click().run()

    assert "There is no number to keep yet" in words(app)
    assert not app.dataframe


def test_a_full_list_says_so(app: AppTest, fake_camera: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST_KEPT", 1)
    start(app)
    for _ in range(2):
        hold(fake_camera["viewer"], "7")
        app.button(key="live_keep").click().run()

    assert "The list is full" in words(app)
    assert len(app.dataframe[0].value) == 1


def test_freezing_and_settings_reach_the_viewer(app: AppTest, fake_camera: dict[str, Any]) -> None:
    start(app)
    app.toggle(key="live_freeze").set_value(True)
    app.toggle(key="live_mirrored").set_value(True)
    app.slider(key="live_width").set_value(50)
    app.slider(key="live_minimum").set_value(85).run()

    viewer = fake_camera["viewer"]
    assert viewer._frozen
    assert viewer._settings.mirrored
    assert viewer._settings.guide_wh == (0.5, 0.6)
    assert viewer._settings.minimum_confidence == 0.85


def end(app: AppTest, fake_camera: dict[str, Any]) -> AppTest:
    """The visitor presses Stop."""
    fake_camera["connection"] = "off"
    fake_camera["on_change"]()
    fake_camera["connection"] = "connected"
    return app.run()


def test_nothing_of_a_picture_stays_when_it_is_stopped(app: AppTest, fake_camera: dict[str, Any]) -> None:
    start(app)
    hold(fake_camera["viewer"], "407")
    assert ">407</div>" in words(app.run())
    end(app, fake_camera)

    assert "No picture" in words(app)
    assert ">407</div>" not in words(app)
    assert app.metric[0].value == "0"


def test_a_frozen_picture_does_not_freeze_the_next_one(app: AppTest, fake_camera: dict[str, Any]) -> None:
    start(app)
    hold(fake_camera["viewer"], "407")
    app.toggle(key="live_freeze").set_value(True).run()
    end(app, fake_camera)
    assert not app.toggle(key="live_freeze").value
    app.button(key="live_start").click().run()
    hold(fake_camera["viewer"], "52")
    app.run()

    assert ">52</div>" in words(app)


@pytest.mark.parametrize("away", ["another page", "single shots"])
def test_who_comes_back_starts_anew_and_is_not_told_of_trouble(
    app: AppTest, fake_camera: dict[str, Any], monkeypatch: pytest.MonkeyPatch, away: str
) -> None:
    monkeypatch.setattr(viewer_module, "IDLE_S", 0.1)
    start(app)
    hold(fake_camera["viewer"], "407")
    if away == "another page":
        app.switch_page("app.py").run()
        time.sleep(0.2)
        open_live(app)
    else:
        app.segmented_control(key="live_mode").set_value("Single shots").run()
        time.sleep(0.2)
        app.segmented_control(key="live_mode").set_value("Live picture").run()

    assert app.button(key="live_start")
    assert not app.warning
    assert "No picture" in words(app)


def test_the_figures_of_the_stream_are_shown(app: AppTest, fake_camera: dict[str, Any]) -> None:
    start(app)
    fake_camera["viewer"].show(PICTURE)
    app.run()

    assert [metric.label for metric in app.metric] == ["Frames a second", "Read in", "Drawn in", "Frames not read"]


def test_single_shots_are_one_click_away(app: AppTest) -> None:
    open_live(app)
    app.segmented_control(key="live_mode").set_value("Single shots").run()

    assert not app.exception
    assert app.get("camera_input")
    assert "Take a shot" in words(app)
    (least,) = app.slider  # a shot has no frame to hold it in
    assert least.label == "Least confidence"
    assert "is not shown" not in least.help  # only the live picture leaves numbers out


# What goes wrong


@pytest.mark.parametrize("problem", camera_check.PROBLEMS)
def test_what_the_browser_says_is_a_sentence_with_a_way_out(
    app: AppTest, monkeypatch: pytest.MonkeyPatch, problem: str
) -> None:
    monkeypatch.setattr(camera_check, "_companion", lambda **_: type("Told", (), {"problem": problem}))
    open_live(app)

    assert [error.value for error in app.error] == [camera_check.PROBLEMS[problem]]


def test_past_the_limit_a_message_says_so_and_no_picture_is_started(
    app: AppTest, fake_camera: dict[str, Any], stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(LIMIT_VARIABLE, "1")
    stage.start()
    start(app)

    assert "All places for live pictures (1) are taken" in words(app)
    assert "viewer" not in fake_camera
    stage.changed("off")
    app.button(key="live_start").click().run()
    assert "viewer" in fake_camera


def test_a_damaged_list_of_servers_is_told_when_the_camera_is_started(
    app: AppTest, fake_camera: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIGITSCOPE_ICE_SERVERS", "turn.example.org")
    start(app)

    assert not app.exception
    assert "DIGITSCOPE_ICE_SERVERS is no JSON" in words(app)


def test_a_limit_that_is_no_number_is_told(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(LIMIT_VARIABLE, "a few")
    open_live(app)

    assert not app.exception
    assert "DIGITSCOPE_LIVE_VIEWERS is 'a few'" in words(app)


class Clock:
    """Time that passes only when it is told to."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def stage(clock: Clock) -> Stage:
    live_stage._viewers.clear()
    return Stage(Reader(ModelStore(SHIPPED).load("digitscope")), 1, clock)


def test_a_picture_that_does_not_come_in_ten_seconds_is_explained(stage: Stage, clock: Clock) -> None:
    stage.start()
    stage.changed("connecting")
    clock.now += PATIENCE_S - 1
    assert stage.trouble(relay=False) is None
    clock.now += 2

    assert "can add a TURN server" in (stage.trouble(relay=False) or "")
    assert "its credentials may have run out" in (stage.trouble(relay=True) or "")


def test_a_connection_that_fails_is_explained_until_the_next_start(stage: Stage, clock: Clock) -> None:
    stage.start()
    stage.changed("connecting")
    clock.now += 20
    stage.changed("off")
    assert "No picture has come through" in (stage.trouble(relay=False) or "")
    stage.changed("connecting")

    assert stage.trouble(relay=False) is None


def test_who_stops_at_once_is_told_nothing(stage: Stage, clock: Clock) -> None:
    stage.start()
    stage.changed("connecting")
    clock.now += GIVEN_UP_S - 1
    stage.changed("off")

    assert stage.trouble(relay=False) is None


def test_a_picture_that_stops_coming_is_explained(stage: Stage, clock: Clock) -> None:
    stage.start()
    stage.changed("connecting")
    stage.viewer.show(PICTURE)
    stage.changed("connected")
    assert stage.trouble(relay=False) is None
    clock.now += IDLE_S + 1

    assert stage.trouble(relay=False) == live_stage.STOPPED


def test_a_second_visitor_waits_for_the_first(stage: Stage, clock: Clock) -> None:
    other = Stage(stage.viewer._reader, 1, clock)
    stage.start()
    other.start()
    assert other.full
    assert not other.open
    stage.changed("off")
    other.start()

    assert other.open


def test_who_gets_no_picture_leaves_the_place_to_others(stage: Stage, clock: Clock) -> None:
    other = Stage(stage.viewer._reader, 1, clock)
    stage.start()
    stage.hindered()
    other.start()
    assert other.open
    stage.changed("connecting")

    assert stage.full
    assert not stage.open
    assert stage.connection == "off"
    clock.now += 60
    stage.leave()
    assert stage.trouble(relay=False) is None


# The list as files

ENTRY = Kept(datetime(2026, 3, 4, 5, 6, 7, 89000, tzinfo=UTC), "407\n52", 0.98765, b"", "")


def test_the_csv_file_holds_a_row_for_each_number() -> None:
    rows = list(csv.DictReader(io.StringIO(csv_file([ENTRY]).decode("utf-8-sig"))))

    assert rows == [{"time": "2026-03-04T05:06:07.089+00:00", "text": "407\n52", "confidence": "0.9877"}]


def test_the_json_file_holds_an_object_for_each_number() -> None:
    assert json.loads(json_file([ENTRY])) == [
        {"time": "2026-03-04T05:06:07.089+00:00", "text": "407\n52", "confidence": 0.9877}
    ]


# STUN and TURN servers

TURN = {"urls": ["turn:turn.example.org:3478"], "username": "me", "credential": "secret"}


@pytest.fixture
def no_servers(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment that names no servers."""
    from ui import ice_servers

    for names in (ice_servers.LIST_VARIABLE, *(name for one in ice_servers._PROVIDERS for name in one.variables)):
        monkeypatch.delenv(names, raising=False)
    return monkeypatch


def test_on_the_machine_itself_no_server_is_asked(no_servers: pytest.MonkeyPatch) -> None:
    from ui.ice_servers import ice_servers

    assert ice_servers("http://localhost:8501/live") == []
    assert ice_servers("http://127.0.0.1:8501/live") == []
    assert "stun:" in ice_servers("https://digits.example.org/live")[0]["urls"]


@pytest.mark.parametrize("text", [json.dumps([TURN]), json.dumps({"iceServers": [TURN]})])
def test_any_list_of_servers_is_taken(no_servers: pytest.MonkeyPatch, text: str) -> None:
    from ui import ice_servers

    no_servers.setenv(ice_servers.LIST_VARIABLE, text)
    servers = ice_servers.ice_servers("https://digits.example.org/live")

    assert servers == [TURN]
    assert ice_servers.has_relay(servers)
    assert not ice_servers.has_relay([{"urls": "stun:stun.example.org"}])


@pytest.mark.parametrize("text", ["", "turn:x", "7", '["turn:x"]', '[{"username": "me"}]', '[{"urls": "http://x"}]'])
def test_a_damaged_list_of_servers_is_a_sentence(text: str) -> None:
    from ui import ice_servers

    with pytest.raises(SettingsError, match="it should look like"):
        ice_servers.parse(text)


def test_a_provider_is_asked_with_its_credentials_and_its_refusal_is_a_sentence(
    no_servers: pytest.MonkeyPatch,
) -> None:
    from ui import ice_servers

    def ask(*credentials: str) -> list[dict[str, Any]]:
        if credentials != ("id", "token"):
            raise ValueError("Failed to get credentials")
        return [TURN]

    fake = ice_servers._PROVIDERS[0]._replace(ask=ask)
    no_servers.setattr(ice_servers, "_PROVIDERS", (fake,))
    no_servers.setenv("CLOUDFLARE_TURN_KEY_ID", "id")
    no_servers.setenv("CLOUDFLARE_TURN_KEY_API_TOKEN", "token")
    assert ice_servers.ice_servers("https://digits.example.org") == [TURN]
    no_servers.setenv("CLOUDFLARE_TURN_KEY_API_TOKEN", "old")

    with pytest.raises(SettingsError, match="Cloudflare gives no TURN servers"):
        ice_servers.ice_servers("https://digits.example.org")


def test_only_a_started_camera_loads_webrtc() -> None:
    assert loaded_after(EVERY_PAGE).isdisjoint({"streamlit_webrtc", "aiortc", "av"})


def test_one_file_alone_knows_webrtc() -> None:
    knows = {
        path.name
        for folder in ("ui", "pages", "core")
        for path in (ROOT / folder).rglob("*.py")
        if any(line.startswith(("import av", "from av", "import aiortc", "from aiortc")) for line in lines_of(path))
    }

    assert knows == {"camera.py"}


def lines_of(path: Path) -> list[str]:
    return [line.strip() for line in path.read_text("utf-8").splitlines()]
