"""Tracks: what is shown of noisy readings, and when; `tests.core.steadiness` has the figures of whole sequences."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest

from core.geometry import Box
from core.tracking import Sighting, Track, Tracker, TrackSettings, in_lines, sightings_of
from tests.core import steadiness
from tests.core.steadiness import Frame, measure, number, tracked, untracked
from tests.core.test_reading import line, reading

SETTINGS = TrackSettings()


def follow(*frames: tuple[Sighting, ...], gap_s: float = 0.04, settings: TrackSettings = SETTINGS) -> list[str]:
    """What is shown after each frame, numbers parted by a space."""
    tracker = Tracker()
    return [
        " ".join(track.text for track in tracker.update(frame, i * gap_s, settings)) for i, frame in enumerate(frames)
    ]


# When a number is shown


def test_a_number_is_shown_once_enough_frames_agree() -> None:
    assert follow(*[(number("407"),)] * 4) == ["", "", "407", "407"]


def test_readings_that_never_agree_show_nothing() -> None:
    assert set(follow(*[(number(str(100 + i)),) for i in range(12)])) == {""}


def test_evidence_is_averaged_digit_by_digit() -> None:
    frames = [(number("407"),), (number("401", confidence=0.6),), (number("107", confidence=0.6),), (number("407"),)]

    assert follow(*frames, settings=TrackSettings(agreeing=2))[-1] == "407"


def test_a_lone_misreading_changes_nothing() -> None:
    right, wrong = (number("407"),), (number("401"),)

    assert follow(*[right] * 4, wrong, *[right] * 3)[3:] == ["407"] * 5


def test_two_readings_in_turn_do_not_take_turns_on_the_screen() -> None:
    """A comma that is a digit in every other frame."""
    shown = follow(*[(number(text),) for text in ("42", "42", "42", "421") + ("42", "421") * 8])

    assert set(shown[3:]) == {"42"}


def test_groups_of_one_number_appear_together() -> None:
    """One of them was misread while it came to rest."""
    thousands, late, rest = number("16"), number("805", x=400), number("305", x=400)

    shown = follow(*[(thousands, late)] * 2, *[(thousands, rest)] * 4)

    assert shown == ["", "", "", "", "16 305", "16 305"]


@pytest.mark.parametrize("blurred", [5, 8, 12, 30])
def test_groups_appear_together_however_long_they_were_blurred_before(blurred: int) -> None:
    late, whole = (number("16"), number("805", x=400)), (number("16"), number("305", x=400))
    tracker = Tracker()
    shown = set()
    for i, frame in enumerate([late] * (blurred + 4) + [whole] * 8):
        tracks = tracker.update(frame, i / 25, moved=lambda _, i=i: i < blurred)
        shown.add(" ".join(track.text for track in tracks))

    assert shown == {"", "16 305"}


def test_a_number_does_not_wait_long_for_one_that_is_never_believed() -> None:
    frames = [(number("407"), number(str(100 + i), x=400)) for i in range(30)]
    settings = TrackSettings(together_s=0.5)

    shown = follow(*frames, gap_s=0.05, settings=settings)

    assert shown.index("407") == round(0.5 / 0.05)
    assert set(shown) == {"", "407"}


def test_what_comes_anew_in_every_frame_does_not_keep_a_number_back_for_long_either() -> None:
    frames = [(number("407"), number(str(10 + i), x=400, y=200 * i)) for i in range(30)]

    shown = follow(*frames, gap_s=0.05, settings=TrackSettings(together_s=0.5))

    assert shown.index("407") == 2 + round(0.5 / 0.05)


def test_a_number_that_trembles_now_and_then_does_not_wait_anew_for_what_was_never_believed() -> None:
    tracker = Tracker()
    shown = [
        bool(tracker.update(
            (number("407"), number(str(100 + i), x=700)),
            i / 10,
            moved=lambda box, i=i: box.x < 600 and i % 7 == 6,
        ))
        for i in range(70)
    ]  # fmt: skip

    assert sum(shown) > 30


def test_a_number_that_is_shown_waits_for_none_that_comes_after_it() -> None:
    shown = follow(*[(number("407"),)] * 3, *[(number("407"), number("52", x=400))] * 3)

    assert shown[2:] == ["407", "407", "407", "407 52"]


def test_a_number_that_is_gone_before_the_wait_is_over_does_not_appear_while_it_fades() -> None:
    shown = follow(*[(number("407"), number(str(100 + i), x=400)) for i in range(4)], (), (), ())

    assert set(shown) == {""}


def test_another_number_at_the_same_place_is_shown_after_as_many_frames() -> None:
    shown = follow(*[(number("407"),)] * 5, *[(number("52"),)] * 5)

    assert shown[-1] == "52"
    assert shown.index("52") - 5 <= SETTINGS.window


def test_old_sightings_do_not_count() -> None:
    assert follow(*[(number("407"),)] * 6, gap_s=SETTINGS.memory_s) == [""] * 6


# What is shown of it


def test_a_digit_below_the_least_confidence_is_a_question_mark() -> None:
    unclear = Sighting((*number("40", confidence=0.99).digits, number("7", x=220, confidence=0.5).digits[0]))

    assert follow(*[(unclear,)] * 3, settings=TrackSettings(minimum_confidence=0.8))[-1] == "40?"


def test_a_number_of_mostly_unreadable_digits_is_not_shown() -> None:
    blurred = number("407", confidence=0.5)

    assert set(follow(*[(blurred,)] * 6, settings=TrackSettings(minimum_confidence=0.8))) == {""}


def test_a_track_s_evidence_is_a_distribution() -> None:
    tracker = Tracker()
    for i in range(3):
        tracks = tracker.update((number("407", confidence=0.9),), i / 30)
    (track,) = tracks

    assert [float(digit.probabilities.sum()) for digit in track.digits] == pytest.approx([1.0] * 3, abs=1e-5)
    assert track.confidence == pytest.approx(0.9**3, rel=0.01)
    assert all(not digit.sure for digit in track.digits)


# When it goes


def test_a_number_that_is_no_longer_seen_fades_and_goes() -> None:
    tracker = Tracker()
    for i in range(4):
        tracker.update((number("407"),), i * 0.1)
    strengths = [[track.strength for track in tracker.update((), 0.3 + gone)] for gone in (0.0, 0.3, 0.5, 0.7)]

    assert strengths == [[1.0], [pytest.approx(0.5)], [pytest.approx(1 / 6)], []]


def test_a_number_goes_at_once_when_the_picture_moves_and_comes_back_when_it_rests() -> None:
    tracker = Tracker()
    moving = {9, 10, 11}
    shown = [
        bool(tracker.update((number("407"),), i / 30, moved=lambda _, i=i: i in moving))
        for i in range(24)
    ]  # fmt: skip

    assert shown[8]
    assert not any(shown[9:12])
    assert shown[-1]
    assert shown.index(True, 12) / 30 - 11 / 30 >= SETTINGS.calm_s


def test_only_what_moved_goes() -> None:
    tracker = Tracker()
    both = (number("12"), number("345", x=400))
    for i in range(5):
        tracker.update(both, i / 30)
    left = tracker.update(both, 5 / 30, moved=lambda box: box.x < 300)

    assert [track.text for track in left] == ["345"]


def test_a_number_takes_those_beside_it_along_when_it_moves() -> None:
    tracker = Tracker()
    groups = (number("12"), number("345", x=250))
    for i in range(5):
        tracker.update(groups, i / 30)

    assert not tracker.update(groups, 5 / 30, moved=lambda box: box.x < 200)
    after = [tracker.update(groups, i / 30, moved=lambda box: box.x < 200) for i in range(6, 40)]
    assert [track.text for track in after[-1]] == ["345"]


def test_a_number_that_fades_gives_way_to_what_stands_there_now() -> None:
    tracker = Tracker()
    for i in range(4):
        tracker.update((number("12"), number("345", x=300)), i / 30)
    for i in range(4, 9):
        tracks = tracker.update((number("6789678"),), i / 30)

    assert [track.text for track in tracks] == ["6789678"]


def test_a_narrow_space_that_is_seen_in_every_other_frame_does_not_come_and_go() -> None:
    apart = (number("44"), number("105", x=230))
    misread = (number("44"), number("165", x=230))
    together = tuple((Sighting((*left.digits, *right.digits)),) for left, right in (apart, misread))

    assert set(follow(*[apart] * 3, *[together[0], apart, together[1]] * 6)[2:]) == {"44 105"}
    assert set(follow(*[together[0]] * 3, *[apart, together[0], misread] * 6)[2:]) == {"44105"}


def test_a_grouping_that_is_no_longer_seen_is_given_up() -> None:
    apart, together = (
        (number("44"), number("105", x=230)),
        (Sighting((*number("44").digits, *number("105", x=230).digits)),),
    )

    assert follow(*[together] * 3, *[apart] * 30)[-1] == "44 105"
    assert follow(*[apart] * 3, *[together] * 30)[-1] == "44105"


def test_a_number_does_not_blink_when_another_is_seen_to_reach_over_it() -> None:
    apart, over = (number("44"), number("105", x=230)), (number("441"),)

    assert set(follow(*[apart] * 3, *[over, apart, apart] * 6)[2:]) == {"44 105"}


def test_a_digit_more_makes_a_number_a_new_one_however_it_is_grouped() -> None:
    apart, longer = (number("44"), number("105", x=230)), (number("441057"),)

    assert follow(*[apart] * 5, *[longer] * 5)[-1] == "441057"


# Which track it is


def test_a_number_keeps_its_track_while_it_wanders() -> None:
    tracker = Tracker()
    numbers = {track.number for i in range(40) for track in tracker.update((number("407", x=100 + 5 * i),), i / 30)}

    assert len(numbers) == 1


def test_numbers_that_swap_sides_keep_their_tracks_and_are_never_shown_wrong() -> None:
    tracker = Tracker()
    before, after = (number("12"), number("345", x=400)), (number("345"), number("12", x=400))
    tracks: tuple[Track, ...] = ()
    for i in range(10):
        tracks = tracker.update(before if i < 5 else after, i / 30)

    assert {track.text: track.number for track in tracks} == {"12": 1, "345": 2}
    assert measure(steadiness.swap(), tracked(steadiness.swap())).wrong_s == 0


def test_tracks_come_in_the_order_of_reading() -> None:
    sightings = (number("3", y=300), number("2", x=300, y=110), number("1", x=100, y=100))
    tracker = Tracker()
    for i in range(3):
        tracks = tracker.update(sightings, i / 30)

    assert [[track.text for track in line] for line in in_lines(tracks)] == [["1", "2"], ["3"]]


def test_each_group_of_a_line_is_a_number_of_its_own() -> None:
    found = reading(line("12 345", 1, 2, 3, 4, 5), line("6", 6))

    assert [sighting.text for sighting in sightings_of(found)] == ["12", "345", "6"]


def test_settings_that_cannot_be_met_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot agree"):
        TrackSettings(window=2, agreeing=3)


# Whole sequences


@pytest.mark.parametrize("make", steadiness.SEQUENCES, ids=lambda make: make.__name__)
def test_a_sequence_is_shown_steadily_soon_and_right(make: Callable[[], list[Frame]]) -> None:
    frames = make()
    truth = [frame.truth for frame in frames]
    told = measure(frames, tracked(frames))

    needed = sum(a != b for a, b in pairwise(truth)) + 1
    assert told.delay_s <= 0.25
    assert told.wrong_s <= 0.25
    assert told.right_share >= 0.75
    assert told.changes * steadiness.SECONDS <= needed + 3


@pytest.mark.parametrize("make", [steadiness.flicker, steadiness.misread, steadiness.split])
def test_tracking_takes_nine_tenths_of_the_flicker_away(make: Callable[[], list[Frame]]) -> None:
    frames = make()

    assert measure(frames, tracked(frames)).changes <= 0.1 * measure(frames, untracked(frames)).changes


def test_measures_tell_delay_wrongness_and_changes() -> None:
    frames = [Frame((), "")] * 30 + [Frame((), "12")] * 30
    shown = [""] * 36 + ["1"] * 3 + ["12"] * 21

    told = measure(frames, shown)

    assert told.delay_s == pytest.approx(9 / 30)
    assert told.wrong_s == pytest.approx(3 / 30)
    assert told.changes == pytest.approx(1.0)
    assert told.right_share == pytest.approx(21 / 30)


def test_the_table_has_a_line_for_each_sequence(capsys: pytest.CaptureFixture[str]) -> None:
    steadiness.main()

    assert len(capsys.readouterr().out.splitlines()) == 1 + len(steadiness.SEQUENCES)


def test_a_box_is_around_all_digits() -> None:
    assert number("12").box == Box(100, 100, 110, 80)
    assert np.isclose(number("1").digits[0].probabilities.sum(), 1.0)
