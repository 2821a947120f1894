"""The actor: pictures without clipped skin, truth that agrees with the projection, gaze and lids that obey."""

import numpy as np
import pytest

from components.common.arkit import COEFFICIENTS, INDEX, WEIGHTS, gaze_to_weights
from components.synthetic.geometry.anatomy import SIDES
from components.synthetic.head.hair import STYLES
from components.synthetic.head.parts import SKIN
from components.synthetic.motion.emotions import EMOTION_FACES, shape_vector
from components.synthetic.render.actor import SAMPLES, Actor, Rendering
from components.synthetic.voice.sentences import LEVELS

REST = np.zeros(WEIGHTS)
SIZE = 128


def skin_pixels(actor: Actor) -> np.ndarray:
    """(n, 3) pixels at rest whose samples all show skin."""
    shown = actor.render_with_ids(REST)
    is_skin = np.zeros(len(actor.triangles) + 1, bool)
    is_skin[: len(actor.template.triangle_materials)] = actor.template.triangle_materials == SKIN
    side = len(shown.image)
    whole = is_skin[shown.triangle_ids].reshape(side, SAMPLES, side, SAMPLES).all((1, 3))
    return shown.image[whole]


def samples_of(actor: Actor, shown: Rendering, vertices: slice) -> np.ndarray:
    """(H, W) samples that show a triangle of a range of vertices."""
    first = actor.triangles[np.maximum(shown.triangle_ids, 0)][..., 0]
    return (first >= vertices.start) & (first < vertices.stop) & (shown.triangle_ids >= 0)


def test_skin_is_never_clipped() -> None:
    for seed in range(10):
        pixels = skin_pixels(Actor.sample(seed, size=96))
        assert len(pixels) > 1000
        assert np.mean((pixels >= 254).any(1)) < 0.002
        assert np.mean(pixels.max(1) < 8) < 0.01


def test_same_seed_same_picture_in_any_order(actor: Actor) -> None:
    smile = EMOTION_FACES["happy"].vector
    first = actor.render(smile, np.array([0.1, 0, 0]))
    actor.render(REST, size=64)
    assert np.array_equal(first, Actor.sample(7, size=SIZE).render(smile, np.array([0.1, 0, 0])))
    assert not np.array_equal(first, Actor.sample(8, size=SIZE).render(smile, np.array([0.1, 0, 0])))
    assert actor.render(REST, size=64).shape == (64, 64, 3)


def test_sizes_show_the_same_framing(actor: Actor) -> None:
    small, large = actor.render(REST, size=64), actor.render(REST, size=128)
    shrunk = large.reshape(64, 2, 64, 2, 3).mean((1, 3))
    assert np.abs(shrunk - small).mean() < 6


def test_truth_agrees_with_the_projection(actor: Actor) -> None:
    rng = np.random.default_rng(0)
    pose, translation = rng.normal(0, 0.15, (6, 3)), rng.normal(0, 0.3, (6, 3))
    pose[0] = 0
    truth = actor.coefficients(np.zeros((6, WEIGHTS)), pose, translation)
    assert truth.shape == (6, COEFFICIENTS)
    corners = [actor.template.loops[f"lid_upper_{name}"][-1] for name, _ in SIDES]
    for t in range(6):
        screen = actor.project(REST, pose[t], translation[t], size=1)[corners]
        middle = screen.mean(0) - 0.5
        assert truth[t, INDEX["tx"]] == pytest.approx(middle[0], abs=0.001)
        assert truth[t, INDEX["ty"]] == pytest.approx(middle[1], abs=0.001)
        apparent = np.linalg.norm(screen[0] - screen[1])
        assert apparent <= truth[t, INDEX["scale"]] * 1.03
        assert apparent >= truth[t, INDEX["scale"]] * np.cos(pose[t, 0]) * 0.95
        np.testing.assert_allclose(truth[t, 52:55], pose[t], atol=1e-6)
    still = actor.project(REST, size=1)[corners]
    assert truth[0, INDEX["scale"]] == pytest.approx(
        np.linalg.norm(
            (actor.project(REST, np.zeros(3), translation[0], size=1)[corners][0])
            - actor.project(REST, np.zeros(3), translation[0], size=1)[corners][1]
        ),
        rel=0.01,
    )
    assert still[0, 0] > still[1, 0]  # the subject's left eye is at image right


def test_pose_signs(actor: Actor) -> None:
    tip = int(np.argmax(actor.rest[: actor.template.n_skin, 2]))
    base = actor.project(REST)[tip]
    assert actor.project(REST, np.array([0.3, 0, 0]))[tip][0] > base[0] + 2
    assert actor.project(REST, np.array([0, 0.3, 0]))[tip][1] > base[1] + 2
    corners = [actor.template.loops[f"lid_upper_{name}"][-1] for name, _ in SIDES]
    left, right = actor.project(REST, np.array([0, 0, 0.3]))[corners]
    assert left[1] < right[1] - 2  # counter-clockwise: image right goes up


