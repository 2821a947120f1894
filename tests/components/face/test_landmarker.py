from __future__ import annotations

from itertools import islice

import cv2
import numpy as np
import pytest

from components.common.arkit import INDEX, WEIGHTS
from components.common.media import Image, read_frames, read_image
from components.face.landmarker import FaceLandmarker, Region
from components.face.mesh import LEFT_EYE, MESH, RIGHT_EYE
from components.face.mirror import mirror_landmarks
from components.synthetic.render.actor import Actor
from tests.components.corpus.media_samples import need_media


@pytest.fixture(scope="module")
def landmarker() -> FaceLandmarker:
    return FaceLandmarker()


@pytest.fixture(scope="module")
def actor() -> Actor:
    return Actor.sample(11)


def _lid_gap(points: np.ndarray) -> float:
    """Height of the right eye's opening over its width."""
    upper, lower = (points[lid[4], :2] for lid in (RIGHT_EYE.upper_lid, RIGHT_EYE.lower_lid))
    corners = points[RIGHT_EYE.outer, :2] - points[RIGHT_EYE.inner, :2]
    return float(np.linalg.norm(upper - lower) / np.linalg.norm(corners))


def test_landmarks_lie_on_the_rendered_eyes(landmarker: FaceLandmarker, actor: Actor) -> None:
    rest = np.zeros(WEIGHTS)
    face = landmarker.detect(actor.render(rest))
    assert face is not None
    assert face.human
    assert face.points.shape == (478, 3)
    assert face.points.dtype == np.float32
    true = actor.camera.project(actor.eye_corners)[:, :2] * actor.size  # left, right
    width = np.linalg.norm(true[0] - true[1])
    for index, corner in ((LEFT_EYE.outer, true[0]), (RIGHT_EYE.outer, true[1])):
        assert np.linalg.norm(face.points[index, :2] - corner) < 0.12 * width
    left, right = (face.points[eye.iris, 0].mean() for eye in (LEFT_EYE, RIGHT_EYE))
    assert left > right  # the subject's left iris is at image right


def test_a_blink_is_seen(landmarker: FaceLandmarker, actor: Actor) -> None:
    shut = np.zeros(WEIGHTS)
    shut[[INDEX["eyeBlinkLeft"], INDEX["eyeBlinkRight"]]] = 1
    awake, asleep = landmarker.detect(actor.render(np.zeros(WEIGHTS))), landmarker.detect(actor.render(shut))
    assert awake is not None
    assert asleep is not None
    assert _lid_gap(asleep.points) < 0.6 * _lid_gap(awake.points)


def test_a_mirrored_picture_gives_mirrored_landmarks(landmarker: FaceLandmarker, actor: Actor) -> None:
    image = actor.render(np.zeros(WEIGHTS), np.array([0.25, 0.0, 0.1]))
    face, mirrored = landmarker.detect(image), landmarker.detect(np.ascontiguousarray(image[:, ::-1]))
    assert face is not None
    assert mirrored is not None
    back = mirror_landmarks(mirrored.points, image.shape[1])
    assert np.abs(back[:, :2] - face.points[:, :2]).mean() < 1.5  # pixels


def test_track_follows_and_recovers_from_a_loss(landmarker: FaceLandmarker, actor: Actor) -> None:
    frames = [actor.render(np.zeros(WEIGHTS), np.array([yaw, 0, 0])) for yaw in (0.0, 0.05)]
    blank = np.full_like(frames[0], 90)
    found = list(landmarker.track_all((frames[0], frames[1], blank, frames[0])))
    assert [face is not None for face in found] == [True, True, False, True]


def test_two_videos_at_once_do_not_meet(landmarker: FaceLandmarker, actor: Actor) -> None:
    still, turning = (
        [actor.render(np.zeros(WEIGHTS), np.array([yaw, 0, 0])) for yaw in yaws]
        for yaws in ((0, 0, 0), (0.1, 0.2, 0.3))
    )
    alone = [list(landmarker.track_all(frames)) for frames in (still, turning)]
    together = zip(landmarker.track_all(still), landmarker.track_all(turning), strict=True)
    for faces, ours in zip(together, zip(*alone, strict=True), strict=True):
        for face, our in zip(faces, ours, strict=True):
            assert face is not None
            assert our is not None
            assert face.points.tobytes() == our.points.tobytes()


def test_no_face_is_none(landmarker: FaceLandmarker) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (120, 200, 3), dtype=np.uint8)
    assert landmarker.detect(noise) is None


def test_a_large_picture_gives_the_same_face(landmarker: FaceLandmarker, actor: Actor) -> None:
    image = actor.render(np.zeros(WEIGHTS))
    large = cv2.resize(image, (1280, 1280), interpolation=cv2.INTER_CUBIC)
    face, enlarged = landmarker.detect(image), landmarker.detect(np.asarray(large, np.uint8))
    assert face is not None
    assert enlarged is not None
    assert np.abs(enlarged.points[MESH, :2] / 5 - face.points[MESH, :2]).mean() < 1.5  # pixels of the small picture


def test_a_region_maps_its_own_corners() -> None:
    region = Region((50.0, 40.0), 20.0, np.pi / 2)
    corners = np.array([[0, 0, 1], [10, 10, 1]]) @ region.matrix(10).T
    # A quarter turn: the crop's x axis runs down the picture, so its top left corner is the region's top right.
    assert np.allclose(corners, [[60, 30], [40, 50]])
    picture: Image = np.zeros((80, 100, 3), np.uint8)
    picture[:, 50:] = 255
    crop = Region((50.0, 40.0), 20.0, 0.0).cut(picture, 10)
    assert crop[:, :4].max() == 0
    assert crop[:, 6:].min() == 1


@pytest.mark.parametrize("name", ["photo_a.png", "photo_b.png", "painting_or_cartoon.jpg"])
def test_real_portraits_are_human(landmarker: FaceLandmarker, name: str) -> None:
    face = landmarker.detect(read_image(need_media("portrait", name)))
    assert face is not None
    assert face.human


def test_an_animal_is_not_human(landmarker: FaceLandmarker) -> None:
    face = landmarker.detect(read_image(need_media("portrait", "not_a_human_face.jpg")))
    assert face is None or not face.human


def test_no_frame_of_a_real_video_is_lost(landmarker: FaceLandmarker) -> None:
    frames = islice(read_frames(need_media("video", "talk_a.mp4")), 40)
    assert [face is not None for face in landmarker.track_all(frames)] == [True] * 40
