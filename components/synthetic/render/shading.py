"""Compiled shading of the rasterized heads: soft skin, strands of hair, painted irises. Light is linear RGB."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from components.synthetic.head.creases import MAP_REACH
from components.synthetic.head.parts import BROW, CLOTH, EYEBALL, HAIR, SKIN
from components.synthetic.render.raster import fast

_SKIN, _EYE, _HAIR, _BROW, _CLOTH, _REACH = SKIN, EYEBALL, HAIR, BROW, CLOTH, MAP_REACH
PUPIL = 0.43  # radius of the pupil relative to the iris


@fast
def _crease(creases: Any, u: float, v: float) -> float:
    """Bilinear look-up of the blended crease map at plane coordinates (u, v); 0 beyond its reach."""
    size = creases.shape[0]
    x = (u + _REACH) / (2 * _REACH) * size - 0.5
    y = (_REACH - v) / (2 * _REACH) * size - 0.5
    if x < 0 or y < 0 or x >= size - 1 or y >= size - 1:
        return 0.0
    i, j = int(x), int(y)
    fx, fy = x - i, y - j
    top = creases[j, i] * (1 - fx) + creases[j, i + 1] * fx
    bottom = creases[j + 1, i] * (1 - fx) + creases[j + 1, i + 1] * fx
    blended: float = top * (1 - fy) + bottom * fy
    return blended


@fast
def shade(
    ids: Any,  # (H, W) nearest triangle or -1
    barycentrics: Any,  # (H, W, 2)
    triangles: Any,  # (F, 3)
    materials: Any,  # (F,)
    points: Any,  # (V, 3) posed vertices
    normals: Any,  # (V, 3)
    albedo: Any,  # (V, 3) linear
    occlusion: Any,  # (V,)
    surface: Any,  # (V, 3) strand coordinate, specular strength, gloss
    plane: Any,  # (V, 2) crease map coordinates
    creases: Any,  # (S, S) blended crease map
    background: Any,  # (H, W, 3)
    lights: Any,  # (n, 3) unit directions toward the lights
    light_colors: Any,  # (n, 3)
    ambient: Any,  # (3,)
    eye_centers: Any,  # (2, 3) left, right
    gaze: Any,  # (2, 3) unit view directions of the eyes
    up: Any,  # (3,) the head's up
    iris: Any,  # (3,) color
    iris_angle: float,  # angular radius of the iris, rad
    out: Any,  # (H, W, 3) radiance
) -> None:
    """Fill `out` with radiance."""
    height, width = ids.shape
    halfway = np.empty((len(lights), 3))  # between each light and the viewer, who is far away on +z
    for k in range(len(lights)):
        hx, hy, hz = lights[k, 0], lights[k, 1], lights[k, 2] + 1.0
        norm = 1 / math.sqrt(hx * hx + hy * hy + hz * hz + 1e-9)
        halfway[k, 0], halfway[k, 1], halfway[k, 2] = hx * norm, hy * norm, hz * norm
    for j in range(height):
        for i in range(width):
            t = ids[j, i]
            if t < 0:
                for k in range(3):
                    out[j, i, k] = background[j, i, k]
                continue
            a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
            w0, w1 = barycentrics[j, i, 0], barycentrics[j, i, 1]
            w2 = 1 - w0 - w1
            nx = w0 * normals[a, 0] + w1 * normals[b, 0] + w2 * normals[c, 0]
            ny = w0 * normals[a, 1] + w1 * normals[b, 1] + w2 * normals[c, 1]
            nz = w0 * normals[a, 2] + w1 * normals[b, 2] + w2 * normals[c, 2]
            norm = 1 / math.sqrt(nx * nx + ny * ny + nz * nz + 1e-12)
            nx, ny, nz = nx * norm, ny * norm, nz * norm
            material = materials[t]
            if nz < 0 and material != _EYE:
                nx, ny, nz = -nx, -ny, -nz
            red = w0 * albedo[a, 0] + w1 * albedo[b, 0] + w2 * albedo[c, 0]
            green = w0 * albedo[a, 1] + w1 * albedo[b, 1] + w2 * albedo[c, 1]
            blue = w0 * albedo[a, 2] + w1 * albedo[b, 2] + w2 * albedo[c, 2]
            ao = w0 * occlusion[a] + w1 * occlusion[b] + w2 * occlusion[c]
            specular = w0 * surface[a, 1] + w1 * surface[b, 1] + w2 * surface[c, 1]
            gloss = w0 * surface[a, 2] + w1 * surface[b, 2] + w2 * surface[c, 2]
            # Wrapped diffuse light stands in for scattering; red travels farthest under skin.
            wrap_r, wrap_g, wrap_b = 0.10, 0.10, 0.10
            catch = 0.0
            if material == _SKIN:
                wrap_r, wrap_g, wrap_b = 0.42, 0.24, 0.18
                u = w0 * plane[a, 0] + w1 * plane[b, 0] + w2 * plane[c, 0]
                v = w0 * plane[a, 1] + w1 * plane[b, 1] + w2 * plane[c, 1]
                if abs(u) < _REACH and abs(v) < _REACH:
                    dark = _crease(creases, u, v)
                    # Valleys keep more red, as thin shadows on skin do.
                    red *= max(0.15, 1 - 0.8 * dark)
                    green *= max(0.10, 1 - dark)
                    blue *= max(0.10, 1 - dark)
            elif material in (_HAIR, _BROW):
                s = w0 * surface[a, 0] + w1 * surface[b, 0] + w2 * surface[c, 0]
                strand = 0.5 + 0.20 * math.sin(s * 61.0) + 0.17 * math.sin(s * 143.0 + 1.7)
                strand += 0.13 * math.sin(s * 311.0 + 0.6)
                shade_of = 0.60 + 0.70 * strand
                red, green, blue = red * shade_of, green * shade_of, blue * shade_of
                nx += 0.30 * (strand - 0.5)
                wrap_r, wrap_g, wrap_b = 0.25, 0.25, 0.25
            elif material == _EYE:
                x = w0 * points[a, 0] + w1 * points[b, 0] + w2 * points[c, 0]
                y = w0 * points[a, 1] + w1 * points[b, 1] + w2 * points[c, 1]
                z = w0 * points[a, 2] + w1 * points[b, 2] + w2 * points[c, 2]
                e = 0
                nearest = 1e9
                for k in range(2):
                    d = (x - eye_centers[k, 0]) ** 2 + (y - eye_centers[k, 1]) ** 2 + (z - eye_centers[k, 2]) ** 2
                    if d < nearest:
                        nearest, e = d, k
                dx, dy, dz = x - eye_centers[e, 0], y - eye_centers[e, 1], z - eye_centers[e, 2]
                norm = 1 / math.sqrt(dx * dx + dy * dy + dz * dz)
                dx, dy, dz = dx * norm, dy * norm, dz * norm
                cosine = dx * gaze[e, 0] + dy * gaze[e, 1] + dz * gaze[e, 2]
                angle = math.acos(min(1.0, max(-1.0, cosine)))
                upward = dx * up[0] + dy * up[1] + dz * up[2]
                ao *= 0.55 + 0.45 * min(1.0, max(0.0, (0.42 - upward) / 0.5))  # shadow of the upper lid
                if angle < iris_angle * 1.08:
                    q = angle / iris_angle
                    if q < PUPIL:
                        red, green, blue = 0.008, 0.008, 0.008
                    else:
                        s = (q - PUPIL) / (1 - PUPIL)
                        around = math.atan2(dy - gaze[e, 1], dx - gaze[e, 0])
                        fibers = 0.85 + 0.15 * math.sin(around * 23 + s * 3) * math.sin(around * 9)
                        bright = (0.55 + 0.9 * s) * fibers * (1 + 0.7 * max(0.0, (gaze[e, 1] - dy) * 2.2))
                        limbus = 1.0 if s < 0.80 else max(0.10, 1 - (s - 0.80) / 0.22)
                        iris_r = iris[0] * bright * limbus
                        iris_g = iris[1] * bright * limbus
                        iris_b = iris[2] * bright * limbus
                        keep = 1.0 if q <= 1 else (1.08 - q) / 0.08
                        red = iris_r * keep + (1 - keep) * red
                        green = iris_g * keep + (1 - keep) * green
                        blue = iris_b * keep + (1 - keep) * blue
                hx = gaze[e, 0] * 0.55 + lights[0, 0] * 0.45
                hy = gaze[e, 1] * 0.55 + lights[0, 1] * 0.45
                hz = gaze[e, 2] * 0.55 + lights[0, 2] * 0.45
                norm = 1 / math.sqrt(hx * hx + hy * hy + hz * hz)
                catch = min(1.0, max(0.0, ((dx * hx + dy * hy + dz * hz) * norm - 0.990) / 0.0035))
                nx, ny, nz = dx, dy, dz
                wrap_r, wrap_g, wrap_b = 0.55, 0.55, 0.55
            sky = (0.55 + 0.45 * ny) * ao
            sum_r, sum_g, sum_b = ambient[0] * sky, ambient[1] * sky, ambient[2] * sky
            spec_r, spec_g, spec_b = 0.0, 0.0, 0.0
            visible = 0.35 + 0.65 * ao
            for k in range(len(lights)):
                d = nx * lights[k, 0] + ny * lights[k, 1] + nz * lights[k, 2]
                sum_r += light_colors[k, 0] * max(0.0, (d + wrap_r) / (1 + wrap_r)) * visible
                sum_g += light_colors[k, 1] * max(0.0, (d + wrap_g) / (1 + wrap_g)) * visible
                sum_b += light_colors[k, 2] * max(0.0, (d + wrap_b) / (1 + wrap_b)) * visible
                if specular > 0:
                    h = max(0.0, nx * halfway[k, 0] + ny * halfway[k, 1] + nz * halfway[k, 2])
                    h2 = h * h
                    h4 = h2 * h2
                    h8 = h4 * h4
                    h16 = h8 * h8
                    lobe = specular * ao * (h16 if gloss < 22 else h16 * h16)
                    spec_r += light_colors[k, 0] * lobe
                    spec_g += light_colors[k, 1] * lobe
                    spec_b += light_colors[k, 2] * lobe
            if material in (_SKIN, _CLOTH, _HAIR):
                edge = (1 - max(0.0, nz)) ** 3 * 0.45 * ao
                sum_r, sum_g, sum_b = sum_r + edge, sum_g + edge, sum_b + edge
            red, green, blue = red * sum_r + spec_r, green * sum_g + spec_g, blue * sum_b + spec_b
            out[j, i, 0] = red * (1 - catch) + 1.6 * catch
            out[j, i, 1] = green * (1 - catch) + 1.6 * catch
            out[j, i, 2] = blue * (1 - catch) + 1.6 * catch
