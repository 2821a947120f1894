"""Compiled rasterizer: normals, z-buffer with triangle ids and barycentrics, downsampling through a tone curve."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from components.common.machine.compiled import compiled

fast = compiled(fastmath=True, nogil=True)


@fast
def vertex_normals(vertices: Any, triangles: Any, normals: Any) -> None:
    """Area-weighted unit normals, written into `normals` (V, 3) float32."""
    normals[:] = 0
    for t in range(len(triangles)):
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        ux, uy, uz = (
            vertices[b, 0] - vertices[a, 0],
            vertices[b, 1] - vertices[a, 1],
            vertices[b, 2] - vertices[a, 2],
        )
        wx, wy, wz = (
            vertices[c, 0] - vertices[a, 0],
            vertices[c, 1] - vertices[a, 1],
            vertices[c, 2] - vertices[a, 2],
        )
        nx, ny, nz = uy * wz - uz * wy, uz * wx - ux * wz, ux * wy - uy * wx
        for k in (a, b, c):
            normals[k, 0] += nx
            normals[k, 1] += ny
            normals[k, 2] += nz
    for i in range(len(normals)):
        length = math.sqrt(normals[i, 0] ** 2 + normals[i, 1] ** 2 + normals[i, 2] ** 2) + 1e-12
        normals[i, 0] /= length
        normals[i, 1] /= length
        normals[i, 2] /= length


@fast
def rasterize(screen: Any, triangles: Any, one_sided: Any, depth: Any, ids: Any, barycentrics: Any) -> None:
    """Fill depth (H, W), ids (H, W) and barycentrics (H, W, 2) with the nearest triangle of every pixel.

    screen (V, 3) float32: x, y in pixels and 1/depth (larger is nearer). Triangles whose `one_sided` is set are skipped
    from behind. Barycentrics are perspective-correct weights of the first two corners.
    """
    height, width = depth.shape
    one, half, zero = np.float32(1.0), np.float32(0.5), np.float32(0.0)
    for t in range(len(triangles)):
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        x0, y0, x1, y1, x2, y2 = screen[a, 0], screen[a, 1], screen[b, 0], screen[b, 1], screen[c, 0], screen[c, 1]
        area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
        if abs(area) < np.float32(1e-7) or (one_sided[t] and area > 0):
            continue
        i0 = max(math.ceil(min(x0, x1, x2) - half), 0)
        i1 = min(math.floor(max(x0, x1, x2) - half), width - 1)
        j0 = max(math.ceil(min(y0, y1, y2) - half), 0)
        j1 = min(math.floor(max(y0, y1, y2) - half), height - 1)
        if i1 < i0 or j1 < j0:
            continue
        inverse = one / area
        q0, q1, q2 = screen[a, 2], screen[b, 2], screen[c, 2]
        step1, step2 = (y2 - y0) * inverse, -(y1 - y0) * inverse
        for j in range(j0, j1 + 1):
            py, px = np.float32(j) + half - y0, np.float32(i0) + half - x0
            w1 = (px * (y2 - y0) - (x2 - x0) * py) * inverse
            w2 = ((x1 - x0) * py - px * (y1 - y0)) * inverse
            for i in range(i0, i1 + 1):
                w0 = one - w1 - w2
                if w0 >= zero and w1 >= zero and w2 >= zero:
                    q = w0 * q0 + w1 * q1 + w2 * q2
                    if q > depth[j, i]:
                        depth[j, i] = q
                        ids[j, i] = t
                        barycentrics[j, i, 0] = w0 * q0 / q
                        barycentrics[j, i, 1] = w1 * q1 / q
                w1 += step1
                w2 += step2


_LUT_TOP = 4.0  # radiance at the end of the tone curve
_EXPOSURE = 1.12


def tone_curve(entries: int = 4096) -> NDArray[np.uint8]:
    """Radiance 0.._LUT_TOP -> display byte. An exponential shoulder: bright skin fades toward white, it never clips."""
    radiance = np.linspace(0, _LUT_TOP, entries + 1)
    shoulder = 1 - np.exp(-_EXPOSURE * radiance)
    return np.clip(255 * shoulder ** (1 / 2.2) + 0.5, 0, 255).astype(np.uint8)


@fast
def resolve(radiance: Any, samples: int, curve: Any, out: Any) -> None:
    """Average samples x samples radiance into each pixel of `out` (H, W, 3) uint8 through the tone curve."""
    height, width, _ = out.shape
    last = len(curve) - 1
    scale = np.float32(last / 4.0 / (samples * samples))
    cap = np.float32(3.0)
    for j in range(height):
        for i in range(width):
            for k in range(3):
                total = np.float32(0.0)
                for a in range(samples):
                    for b in range(samples):
                        total += min(radiance[j * samples + a, i * samples + b, k], cap)
                out[j, i, k] = curve[min(last, max(0, int(total * scale)))]
