"""Peers may write what they like where they like, and may fail in any way, but never end a run."""

import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from serving import wait_until

from reexposure.evaluation import methods
from reexposure.evaluation.benchmark import measure
from reexposure.evaluation.cases import Case
from reexposure.evaluation.methods import BrightnessChange, Detailed, Faithful, Given
from reexposure.evaluation.peers import Failure, Peer, parse_peer
from reexposure.reconstruction import network
from reexposure.reconstruction.reconstruction import reconstruct

pytestmark = pytest.mark.extras

PYTHON = f"{sys.executable} -c"
LIGHT = "import numpy as np, sys; np.save(open(sys.argv[1], 'wb'), np.full((24, 32, 3), 2, np.float32))"
EXR = (
    "import numpy as np, sys; from pathlib import Path; from reexposure.radiance import with_openimageio as i; "
    "from reexposure.light.colour import ColourSpace; "
    "i.write(Path(sys.argv[1]), np.full((24, 32, 3), 2, np.float32), sys.argv[2], ColourSpace())"
)


@pytest.fixture
def photo(tmp_path):
    """A photo whose name a shell would take apart."""
    path = tmp_path / "it's a photo.jpg"
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (24, 32, 3), np.uint8)).save(path)
    return path


@pytest.mark.parametrize(
    "command",
    [
        f'{PYTHON} "{LIGHT}" {{out}}.npy {{photo}}',
        f'{PYTHON} "{LIGHT}" {{out}} {{photo}}',  # no suffix at all
        f'mkdir {{out}}; {PYTHON} "{LIGHT}" {{out}}/any_name.npy {{photo}}',
        f'{PYTHON} "{EXR}" {{out}}.exr .exr {{photo}}',
        f'{PYTHON} "{EXR}" {{out}}.hdr .hdr {{photo}}',
        f'cat {{photo}} > {{out}}.part && rm {{out}}.part; {PYTHON} "{LIGHT}" {{out}}_hdr.npy',
    ],
)
def test_light_is_found_however_it_is_written(photo, command):
    np.testing.assert_allclose(Peer("peer", command).reconstruct(Given(photo)), np.full((24, 32, 3), 2), rtol=0.01)


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ("echo {photo} {out}", r"wrote no file at \{out\}: .*it's a photo.jpg"),
        ("echo one >&2; echo out of memory >&2; exit 3 # {photo} {out}", "exit code 3: out of memory"),
        ("no-such-command {photo} {out}", "exit code 127"),
        ("echo nonsense > {out}.exr # {photo}", "cannot be read"),
        ("echo nonsense > {out} # {photo}", "cannot be read"),
        (f"{PYTHON} \"import numpy; numpy.save('{{out}}', numpy.ones((4, 4)))\" # {{photo}}", r"shape \(4, 4\)"),
        (
            f"{PYTHON} \"import numpy as n; n.save('{{out}}', n.full((4, 4, 3), n.nan))\" # {{photo}}",
            "16 pixels are not",
        ),
    ],
)
def test_failures_say_why(photo, command, reason):
    with pytest.raises(Failure, match=reason):
        Peer("peer", command).reconstruct(Given(photo))


def test_a_peer_that_hangs_is_ended_with_all_it_started(photo, tmp_path):
    hangs = f"sleep 1000000 & echo $! > {tmp_path}/id; wait # {{photo}} {{out}}"
    with pytest.raises(Failure, match=r"not done after 3 s"):
        Peer("peer", hangs, 3).reconstruct(Given(photo))
    child = Path("/proc", (tmp_path / "id").read_text().strip(), "status")

    def gone():  # or ended, and whoever inherits it has not taken note of that yet
        return not child.exists() or "State:\tZ" in child.read_text()

    wait_until(gone, "the peer's child ends")


@pytest.mark.parametrize("text", ["", "name", "=run {photo} {out}", "name=run {photo}", "name=run {out}"])
def test_other_words_are_no_peers(text):
    with pytest.raises(ValueError, match="not a peer"):
        parse_peer(text, 1)


def test_infinite_and_negative_light_is_limited(photo):
    array = "n.array([n.inf, -1, 1], n.float32) * n.ones((24, 32, 1), n.float32)"
    command = f"{PYTHON} \"import numpy as n; n.save('{{out}}', {array})\" # {{photo}}"
    light = Peer("peer", command).reconstruct(Given(photo))
    np.testing.assert_array_equal(light[0, 0], [65504, 0, 1])


def test_a_failing_method_is_a_result_beside_the_others(photo):
    np.save(photo.with_suffix(".npy"), np.full((24, 32, 3), 0.5, np.float16))
    case = Case("it", "it", "highlights", 3, "sqrt", photo)
    shown = []
    small = Peer("small", f"{PYTHON} \"import numpy as n; n.save('{{out}}', n.ones((4, 5, 3)))\" # {{photo}}")
    found = [BrightnessChange(), small, Faithful()]
    results = list(measure(case, found, True, lambda case, photo, method, light: shown.append(method)))
    assert [r.failure for r in results] == ["", "light of 5 x 4 pixels for a photo of 32 x 24", ""]
    assert shown == ["truth", "brightness change", "faithful"]
    assert results[0].errors["psnr_all"] > 0


def test_a_photo_is_decoded_once_and_shown_to_the_network_once(photo, monkeypatch):
    """Of five photos: the case's own, and four of which one thing differs."""
    pixels = np.full((240, 320, 3), 255, np.uint8)
    pixels[:, :200] = np.random.default_rng(0).integers(60, 200, (240, 200, 3))
    Image.fromarray(pixels).save(photo, quality=95)
    np.save(photo.with_suffix(".npy"), np.square(pixels / 255).astype(np.float16) * np.float16(1.5))
    case, ran = Case("it", "it", "highlights", 25, "sqrt", photo), []
    for owner, name in ((methods, "decode"), (network.Network, "gain"), (network.Network, "drawn")):
        own = getattr(owner, name)
        monkeypatch.setattr(owner, name, lambda *given, own=own, name=name: ran.append(name) or own(*given))
    results = list(measure(case, [BrightnessChange(), Faithful(), Detailed()], False, lambda *_: None))
    assert [result.failure for result in results] == [""] * 3
    assert (ran.count("decode"), ran.count("gain"), ran.count("drawn")) == (5, 5, 5)
    monkeypatch.undo()
    for method, detail in ((Faithful(), 0), (Detailed(), 1)):
        wanted = reconstruct(photo, detail=detail).linear
        np.testing.assert_array_equal(method.reconstruct(Given(photo)), wanted)
