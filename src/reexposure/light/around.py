"""Panoramas of the whole sphere (equirectangular): their sides are one line; beyond a pole they go on half a turn away.

Whoever looks at such a picture through a window is shown it `continued` beyond its borders. What it answers there is
said twice, once from either side of a border: `joined` fades from the one answer to the other, so that nothing tears.
"""

from __future__ import annotations

import numpy as np

from reexposure.arrays import Float32, Shaped


def continued(picture: Shaped[np.ndarray, "h w c"], by_px: int) -> Shaped[np.ndarray, "tall wide c"]:
    """A panorama with so many pixels more at each border, at most as many as it is high, as they lie on the sphere.

    >>> continued(np.array([[[1], [2], [3], [4]]]), 1)[..., 0].tolist()
    [[2, 3, 4, 1, 2, 3], [4, 1, 2, 3, 4, 1], [2, 3, 4, 1, 2, 3]]
    """
    across = np.roll(picture, picture.shape[1] // 2, axis=1)[::-1]
    tall = np.concatenate([across[len(across) - by_px :], picture, across[:by_px]])
    return np.pad(tall, ((0, 0), (by_px, by_px), (0, 0)), "wrap")


def joined(values: Float32[np.ndarray, "tall wide c"], by_px: int) -> Float32[np.ndarray, "h w c"]:
    """What was answered to a panorama that was `continued` by so many pixels, without them.

    At a border the answers from its two sides count alike; ``by_px`` pixels from it, the nearer one alone.
    """
    nearer = (0.5 + 0.5 * (np.arange(by_px, dtype=np.float32) + 0.5) / by_px)[:, None, None]
    turned = _faded(values.swapaxes(0, 1), nearer, values.swapaxes(0, 1)[-by_px:], values.swapaxes(0, 1)[:by_px])
    round_ = turned.swapaxes(0, 1)
    half = np.roll(round_, round_.shape[1] // 2, axis=1)
    return _faded(round_, nearer, half[:by_px][::-1], half[-by_px:][::-1])


def _faded(
    values: Float32[np.ndarray, "n m c"],
    nearer: Float32[np.ndarray, "k 1 1"],
    before: Float32[np.ndarray, "k m c"],
    after: Float32[np.ndarray, "k m c"],
) -> Float32[np.ndarray, "inner m c"]:
    """``values`` without the first and last ``k``, faded into what was said of their first and last from beyond."""
    count = len(nearer)
    inner = values[count:-count].copy()
    if len(inner) < 2 * count:
        raise ValueError("what is joined goes on by at most half its height")
    inner[:count] = nearer * inner[:count] + (1 - nearer) * before
    inner[-count:] = nearer[::-1] * inner[-count:] + (1 - nearer[::-1]) * after
    return inner
