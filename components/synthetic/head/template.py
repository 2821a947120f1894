"""The head template: one mesh with 52 expression and 28 identity directions, built in seconds and cached per user.

`mesh = vertices + identity @ identity_basis + weights @ expression_basis`. The cache lies outside the project
(`STYLE2TALKER_CACHE`, else the user's cache folder), keyed by the source that builds the template; building and loading
give the same bytes.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from components.common import arkit, artifacts
from components.common.artifacts import load_arrays, save_arrays
from components.common.errors import UserError
from components.common.machine.places import cache_folder
from components.synthetic.geometry import anatomy
from components.synthetic.head import creases, expressions, identities, parts, sdf, topology
from components.synthetic.render import raster
from components.synthetic.render.raster import vertex_normals

SOURCES = (arkit, artifacts, anatomy, raster, creases, expressions, identities, parts, sdf, topology)


def _source_digest() -> str:
    """Of all that builds the template: this file, what it imports for that (tested), and the library that computes."""
    digest = hashlib.sha256(np.__version__.encode())
    for file in (__file__, *(module.__file__ or "" for module in SOURCES)):
        digest.update(hashlib.sha256(Path(file).read_bytes()).digest())  # of equal length: none takes from its neighbor
    return digest.hexdigest()[:16]


# Taken when the modules are loaded: source edited while a process runs is not what that process builds from.
_DIGEST = _source_digest()


@dataclass(frozen=True)
class HeadTemplate:
    """All arrays of the template; V vertices, F triangles. Lengths in cm, axes as in `geometry.anatomy`."""

    vertices: NDArray[np.float32]  # (V, 3)
    triangles: NDArray[np.int32]  # (F, 3)
    triangle_materials: NDArray[np.int32]  # (F,) of `parts`
    materials: NDArray[np.int32]  # (V,)
    expression_basis: NDArray[np.float32]  # (52, V, 3), ARKit order
    identity_basis: NDArray[np.float32]  # (28, V, 3)
    occlusion: NDArray[np.float32]  # (V,) ambient light that arrives, 0-1
    lips: NDArray[np.float32]  # (V,) lip membership, 0-1
    upper: NDArray[np.float32]  # (V,) 1 where a vertex belongs to the upper lip's side
    plane: NDArray[np.float32]  # (V, 2) coordinates in the crease maps; beyond their reach where there are none
    creases: NDArray[np.float32]  # (maps, side, side)
    loops: dict[str, NDArray[np.int32]]  # vertex indices: lip_upper, lip_lower, lid_upper_Left, ...
    parts: dict[str, slice]  # vertices of each part by name
    n_skin: int  # the first `n_skin` vertices are skin

    def shape(self, identity: NDArray[np.floating]) -> NDArray[np.float32]:
        """(V, 3) vertices of a person at rest, from (28,) identity coefficients."""
        return (self.vertices + np.tensordot(identity, self.identity_basis, 1)).astype(np.float32)


def build_template() -> HeadTemplate:
    """Sculpt, mesh and rig the head. Takes some seconds; `load_template` remembers the result."""
    mesh = topology.build_skin()
    others, lining_upper = parts.build_parts(mesh)
    everything = [parts.Part("skin", mesh.vertices, mesh.triangles, parts.SKIN), *others]
    where: dict[str, slice] = {}
    triangles, first = [], 0
    for part in everything:
        where[part.name] = slice(first, first + len(part.vertices))
        triangles.append(part.triangles + first)
        first += len(part.vertices)
    vertices = np.concatenate([part.vertices for part in everything])
    materials = np.concatenate([np.full(len(part.vertices), part.material, np.int32) for part in everything])
    faces = np.concatenate(triangles).astype(np.int32)
    n_skin = len(mesh.vertices)

    def of_skin(values: NDArray[Any], rest: float) -> NDArray[np.float32]:
        out = np.full((len(vertices), *values.shape[1:]), rest, np.float32)
        out[:n_skin] = values
        return out

    fields = _Fields(vertices, n_skin, where)
    labels = of_skin(mesh.labels, 0).astype(np.int32)
    regions = expressions.Regions(
        vertices, labels, where, lining_upper, mesh.loops["lip_upper"], mesh.loops["lip_lower"]
    )
    return HeadTemplate(
        vertices.astype(np.float32),
        faces,
        np.concatenate([np.full(len(part.triangles), part.material, np.int32) for part in everything]),
        materials,
        fields.attached(expressions.expression_basis(regions)),
        fields.attached(identities.identity_basis(vertices, materials, where)),
        _occlusion(vertices, faces, n_skin, where),
        of_skin(mesh.lips, 0),
        regions.upper.astype(np.float32),
        of_skin(mesh.plane, 9.0),
        creases.crease_maps(),
        mesh.loops,
        where,
        n_skin,
    )


class _Fields:
    """Brows ride on the skin: they take the motion of the nearest skin vertices, or skin would swallow them."""

    def __init__(self, vertices: NDArray[np.float64], n_skin: int, where: dict[str, slice]) -> None:
        from scipy.spatial import cKDTree

        brows = [where[f"brow_{name}"] for name, _ in anatomy.SIDES]
        self._rows = np.concatenate([np.arange(b.start, b.stop) for b in brows])
        distance, self._nearest = cKDTree(vertices[:n_skin]).query(vertices[self._rows], k=4)
        weight = 1 / (distance**2 + 0.01)
        self._weight = weight / weight.sum(1, keepdims=True)  # (brow vertices, 4)

    def attached(self, basis: NDArray[np.float64]) -> NDArray[np.float32]:
        """(K, V, 3) fields with the brows' rows taken from the skin."""
        basis[:, self._rows] = (basis[:, self._nearest] * self._weight[..., None]).sum(2)
        return basis.astype(np.float32)


