"""The project's yardstick in formulas of its own: what cases and metrics of the evaluation must agree with."""

import numpy as np

CURVES = {
    "sqrt": np.sqrt,
    "srgb": lambda x: np.where(x <= 0.0031308, 12.92 * x, 1.055 * np.maximum(x, 1e-9) ** (1 / 2.4) - 0.055),
    "camera": lambda x: 1.6 * x**0.9 / (x**0.9 + 0.6),
}


def view(pano, yaw, pitch, fov):
    """A perspective view by rotation matrices and bilinear look-up."""
    (rows, columns), (height, width) = pano.shape[:2], (288, 384)
    focal = 0.5 * width / np.tan(fov / 2)
    y, x = np.mgrid[:height, :width]
    d = np.stack([(x - width / 2 + 0.5) / focal, (y - height / 2 + 0.5) / focal, np.ones(x.shape)], -1)
    d /= np.linalg.norm(d, axis=-1, keepdims=True)
    cp, sp, cy, sy = np.cos(pitch), np.sin(pitch), np.cos(yaw), np.sin(yaw)
    turn = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]]) @ np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    d = d @ turn.T
    u = (np.arctan2(d[..., 0], d[..., 2]) / np.pi + 1) / 2 * columns - 0.5
    v = (np.arcsin(np.clip(d[..., 1], -1, 1)) / np.pi + 0.5) * rows - 0.5
    u0, v0 = np.floor(u).astype(int), np.floor(v).astype(int)
    a, b = (u - u0)[..., None], (v - v0)[..., None]

    def at(j, i):
        return pano[np.clip(j, 0, rows - 1), i % columns]

    upper = (1 - a) * at(v0, u0) + a * at(v0, u0 + 1)
    return ((1 - b) * upper + b * ((1 - a) * at(v0 + 1, u0) + a * at(v0 + 1, u0 + 1))).astype(np.float32)


def cases(panoramas, photos, views):
    """``(name, 8-bit picture before JPEG, truth)`` of every highlight case; scenes are pairs of name and light."""
    rng = np.random.default_rng(20261124)
    scenes = []
    for name, light in panoramas:
        for k in range(views):
            direction = rng.uniform(-np.pi, np.pi), rng.normal(0, 0.2)
            scenes.append((f"{name}_v{k}", view(light, *direction, np.radians(85))))
    for name, light in photos:
        s = max(1, round(max(light.shape[:2]) / 900))
        h, w = light.shape[0] // s * s, light.shape[1] // s * s
        scenes.append((name, light[:h, :w].reshape(h // s, s, w // s, s, 3).mean((1, 3))))
    for i, (name, light) in enumerate(scenes):
        for j, percentile in enumerate((97, 90, 75)):
            white = np.percentile(light.max(-1), percentile)
            if white <= 1e-7 or light.max() < 1.3 * white:
                continue
            scaled = light / white
            curve = list(CURVES)[(i + j) % 3]
            levels = CURVES[curve](np.clip(scaled, 0, 1)) * 255 + rng.normal(0, 0.8, scaled.shape) + 0.5
            truth = np.minimum(scaled, 4096).astype(np.float16)
            yield f"{name}_clip{100 - percentile:02d}_{curve}", np.clip(levels, 0, 255).astype(np.uint8), truth


def pu21(nits):
    p = [0.353487901, 0.3734658629, 8.277049286e-05, 0.9062562627, 0.09150303166, 0.9099517204, 596.3148142]
    nits = np.clip(nits, 0.005, 1e4)
    return p[6] * (((p[0] + p[1] * nits ** p[3]) / (1 + p[2] * nits ** p[3])) ** p[4] - p[5])


def metrics(light, truth, photo):
    """Errors of ``light`` in float64, under the names that the evaluation gives them."""
    light, truth = light.astype(np.float64), truth.astype(np.float64)
    known = (photo.max(-1) < 230) & (photo.min(-1) > 25)
    if known.sum() > 50:
        ratio = np.log(truth[known].mean(-1) + 1e-4) - np.log(light[known].mean(-1) + 1e-4)
        light = light * np.exp(np.median(ratio))
    clipped = photo.max(-1) >= 250

    def db(squared):
        return -10 * np.log10(np.mean(squared) + 1e-9)

    def encoded(linear):
        return np.sqrt(np.clip(linear, 0, 1))

    squared = [(encoded(light * 2.0**ev) - encoded(truth * 2.0**ev)) ** 2 for ev in (-1, -2, -3, -4)]
    stops = np.log2(light[clipped] + 1 / 64) - np.log2(truth[clipped] + 1 / 64)
    return {
        "error_stops": np.sqrt(np.mean(stops**2)),
        "psnr_lost": np.mean([db(e[clipped]) for e in squared]),
        "psnr_all": np.mean([db(e) for e in squared]),
        "mse_lost": np.mean([e[clipped].mean() for e in squared]),
        "pu21_psnr": 20 * np.log10(595.39) + db((pu21(light * 200) - pu21(truth * 200)) ** 2),
    }
