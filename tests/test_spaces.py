"""Radiance files in the colour spaces that others work in, held to OpenColorIO's own; and what goes with the light."""

import shutil

import numpy as np
import OpenImageIO as oiio
import pytest
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

import reexposure as rx
from reexposure.light import colour, icc
from reexposure.light.colour import ColourSpace
from reexposure.radiance import exr_attributes, spaces
from reexposure.radiance.of_light import of_light

OCIO = {"rec709": "Linear Rec.709 (sRGB)", "rec2020": "Linear Rec.2020", "p3": "Linear P3-D65", "acescg": "ACEScg"}
P3 = colour.named(colour.KNOWN["Display P3"])
LIGHT = np.random.default_rng(5).uniform(0, 20, (12, 16, 3)).astype(np.float32)
LIGHT[0, :3] = np.eye(3)


def by_opencolorio(light, source, target):
    buffer = oiio.ImageBuf(np.ascontiguousarray(light))
    answer = oiio.ImageBufAlgo.colorconvert(buffer, OCIO[source], OCIO[target], colorconfig="ocio://default")
    assert not answer.has_error, answer.geterror()
    return answer.get_pixels(oiio.FLOAT)


def space(name):
    return spaces.space_of(name, P3)


@pytest.mark.parametrize("source", OCIO)
@pytest.mark.parametrize("target", OCIO)
def test_matrices_are_those_of_opencolorio(source, target):
    ours = spaces.converted(LIGHT, space(source), space(target))
    np.testing.assert_allclose(ours, by_opencolorio(LIGHT, source, target), rtol=2e-5, atol=2e-5)


def test_a_space_that_is_none_is_named(tmp_path):
    with pytest.raises(ValueError, match="log: unknown space; there are photo, rec709, rec2020, p3, acescg"):
        of_light(LIGHT).save(tmp_path / "a.exr", space="log")
    assert not list(tmp_path.iterdir())


def read(path):
    """Pixels, as stored, and the header."""
    buffer = oiio.ImageBuf(str(path))
    return buffer.get_pixels(oiio.FLOAT), buffer.spec()


@pytest.mark.parametrize("name", ["photo", *OCIO])
@pytest.mark.parametrize("suffix", [".exr", ".tif", ".hdr"])
def test_primaries_are_told_truly(name, suffix, tmp_path):
    path = tmp_path / f"a{suffix}"
    of_light(LIGHT, P3).save(path, float32=True, space=name)
    pixels, spec = read(path)
    target = space(name)
    expected = LIGHT if name == "photo" else by_opencolorio(LIGHT, "p3", name)
    if suffix == ".exr":
        assert spec.get("chromaticities") == pytest.approx([v for xy in target.primaries for v in xy], abs=1e-6)
        assert spec.get("colorInteropID").startswith("lin_")
    elif suffix == ".tif":
        told = icc.space(np.asarray(spec.get("ICCProfile"), np.uint8).tobytes())
        np.testing.assert_allclose(told.primaries, target.primaries, atol=0.003)
    if suffix == ".hdr":
        error = np.abs(pixels - expected.clip(0, None))
        assert (error / expected.max(-1, keepdims=True)).max() < 0.01
    else:
        np.testing.assert_allclose(pixels[..., :3], expected, rtol=2e-5, atol=2e-5)


def test_what_lies_outside_is_kept_below_zero_or_said(tmp_path):
    light = np.full((2, 4, 3), 0.5, np.float32)
    light[0, 0] = 0, 1, 0  # the green of P3, which Rec. 709 has not
    radiance = of_light(light, P3)
    for name in ("a.exr", "a.tif"):
        assert radiance.save(tmp_path / name, space="rec709") == ()
        assert read(tmp_path / name)[0][0, 0, 0] == pytest.approx(-0.2249, abs=2e-4)
    [said] = radiance.save(tmp_path / "a.hdr", space="rec709")
    assert said == "colours outside sRGB are clipped in .hdr (in 12.5% of the pixels); .exr keeps them"
    assert read(tmp_path / "a.hdr")[0].min() == 0
    assert radiance.save(tmp_path / "b.hdr", space="acescg") == ()


def test_light_in_acescg_comes_back_as_the_same_colours(tmp_path):
    of_light(LIGHT, P3).save(tmp_path / "a.exr", float32=True, space="acescg")
    found = rx.RadianceMap.load(tmp_path / "a.exr")
    assert found.photo.colour_space.name == "ACEScg"
    again = spaces.converted(found.linear, found.photo.colour_space, P3)
    np.testing.assert_allclose(again, LIGHT, rtol=2e-5, atol=2e-5)


def photo_file(path, profile=b"", exif=None):
    """A grey ramp that ends burnt out in its last quarter."""
    ramp = np.minimum(np.linspace(30, 330, 64), 255).astype(np.uint8)
    picture = Image.fromarray(np.repeat(np.repeat(ramp[None, :, None], 48, 0), 3, -1))
    picture.save(path, icc_profile=profile, exif=exif or Image.Exif())
    return path


