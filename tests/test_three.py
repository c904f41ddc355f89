"""Radiance files in three.js, in a browser: its loaders give our light."""

import functools
import http.server
import json
import threading

import numpy as np
import pytest
from conftest import ROOT, SUNSET
from PIL import Image
from serving import opened, until

import reexposure as rx

pytestmark = pytest.mark.heavy
MODULES = ROOT / "tests" / "readers" / "node_modules"
PAGE = """<!doctype html><meta charset="utf-8">
<script type="importmap">{"imports": {"three": "./node_modules/three/build/three.module.js",
  "three/addons/": "./node_modules/three/examples/jsm/"}}</script>
<script type="module">
  import { FloatType } from "three";
  import { EXRLoader } from "three/addons/loaders/EXRLoader.js";
  import { HDRLoader } from "three/addons/loaders/HDRLoader.js";
  import { UltraHDRLoader } from "three/addons/loaders/UltraHDRLoader.js";
  const loaders = { exr: EXRLoader, hdr: HDRLoader, jpg: UltraHDRLoader };
  window.load = async (name) => {
    const texture = await new loaders[name.split(".").pop()]().setDataType(FloatType).loadAsync(name);
    const { data, width, height } = texture.image;
    return { data: [...data], width, height, flipY: texture.flipY };
  };
  document.documentElement.dataset.ready = "";
</script>"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A photo's light in the three formats, beside a page that loads them."""
    if not (MODULES / "three").is_dir():
        pytest.skip("three.js is not installed (make test-all installs it where there is npm)")
    folder = tmp_path_factory.mktemp("three")
    (folder / "node_modules").symlink_to(MODULES)
    (folder / "index.html").write_text(PAGE)
    with Image.open(SUNSET) as picture:
        picture.resize((120, 80)).save(folder / "photo.jpg", quality=95, subsampling=0)
    radiance = rx.reconstruct(folder / "photo.jpg", "srgb")
    for suffix in ("exr", "hdr", "jpg"):
        radiance.save(folder / f"light.{suffix}")
    return folder


@pytest.fixture(scope="module")
def page(folder, chromium):
    """The page, from a server of its own: modules are not loaded from files."""
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=folder)
    handler.func.log_message = lambda *_: None
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        found = opened(chromium.new_page(), f"http://127.0.0.1:{server.server_port}")
        yield found
        assert not found.errors
        server.shutdown()


def loaded(page, name):
    """Red, green and blue as three.js has them, from the top."""
    page.evaluate(f"window.found = null, load({json.dumps(name)}).then((found) => (window.found = found))")
    until(page, "window.found")
    found = page.evaluate("window.found")
    light = np.array(found["data"], np.float32).reshape(found["height"], found["width"], -1)[..., :3]
    return light if found["flipY"] else light[::-1]


def test_openexr_is_our_light(folder, page):
    """Beside its masks: `EXRLoader` takes the channels that are the picture."""
    np.testing.assert_array_equal(loaded(page, "light.exr"), rx.RadianceMap.load(folder / "light.exr").linear)


def test_radiance_hdr_is_our_light(folder, page):
    """But for a 255th: `HDRLoader` divides by that where the format's author divides by 256."""
    ours = rx.RadianceMap.load(folder / "light.hdr").linear
    np.testing.assert_allclose(loaded(page, "light.hdr"), ours * 256 / 255, rtol=1e-5)


def test_ultra_hdr_is_our_light(folder, page):
    light, ours = loaded(page, "light.jpg"), rx.RadianceMap.load(folder / "light.jpg").linear
    error = np.abs(np.log2((light + 0.01) / (ours + 0.01)))
    assert np.percentile(error, 99) < 0.1
    assert ours.max() > 2
