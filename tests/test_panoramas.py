"""Panoramas of the whole sphere: nothing tears where their sides meet, nor at their poles; they stay what they are."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

import reexposure as rx
from reexposure.light import around, camera, resampling, surroundings
from reexposure.photo import panorama, xmp
from reexposure.photo.photo import Photo
from reexposure.reconstruction import highlights
from reexposure.reconstruction.network import Network

HEIGHT, WIDTH = 96, 192
SQRT = camera.RESPONSES["sqrt"]


def sky(burnt=True):
    """A panorama with a bright cloud across its sides and another over its upper pole, which clip if ``burnt``."""
    latitude = (np.arange(HEIGHT) + 0.5)[:, None] / HEIGHT * np.pi
    longitude = (np.arange(WIDTH) + 0.5)[None] / WIDTH * 2 * np.pi
    x, y, z = (
        np.sin(latitude) * np.cos(longitude),
        np.sin(latitude) * np.sin(longitude),
        np.cos(latitude) + 0 * longitude,
    )
    scene = (
        0.15 + 0.05 * z + 3 * np.exp(-((x - 1) ** 2 + y**2 + z**2) * 4) + 4 * np.exp(-(x**2 + y**2 + (z - 1) ** 2) * 6)
    )
    light = scene[..., None] * np.array([0.9, 1, 1.1])
    return np.rint(255 * np.sqrt((light if burnt else light / 8).clip(0, 1))).astype(np.uint8)


@pytest.fixture
def file(tmp_path):
    """A JPEG that says that it is a panorama."""
    packet = xmp.packet(panorama.description(HEIGHT, WIDTH))
    Image.fromarray(sky()).save(tmp_path / "pano.jpg", quality=97, subsampling=0, xmp=packet)
    return tmp_path / "pano.jpg"


def jump_ev(one, other):
    return float(np.abs(np.log2(one) - np.log2(other)).mean())


class Torn(Network):
    """A network that answers by the place in what it sees, as a real one does, too, and not by what is there."""

    def gain(self, photo, matrix):
        rows, columns = np.indices(photo.shape[:2], np.float32)
        return np.repeat((columns / photo.shape[1] * 3 + rows / photo.shape[0] * 2)[..., None], 3, -1)


@given(st.integers(1, 5), st.integers(0, 3))
def test_what_is_continued_and_joined_is_the_panorama(by_px, seed):
    picture = np.random.default_rng(seed).random((10, 20, 3), np.float32)
    whole = around.continued(picture, by_px)
    assert whole.shape == (10 + 2 * by_px, 20 + 2 * by_px, 3)
    np.testing.assert_array_equal(whole[by_px:-by_px, :by_px], picture[:, -by_px:])
    np.testing.assert_array_equal(whole[by_px - 1, by_px:-by_px], np.roll(picture[0], 10, axis=0))
    np.testing.assert_allclose(around.joined(whole, by_px), picture, atol=1e-6)


def test_a_place_has_no_border_whatever_the_network_says():
    """By a network that jumps by three stops from side to side, as a picture; less than its own steps as a panorama."""
    photo, network = Photo(np.full((128, 256, 3), 255, np.uint8)), Torn("", 1)
    plain = highlights.find(photo, SQRT, network).gain
    assert abs(plain[:, 0] - plain[:, -1]).mean() > 2.9
    gain = highlights.find(photo.as_panorama(), SQRT, network).gain
    inside = max(abs(np.diff(gain, axis=axis)).max() for axis in (0, 1))
    assert abs(gain[:, 0] - gain[:, -1]).max() < 0.03
    for pole in (gain[0], gain[-1]):
        assert abs(pole - np.roll(pole, 128, axis=0)).max() < 0.03
    assert inside < 0.05


@given(st.integers(1, 11))
def test_enlarging_goes_on_around(turn):
    small = np.random.default_rng(0).random((6, 12, 2), np.float32)
    rows, columns = slice(0, 24), slice(None)
    first = resampling.Enlarged(small, 24, 48, sphere=True).cut(rows, columns)
    turned = resampling.Enlarged(np.roll(small, turn, axis=1), 24, 48, sphere=True).cut(rows, columns)
    np.testing.assert_allclose(np.roll(first, 4 * turn, axis=1), turned, atol=1e-6)
    np.testing.assert_allclose(
        first[0] - np.roll(first[0], 24, axis=0), (first[0] - first[0][::-1][::-1]) * 0, atol=0.5
    )


@given(st.integers(1, 30))
def test_surroundings_go_on_around(turn):
    own = np.random.default_rng(1).normal(0, 2, (40, 80)).astype(np.float32)
    first = surroundings.slope_and_offset(own, sphere=True)
    np.testing.assert_allclose(
        np.roll(first, turn, axis=1), surroundings.slope_and_offset(np.roll(own, turn, axis=1), sphere=True), atol=1e-5
    )


def test_the_released_network_does_not_tear(file):
    """The jump at the wrap is that of the neighbours beside it, and over the pole that of any others, to 0.05 EV."""
    photo = rx.open(file)
    assert photo.panorama
    linear = rx.reconstruct(photo).linear
    clipped = (photo.pixels > 250).all(-1)

    def jump_at(column):
        both = clipped[:, column] & clipped[:, column - 1]
        assert both.sum() > 10
        return jump_ev(linear[both, column], linear[both, column - 1])

    assert jump_at(0) < np.mean([jump_at(column) for column in (-2, -1, 1, 2)]) + 0.05
    inner = clipped[:, 1:] & clipped[:, :-1]
    elsewhere = jump_ev(linear[:, 1:][inner], linear[:, :-1][inner])
    assert clipped[0].all()
    assert jump_ev(linear[0], np.roll(linear[0], WIDTH // 2, axis=0)) < elsewhere + 0.05


def test_cleaned_shadows_do_not_tear():
    pixels = np.random.default_rng(0).integers(4, 18, (64, 128, 3)).astype(np.uint8)
    first = rx.reconstruct(Photo(pixels), panorama=True).linear
    turned = rx.reconstruct(Photo(np.roll(pixels, 64, axis=1)), panorama=True).linear
    np.testing.assert_allclose(np.roll(first, 64, axis=1)[:, 48:80], turned[:, 48:80], atol=2e-5)


def test_a_panorama_stays_one(file, reexpose, tmp_path):
    for name, options in {"a.jpg": ("--ev", "-1"), "b.png": ("--highlights", "-80")}.items():
        reexpose(file, *options, "-o", tmp_path / name, check=True)
        assert rx.open(tmp_path / name).panorama
    reexpose("radiance", file, "-o", tmp_path / "c.jpg", check=True)
    assert rx.open(tmp_path / "c.jpg").panorama


def test_the_command_may_say_so(reexpose, tmp_path):
    Image.fromarray(sky()).save(tmp_path / "plain.png")
    reexpose(tmp_path / "plain.png", "--ev", "-2", "--panorama", "-o", tmp_path / "a.png", check=True)
    made = rx.open(tmp_path / "a.png")
    assert made.panorama
    np.testing.assert_array_equal(made.pixels, rx.reconstruct(tmp_path / "plain.png", panorama=True).expose(-2).pixels)
    out = ("--ev", "-2", "--panorama", "-o", tmp_path / "out", "--json")
    done = reexpose(tmp_path / "plain.png", tmp_path / "a.png", *out, check=True)
    assert [json.loads(line)["status"] for line in done.stdout.splitlines()] == ["written", "written"]
    np.testing.assert_array_equal(rx.open(tmp_path / "out" / "plain_ev-2.png").pixels, made.pixels)


def test_what_is_no_panorama_is_refused(reexpose, tmp_path):
    Image.new("RGB", (90, 60)).save(tmp_path / "a.png")
    done = reexpose(tmp_path / "a.png", "--ev", "-2", "--panorama")
    assert done.returncode == 1
    assert b"a.png: 90 x 60 pixels; a panorama is twice as wide as high" in done.stderr
    assert done.stderr.count(b"\n") == 1


@pytest.mark.parametrize(
    ("said", "whole"),
    [
        (panorama.description(HEIGHT, WIDTH), True),
        (panorama.description(HEIGHT, WIDTH).replace(b"equirectangular", b"cylindrical"), False),
        (
            panorama.description(HEIGHT, WIDTH).replace(b'FullPanoWidthPixels="192"', b'FullPanoWidthPixels="400"'),
            False,
        ),
        (b'<rdf:Description xmlns:G="%s" G:ProjectionType="equirectangular"/>' % panorama.GPANO.encode(), True),
    ],
)
def test_files_say_whether_they_go_all_around(said, whole):
    assert panorama.says_sphere(xmp.packet(said)) == whole
    assert not panorama.says_sphere(said)  # no packet


@given(st.integers(1, 6), st.integers(0, 9), st.sampled_from([(12, 24), (12, 23), (13, 26)]))
def test_the_page_goes_on_around_alike(page_modules, by_px, seed, size):
    picture = np.random.default_rng(seed).random((*size, 3), np.float32)
    whole = around.continued(picture, by_px)
    said = page_modules.call("light/around.js", "continued", picture.ravel(), size[1], size[0], 3, by_px)
    np.testing.assert_array_equal(said, whole.ravel())
    answer = np.random.default_rng(seed + 1).random(whole.shape, np.float32)
    said = page_modules.call("light/around.js", "joined", answer.ravel(), size[1], size[0], by_px)
    np.testing.assert_allclose(said, around.joined(answer, by_px).ravel(), atol=1e-6)


@given(
    st.sampled_from(["equirectangular", "Equirectangular", "cylindrical", ""]),
    st.sampled_from([b"192", b"400"]), st.sampled_from([b"", b"<", b"\0"]),
)  # fmt: skip
def test_the_page_reads_alike_what_files_say(page_modules, kind, wide, damage):
    said = panorama.description(HEIGHT, WIDTH).replace(b"equirectangular", kind.encode())
    said = xmp.packet(said.replace(b'FullPanoWidthPixels="192"', b'FullPanoWidthPixels="%s"' % wide)) + damage
    there = page_modules.call("files/panorama.js", "saysSphere", said.decode("latin-1"))
    assert there == panorama.says_sphere(said)
    assert page_modules.call("files/panorama.js", "isSphere", HEIGHT, WIDTH + 3) == panorama.is_sphere(
        HEIGHT, WIDTH + 3
    )