@pytest.mark.parametrize(("gaze", "axis", "sign"), [((0.35, 0.0), 0, 1), ((-0.35, 0.0), 0, -1), ((0.0, 0.3), 1, -1)])
def test_irises_go_where_the_weights_look(actor: Actor, gaze: tuple[float, float], axis: int, sign: int) -> None:
    def iris_center(weights: np.ndarray) -> np.ndarray:
        """Darkness-weighted mean position within the left eyeball's pixels."""
        shown = actor.render_with_ids(weights, size=256)
        mask = samples_of(actor, shown, actor.template.parts["eye_Left"])[::SAMPLES, ::SAMPLES]
        dark = (255.0 - shown.image.mean(-1)) ** 4 * mask
        y, x = np.mgrid[0:256, 0:256]
        return np.array([(x * dark).sum(), (y * dark).sum()]) / dark.sum()

    weights = np.zeros(WEIGHTS)
    gaze_to_weights(np.array(gaze), weights)
    weights[[INDEX["eyeWideLeft"], INDEX["eyeWideRight"]]] = 0.5
    rest = shape_vector({"eyeWide": 0.5})
    assert sign * (iris_center(weights) - iris_center(rest))[axis] > 1.0


def test_a_blink_hides_the_eyeballs_even_when_looking_down(actor: Actor) -> None:
    def eye_samples(weights: np.ndarray) -> int:
        shown = actor.render_with_ids(weights, size=SIZE)
        return sum(int(samples_of(actor, shown, actor.template.parts[f"eye_{name}"]).sum()) for name, _ in SIDES)

    opened = eye_samples(REST)
    assert opened > 300
    assert eye_samples(shape_vector({"eyeBlink": 1.0})) < 0.08 * opened
    assert eye_samples(shape_vector({"eyeBlink": 1.0, "eyeLookDown": 0.8, "eyeWide": 1.0})) < 0.08 * opened
    assert eye_samples(shape_vector({"eyeWide": 1.0})) > 1.1 * opened


def test_pressed_lips_do_not_pass_through_each_other(actor: Actor) -> None:
    mesh = actor.mesh(shape_vector({"mouthPress": 1, "mouthRollUpper": 1, "mouthRollLower": 1, "mouthShrugLower": 1}))
    upper, lower = (mesh[actor.template.loops[name], 1] for name in ("lip_upper", "lip_lower"))
    assert (lower - upper).max() < 0.12


def test_render_with_ids_locates_the_surface(actor: Actor) -> None:
    shown = actor.render_with_ids(REST, np.array([0.1, 0.05, 0]))
    screen = actor.project(REST, np.array([0.1, 0.05, 0]))
    rng = np.random.default_rng(0)
    points = rng.uniform(SIZE * 0.35, SIZE * 0.65, (50, 2))
    triangles, weights = shown.surface(points)
    assert (triangles >= 0).all()
    np.testing.assert_allclose(weights.sum(1), 1, atol=1e-4)
    back = (screen[actor.triangles[triangles]] * weights[..., None]).sum(1)
    assert np.abs(back - points).max() < 1.0
    corner, _ = shown.surface(np.array([[1.0, 1.0]]))
    assert corner[0] == -1


def test_emotions_change_the_picture_more_with_intensity(actor: Actor) -> None:
    rest = actor.render(REST).astype(int)
    for name, face in EMOTION_FACES.items():
        if name != "neutral":
            change = [np.abs(actor.render(np.clip(face.vector * k, 0, 1)).astype(int) - rest).mean() for k in LEVELS]
            assert change[0] < change[1] < change[2], name


@pytest.mark.parametrize("style", sorted(STYLES))
def test_every_hair_style_covers_the_head_but_not_the_face(style: str) -> None:
    person = Actor.sample(3, size=64, style=style)
    is_hair = samples_of(person, person.render_with_ids(REST), slice(person.n_head, person.n_head + person.n_hair))
    crown = person.project(REST)[int(np.argmax(person.rest[: person.template.n_skin, 1]))]
    x, y = (crown * SAMPLES).astype(int)
    assert is_hair[max(0, y) : y + 4, x - 4 : x + 4].mean() > 0.8
    mouth = (person.project(REST)[person.template.loops["lip_upper"][14]] * SAMPLES).astype(int)
    assert not is_hair[mouth[1] - 6 : mouth[1] + 6, mouth[0] - 6 : mouth[0] + 6].any()