def _occlusion(
    vertices: NDArray[np.float64], triangles: NDArray[np.int32], n_skin: int, where: dict[str, slice]
) -> NDArray[np.float32]:
    """Ambient occlusion of the skin from the distance field; by hand inside the mouth."""
    normals = np.zeros(vertices.shape, np.float32)
    vertex_normals(vertices.astype(np.float32), triangles, normals)
    points, outward = vertices[:n_skin], normals[:n_skin]
    open_share = sum(np.clip(sdf.skin(points + outward * reach) / reach, 0, 1) / 4 for reach in (0.3, 0.7, 1.4, 2.6))
    out = np.ones(len(vertices), np.float32)
    out[:n_skin] = np.clip(0.36 + 0.74 * open_share, 0, 1)
    sock = where["sock"]
    ring = (sock.stop - sock.start) // parts.SOCK_ROWS
    out[sock] = np.concatenate([np.repeat([0.75, 0.35, 0.12, 0.04, 0.02], ring), [0.02]])
    arc = np.cos(np.linspace(-parts.TEETH_ARC, parts.TEETH_ARC, parts.TEETH_COLUMNS)) ** 1.1
    arc = arc * np.where(np.arange(len(arc)) % 4 == 0, 0.72, 1)  # between the teeth
    out[where["teeth_upper"]] = np.tile(arc, 4) * 0.75
    out[where["teeth_lower"]] = np.tile(arc, 4) * 0.5
    out[where["tongue"]] = 0.6
    return out


def template_path(folder: Path | None = None) -> Path:
    """The template's cache file: its name holds a hash of the source that builds it."""
    return (folder or cache_folder()) / f"head-{_DIGEST}.safetensors"


@cache
def load_template() -> HeadTemplate:
    """The template, from the cache or built and cached. Safe among concurrent processes: each writes atomically."""
    path = template_path()
    if path.is_file():
        try:
            return read_template(path)
        except UserError:
            path.unlink(missing_ok=True)  # a damaged cache is rebuilt
    template = build_template()
    with suppress(OSError):  # a read-only home only costs the next process the same seconds
        write_template(path, template)
    return template


def write_template(path: Path, template: HeadTemplate) -> None:
    arrays: dict[str, NDArray[Any]] = {}
    for field in fields(template):
        value = getattr(template, field.name)
        if isinstance(value, np.ndarray):
            arrays[field.name] = value
    arrays |= {f"loop.{name}": indices for name, indices in template.loops.items()}
    arrays |= {f"part.{name}": np.array([p.start, p.stop], np.int64) for name, p in template.parts.items()}
    save_arrays(path, arrays, {"n_skin": str(template.n_skin)})


def read_template(path: Path) -> HeadTemplate:
    arrays, notes = load_arrays(path)
    loops = {name[5:]: value for name, value in arrays.items() if name.startswith("loop.")}
    where = {name[5:]: slice(*map(int, value)) for name, value in arrays.items() if name.startswith("part.")}
    where = dict(sorted(where.items(), key=lambda item: item[1].start))
    plain = {name: value for name, value in arrays.items() if "." not in name}
    try:
        return HeadTemplate(**plain, loops=loops, parts=where, n_skin=int(notes["n_skin"]))
    except (KeyError, TypeError) as error:
        raise UserError(f"{path} is not a head template") from error
