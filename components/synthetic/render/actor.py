"""A synthetic person: shape, look and light from one seed; weights and pose in, pictures and true coefficients out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from components.common.arkit import GAZE_RANGE, INDEX, WEIGHTS, rotation
from components.common.media import Image
from components.synthetic.geometry.anatomy import SIDES, Array, smoothstep
from components.synthetic.geometry.camera import CAMERA, Camera, move_head, with_pose
from components.synthetic.head.contact import EyeContact, LipContact
from components.synthetic.head.creases import crease_drivers
from components.synthetic.head.hair import COLLAR_Y, STYLES, build_body, build_hair
from components.synthetic.head.identities import IDENTITY_NAMES
from components.synthetic.head.parts import CLOTH, EYEBALL, HAIR, SKIN
from components.synthetic.head.template import HeadTemplate, load_template
from components.synthetic.render.appearance import Light, Look, Surface, background, light_rig, paint
from components.synthetic.render.raster import rasterize, resolve, tone_curve, vertex_normals
from components.synthetic.render.shading import shade

IDENTITY_SPREAD, IDENTITY_LIMIT = 0.6, 1.3  # wider identities look like caricatures
SAMPLES = 2  # supersampling in each direction
_ONE_SIDED = (SKIN, EYEBALL, HAIR, CLOTH)
_STILL = np.zeros(3)


@dataclass(frozen=True)
class Rendering:
    """A picture and which triangle each of its samples shows.

    image (H, W, 3); triangle_ids (H * SAMPLES, W * SAMPLES), -1 where there is background, else a row of
    `Actor.triangles` (the template's triangles come first); barycentrics (H * SAMPLES, W * SAMPLES, 3).
    """

    image: Image
    triangle_ids: NDArray[np.int32]
    barycentrics: NDArray[np.float32]

    def surface(self, points: NDArray[np.floating]) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """What lies under pixel positions (N, 2): triangle (N,) or -1, and barycentrics (N, 3)."""
        height, width = self.triangle_ids.shape
        column = np.clip((points[:, 0] * SAMPLES).astype(int), 0, width - 1)
        row = np.clip((points[:, 1] * SAMPLES).astype(int), 0, height - 1)
        return self.triangle_ids[row, column], self.barycentrics[row, column]


class _Buffers:
    """Working memory for one picture size."""

    def __init__(self, size: int) -> None:
        side_length = size * SAMPLES
        self.depth = np.zeros((side_length, side_length), np.float32)
        self.ids = np.zeros((side_length, side_length), np.int32)
        self.barycentrics = np.zeros((side_length, side_length, 2), np.float32)
        self.radiance = np.zeros((side_length, side_length, 3), np.float32)


@dataclass
class Actor:
    """Use `Actor.sample(seed)`. Pictures depend on nothing but the seed and the arguments."""

    seed: int
    size: int
    identity: NDArray[np.float64]  # (28,)
    look: Look
    light: Light
    template: HeadTemplate = field(repr=False)
    camera: Camera = CAMERA

    @classmethod
    def sample(cls, seed: int, size: int = 256, female: bool | None = None, style: str | None = None) -> Actor:
        """A person drawn from `seed`; sex and hair style (`hair.STYLES`) may be asked for."""
        rng = np.random.default_rng([seed, 0xAC])
        identity = rng.normal(0, IDENTITY_SPREAD, len(IDENTITY_NAMES)).clip(-IDENTITY_LIMIT, IDENTITY_LIMIT)
        look = Look.sample(rng, female)
        if style is not None:
            look = replace(look, style=style)
        return cls(seed, size, identity, look, light_rig(int(rng.integers(4))), load_template())

    def __post_init__(self) -> None:
        rng = np.random.default_rng([self.seed, 0x10])
        head = self.template
        self.rest = head.shape(self.identity)
        hair = build_hair(STYLES[self.look.style], rng)
        body, body_triangles = build_body(0.88 if self.look.female else 1.02)
        self.n_head, self.n_hair = len(head.vertices), len(hair.vertices)
        self._hair = self._fit_hair(hair.vertices)
        self._body = body
        self.triangles = np.concatenate(
            [head.triangles, hair.triangles + self.n_head, body_triangles + self.n_head + self.n_hair]
        ).astype(np.int32)
        above_collar = body[body_triangles].mean(1)[:, 1] > COLLAR_Y + 0.01
        self._materials = np.concatenate(
            [
                head.triangle_materials,
                np.full(len(hair.triangles), HAIR, np.int32),
                np.where(above_collar, SKIN, CLOTH).astype(np.int32),
            ]
        )
        self._one_sided = np.isin(self._materials, _ONE_SIDED).astype(np.uint8)
        self._surface: Surface = paint(head, hair, body, self.look, rng)
        self._background_seed = int(rng.integers(2**31))
        self._drivers = crease_drivers()
        self._curve = tone_curve()
        self._eyes = [EyeContact(head, self.rest, name, sign) for name, sign in SIDES]
        self._lips = LipContact(head)
        self._buffers: dict[int, _Buffers] = {}
        self._backgrounds: dict[int, NDArray[np.float32]] = {}

    def _fit_hair(self, vertices: Array) -> Array:
        """Hair follows the identity directions that change the skull."""
        gain = dict(zip(IDENTITY_NAMES, self.identity, strict=True))
        scaled = vertices * [1 + 0.07 * gain["width"], 1 + 0.06 * gain["height"], 1]
        lift = smoothstep(scaled[:, 1], 2, 9) * gain["forehead"] * 0.9
        return np.asarray(scaled + lift[:, None] * [0, 1, 0.1])

    def mesh(self, weights: NDArray[np.floating]) -> NDArray[np.float32]:
        """(V, 3) head vertices before the head turns, from (52,) weights.

        Linear in the weights but for three corrections: a blink takes the lids' other motion away, lids stay on the
        eyeballs, and lips do not pass through each other.
        """
        w = np.asarray(weights[:WEIGHTS], np.float32).copy()
        for name, _ in SIDES:
            open_share = 1 - np.clip(w[INDEX[f"eyeBlink{name}"]], 0, 1)
            for stem in ("eyeLookDown", "eyeLookUp", "eyeWide", "eyeSquint"):
                w[INDEX[stem + name]] *= open_share
        vertices = self.rest + _blend(w, self.template.expression_basis)
        for eye in self._eyes:
            eye.resolve(vertices)
        self._lips.resolve(vertices)
        return vertices.astype(np.float32)

    def pose_mesh(
        self, weights: NDArray[np.floating], pose: NDArray[np.floating], translation: NDArray[np.floating] = _STILL
    ) -> NDArray[np.float32]:
        """(N, 3) vertices of head, hair and body in camera axes; shoulders follow the head a little."""
        out = np.empty((self.n_head + self.n_hair + len(self._body), 3), np.float32)
        shell = self.n_head + self.n_hair
        out[: self.n_head] = move_head(self.mesh(weights), pose, translation)
        out[self.n_head : shell] = move_head(self._hair, pose, translation)
        neck = smoothstep(self._body[:, 1], -13, -6)[:, None]
        turned = move_head(self._body, pose, _STILL)
        lean = move_head(self._body, np.asarray(pose) * [0.12, 0.05, 0.15], _STILL)
        out[shell:] = turned * neck + lean * (1 - neck) + np.asarray(translation) * (0.4 + 0.6 * neck)
        return out

    def render(
        self,
        weights: NDArray[np.floating],
        pose: NDArray[np.floating] = _STILL,
        translation: NDArray[np.floating] = _STILL,
        size: int | None = None,
    ) -> Image:
        """A (size, size, 3) picture of (52,) weights, pose (yaw, pitch, roll) rad and translation cm."""
        return self._draw(weights, pose, translation, size or self.size)

    def render_with_ids(
        self,
        weights: NDArray[np.floating],
        pose: NDArray[np.floating] = _STILL,
        translation: NDArray[np.floating] = _STILL,
        size: int | None = None,
    ) -> Rendering:
        """The picture together with the surface that every sample shows."""
        size = size or self.size
        image = self._draw(weights, pose, translation, size)
        buffers = self._buffers[size]
        two = buffers.barycentrics
        return Rendering(image, buffers.ids.copy(), np.concatenate([two, 1 - two.sum(-1, keepdims=True)], -1))

    def _draw(
        self, weights: NDArray[np.floating], pose: NDArray[np.floating], translation: NDArray[np.floating], size: int
    ) -> Image:
        if size not in self._buffers:
            self._buffers[size] = _Buffers(size)
        buffers = self._buffers[size]
        points = self.pose_mesh(weights, pose, translation)
        normals = np.empty_like(points)
        vertex_normals(points, self.triangles, normals)
        screen = self.camera.project(points)
        screen[:, :2] *= size * SAMPLES
        buffers.depth[:] = 0
        buffers.ids[:] = -1
        rasterize(
            screen.astype(np.float32), self.triangles, self._one_sided, buffers.depth, buffers.ids, buffers.barycentrics
        )
        turn = rotation(*pose)
        centers = np.array([move_head(eye.center, pose, translation) for eye in self._eyes], np.float32)
        strengths = self._drivers @ np.clip(weights[:WEIGHTS], 0, 1).astype(np.float32)
        creases = _blend(strengths, self.template.creases)
        surface, light = self._surface, self.light
        shade(
            buffers.ids, buffers.barycentrics, self.triangles, self._materials, points, normals,
            surface.albedo, surface.occlusion, surface.gloss, surface.plane, creases,
            self._background(size), light.directions, light.colors, light.ambient,
            centers, (self.gaze(weights) @ turn.T).astype(np.float32), turn[:, 1].astype(np.float32),
            self.look.iris.astype(np.float32), self.look.iris_angle, buffers.radiance,
        )  # fmt: skip
        image = np.empty((size, size, 3), np.uint8)
        resolve(buffers.radiance, SAMPLES, self._curve, image)
        return image

    def _background(self, size: int) -> NDArray[np.float32]:
        if size not in self._backgrounds:
            self._backgrounds[size] = background(np.random.default_rng(self._background_seed), size * SAMPLES)
        return self._backgrounds[size]

    def gaze(self, weights: NDArray[np.floating]) -> Array:
        """(2, 3) unit view directions of the left and right eye in head axes, from the eyeLook weights."""
        directions = []
        for name, sign in SIDES:
            x = sign * float(weights[INDEX[f"eyeLookOut{name}"]] - weights[INDEX[f"eyeLookIn{name}"]]) * GAZE_RANGE
            y = float(weights[INDEX[f"eyeLookUp{name}"]] - weights[INDEX[f"eyeLookDown{name}"]]) * GAZE_RANGE
            x -= 0.02 * sign  # eyes converge on the viewer
            directions.append([np.sin(x) * np.cos(y), np.sin(y), np.cos(x) * np.cos(y)])
        return np.array(directions)

    def project(
        self,
        weights: NDArray[np.floating],
        pose: NDArray[np.floating] = _STILL,
        translation: NDArray[np.floating] = _STILL,
        size: int | None = None,
    ) -> NDArray[np.float32]:
        """(N, 2) pixel positions of all vertices (head first, in the template's order), x right, y down."""
        screen = self.camera.project(self.pose_mesh(weights, pose, translation))[:, :2]
        return (screen * (size or self.size)).astype(np.float32)

    @property
    def eye_corners(self) -> NDArray[np.float32]:
        """(2, 3) outer eye corners at rest, left and right, cm."""
        return np.stack([self.rest[self.template.loops[f"lid_upper_{name}"][-1]] for name, _ in SIDES])

    def coefficients(
        self, weights: NDArray[np.floating], pose: NDArray[np.floating], translation: NDArray[np.floating]
    ) -> NDArray[np.float32]:
        """(T, 58) true coefficients, with tx, ty, scale in sides of the rendered picture."""
        return with_pose(weights, pose, translation, self.eye_corners, self.camera)


def _blend(amounts: NDArray[np.float32], fields: NDArray[np.float32]) -> NDArray[np.float32]:
    """Sum of amounts (K,) times fields (K, ...). Most amounts are 0, and one field fits the cache: a loop is faster."""
    total = np.zeros(fields.shape[1:], np.float32)
    for k in np.flatnonzero(amounts):
        total += amounts[k] * fields[k]
    return total