def test_primaries_that_others_may_look_past_are_said(tmp_path, reexpose):
    srgb, p3 = photo_file(tmp_path / "srgb.png"), photo_file(tmp_path / "p3.png", icc.profile_of(P3))
    assert reexpose("radiance", srgb, check=True).stderr == b""
    told = "Display P3 primaries; --space rec709 is for programs that look past them, as Blender does"
    assert reexpose("radiance", p3, check=True).stderr.decode() == f"{tmp_path / 'p3.exr'}: {told}\n"
    assert reexpose("radiance", p3, "--space", "rec709", "-o", tmp_path / "b.exr", check=True).stderr == b""
    many = reexpose("radiance", srgb, p3, "-o", tmp_path / "out", "--threads", "1", check=True).stderr.decode()
    assert f"{p3}: {told}" in many
    assert f"{srgb}: " not in many


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["--space", "log"], "Invalid value for '--space': 'log' is not one of"),
        (["--space", "p3", "-o", "a.jpg"], "--space p3: Ultra HDR has the photo's own colours; write .exr, .hdr or"),
        (["a.png", "--space", "p3", "--format", "jpg", "-o", "out/"], "--space p3: Ultra HDR has the photo's own"),
    ],
)
def test_bad_use_is_one_line(asked, said, tmp_path, reexpose):
    photo_file(tmp_path / "a.png")
    shutil.copy(tmp_path / "a.png", tmp_path / "b.png")
    before = sorted(tmp_path.iterdir())
    done = reexpose("radiance", "b.png", *asked, cwd=tmp_path)
    [line] = done.stderr.decode().splitlines()
    assert (done.returncode, sorted(tmp_path.iterdir())) == (2, before)
    assert said in line


def test_masks_travel_in_openexr(tmp_path):
    radiance = rx.reconstruct(photo_file(tmp_path / "a.png"), "srgb")
    radiance.save(tmp_path / "a.exr")
    pixels, spec = read(tmp_path / "a.exr")
    assert spec.channelnames == ("R", "G", "B", "clipped.Y", "reconstructed.Y")
    np.testing.assert_array_equal(pixels[..., 3], (radiance.photo.pixels == 255).any(-1))
    np.testing.assert_allclose(pixels[..., 4], radiance.reconstructed, atol=0.001)
    assert 0.1 < pixels[..., 3].mean() < 0.4
    np.testing.assert_array_equal(rx.RadianceMap.load(tmp_path / "a.exr").linear, pixels[..., :3])


def test_light_without_a_photo_has_no_masks(tmp_path):
    of_light(LIGHT).save(tmp_path / "a.exr")
    assert read(tmp_path / "a.exr")[1].channelnames == ("R", "G", "B")


def taken():
    """EXIF of a camera, as Pillow writes it."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x8298], exif[0x013B] = "Maker", "Model 1", "Ann", "Bob"
    exif.get_ifd(0x8769).update({
        0x829A: IFDRational(1, 250), 0x829D: IFDRational(28, 10), 0x8827: 200, 0x920A: IFDRational(35),
        0x9003: "2024:05:06 07:08:09", 0x9011: "+02:00",
        0xA433: "Glass", 0xA434: "Glass 35 mm", 0xA431: "12345",
    })  # fmt: skip
    exif.get_ifd(0x8825).update({1: "N", 2: (47.0, 30.0, 0.0)})
    return exif


def test_how_the_photo_was_taken_goes_along(tmp_path, reexpose):
    openexr = pytest.importorskip("OpenEXR")
    photo_file(tmp_path / "a.png", exif=taken())
    expected = {
        "expTime": 0.004, "aperture": 2.8, "isoSpeed": 200, "nominalFocalLength": 35, "capDate": "2024:05:06 07:08:09",
        "utcOffset": -7200, "cameraMake": "Maker", "cameraModel": "Model 1", "lensMake": "Glass",
        "lensModel": "Glass 35 mm", "owner": "Ann",
    }  # fmt: skip
    reexpose("radiance", tmp_path / "a.png", check=True)
    header = openexr.File(str(tmp_path / "a.exr")).header()
    assert {name: header.get(name) for name in expected} == {
        name: value if isinstance(value, str) else pytest.approx(value, rel=1e-5) for name, value in expected.items()
    }
    assert not {"longitude", "latitude", "cameraSerialNumber"} & set(header)
    reexpose("radiance", tmp_path / "a.png", "--strip", "-o", tmp_path / "b.exr", check=True)
    assert not set(expected) & set(openexr.File(str(tmp_path / "b.exr")).header())


@pytest.mark.parametrize("damage", [b"", b"II*\0", b"no EXIF at all", slice(0, 60), slice(0, 150)])
def test_damaged_exif_counts_as_far_as_it_goes(damage):
    whole = taken().tobytes().removeprefix(b"Exif\0\0")
    found = exr_attributes.attributes(whole[damage] if isinstance(damage, slice) else damage)
    assert set(found.items()) <= set(exr_attributes.attributes(whole).items())


def test_what_says_nothing_is_left_out():
    exif = Image.Exif()
    unknown, infinite = IFDRational(0, 1), IFDRational(0xFFFFFFFF, 1)
    exif.get_ifd(0x8769).update({0x829D: unknown, 0x9206: infinite, 0x9003: "    :  :     :  :  ", 0xA434: "\x01\x02"})
    assert exr_attributes.attributes(exif.tobytes().removeprefix(b"Exif\0\0")) == {}


def test_frames_keep_their_numbers(tmp_path, reexpose):
    for number in (17, 18):
        photo_file(tmp_path / f"plate.{number:04d}.png")
    reexpose("radiance", tmp_path / "plate.####.png", "-o", tmp_path / "out", "--space", "acescg", check=True)
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["plate.0017.exr", "plate.0018.exr"]
    assert read(tmp_path / "out" / names[0])[1].get("colorInteropID") == "lin_ap1_scene"


def test_white_stays_white():
    white = np.ones((1, 1, 3), np.float32)
    for name in OCIO:
        np.testing.assert_allclose(spaces.converted(white, ColourSpace(), space(name)), white, rtol=1e-6)
