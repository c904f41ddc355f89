"""Files for other programs need no second run of the network."""

import numpy as np
import pytest
from conftest import SUNSET

import reexposure as rx
from reexposure.light import camera, colour, icc
from reexposure.light.colour import ColourSpace
from reexposure.photo.metadata import Metadata
from reexposure.photo.photo import Photo
from reexposure.radiance.redecoding import redecoded
from reexposure.reconstruction import network

ADOBE = icc.profile_of(ColourSpace("Adobe RGB", colour.KNOWN["Adobe RGB"], camera.PowerResponse(2.2)))


@pytest.mark.parametrize("profile", [b"", ADOBE], ids=["sRGB", "Adobe RGB"])
@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_another_curve_gives_what_reconstruction_by_it_gives(monkeypatch, profile, kind):
    pixels = rx.open(SUNSET).pixels[::8, ::8].astype(kind) * (1 if kind == np.uint8 else 257)
    photo = Photo(np.ascontiguousarray(pixels), metadata=Metadata(profile=profile))
    by_root, by_own = rx.reconstruct(photo), rx.reconstruct(photo, "srgb")
    assert by_root.over.max() == by_root.under.max() == 1
    monkeypatch.setattr(network, "open", None)  # it must not be asked
    changed = redecoded(by_root, "srgb")
    np.testing.assert_allclose(changed.linear, by_own.linear, rtol=2e-5, atol=1e-8)
    well = (by_root.over == 0) & (by_root.under == 0)
    np.testing.assert_array_equal(changed.linear[well], by_own.linear[well])
    np.testing.assert_array_equal(changed.expose(0).pixels[well], photo.pixels[well])
    assert redecoded(changed, "srgb") is changed
