"""What a file may ask for: the numbers fit each other."""

from __future__ import annotations

from components.common.media import limits


def test_a_picture_is_never_worked_on_larger_than_decoded() -> None:
    assert limits.ART_PIXELS < limits.WORKING_PIXELS < limits.MAX_PIXELS


def test_two_minutes_of_4k_fit_and_hide_nobody_for_long() -> None:
    assert limits.MAX_VIDEO_PIXELS >= 120 * 60 * limits.MAX_FRAME_PIXELS
    assert 20 * 25 * limits.MAX_FRAME_PIXELS < limits.MAX_FACELESS_PIXELS < limits.MAX_VIDEO_PIXELS
    assert limits.MAX_FACELESS_PIXELS >= 110 * 25 * 1920 * 1080


def test_a_decoder_full_of_frames_leaves_room_for_the_models() -> None:
    assert 17 * 6 * limits.MAX_FRAME_PIXELS < 1e9  # bytes
