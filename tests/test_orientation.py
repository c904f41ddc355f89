"""Pictures are turned as EXIF says, whatever their size."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps

from reexposure.photo.orientation import upright

pixels = st.tuples(st.integers(1, 9), st.integers(1, 9), st.sampled_from([1, 3, 4])).map(
    lambda shape: np.arange(np.prod(shape), dtype=np.uint8).reshape(shape)
)


@given(pixels, st.integers(1, 8))
def test_pillow_turns_them_the_same_way(stored, orientation):
    picture = Image.fromarray(stored[..., 0] if stored.shape[-1] == 1 else stored)
    picture.getexif()[0x0112] = orientation
    turned = np.asarray(ImageOps.exif_transpose(picture))
    np.testing.assert_array_equal(upright(stored, orientation), turned.reshape(*turned.shape[:2], -1))


@given(pixels, st.integers(1, 8))
def test_turning_back_gives_what_was_stored(stored, orientation):
    back = {6: 8, 8: 6}.get(orientation, orientation)  # all others undo themselves
    np.testing.assert_array_equal(upright(upright(stored, orientation), back), stored)
