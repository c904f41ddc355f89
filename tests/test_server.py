"""What the server promises: who may ask, how much, and what a broken photo costs."""

import asyncio
import http.client
import io
import json
import os
import re
import signal
import socket
import sys
import threading
import time
import types
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest
from conftest import SUNSET
from PIL import Image
from serving import PATIENCE_S, served, wait_until

from reexposure.light import colour
from reexposure.light.resampling import averaged
from reexposure.photo.limits import MAX_PX
from reexposure.radiance import with_openimageio
from reexposure.reconstruction import network
from reexposure.reconstruction.reconstruction import reconstruct
from reexposure.server import keeping, serving, store, uploads, view, worker, workers
from reexposure.server.exports import FORMATS
from reexposure.server.workers import MAX_WAITING

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads the server's memory from /proc")


@pytest.fixture(scope="module")
def server():
    with served() as started:
        yield started


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> bytes:
    path = tmp_path_factory.mktemp("photo") / "small.jpg"
    with Image.open(SUNSET) as sunset:
        sunset.reduce(16).save(path, quality=95)
    return path.read_bytes()


def ask(server, method, path, body=None, **headers):
    """The status, headers and body of one request, from the page itself unless ``headers`` say otherwise."""
    place, token = urlsplit(server[1])[1:3]
    path = path if path.startswith(token) else f"{token}{path}"
    named = {name.title().replace("_", "-"): value for name, value in headers.items()}
    sent = {"Origin": f"http://{place}", **named}
    if isinstance(body, bytes):
        sent["Content-Length"] = str(len(body))
    with closing(http.client.HTTPConnection(place, timeout=PATIENCE_S)) as connection:
        connection.putrequest(method, path, skip_host="Host" in named)
        for name, value in sent.items():
            if value is not None:
                connection.putheader(name, value)
        connection.endheaders(body, encode_chunked=body is not None and not isinstance(body, bytes))
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()


def opened(server, data):
    """The id and last state of a photo once its light is there."""
    status, _, body = ask(server, "POST", "/api/photos", data)
    assert status == 201, body
    id = json.loads(body)["id"]
    events = ask(server, "GET", f"/api/photos/{id}/events")[2].decode().split("\n\n")
    return id, [json.loads(event.removeprefix("data: ")) for event in events if event]


def save(server, id, **wish):
    """The answer to a wish, see `exports.Wish`."""
    return ask(server, "POST", f"/api/photos/{id}/save", json.dumps(wish).encode())


def worker_of(server):
    """The process id of the worker, or None while there is none."""
    children = Path(f"/proc/{server[0].pid}/task/{server[0].pid}/children").read_text().split()
    return int(children[0]) if children else None


def memory_kb(process_id):
    """Resident memory of a process."""
    return int(Path(f"/proc/{process_id}/status").read_text().split("VmRSS:")[1].split()[0])


def test_every_answer_is_hardened(server):
    for path in ("/", "/ui/main.js", "/api/formats", "/missing"):
        headers = ask(server, "GET", path)[1]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "unsafe-inline" not in headers["Content-Security-Policy"]
        assert "script-src 'self'" in headers["Content-Security-Policy"]
        assert not [name for name in headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1", "127.0.0.1:1", ""])
def test_a_forged_host_is_refused(server, host):
    assert ask(server, "GET", "/", host=host)[0] == 403


@pytest.mark.parametrize("path", ["/", "/api/formats", "/x/api/formats", "//api/formats", "/ui/main.js"])
def test_who_does_not_know_the_token_is_refused(server, path):
    place = urlsplit(server[1]).netloc
    stranger = (server[0], f"http://{place}")
    status, headers, body = ask(stranger, "GET", path)
    assert (status, headers["X-Content-Type-Options"]) == (401, "nosniff")
    assert "printed" in json.loads(body)["error"]
    assert ask(stranger, "POST", "/api/photos", b"photo")[0] == 401
    assert ask(stranger, "POST", "/api/photos", b"photo", origin="null")[0] == 403  # judged first
    assert ask(stranger, "GET", path, host="evil.example")[0] == 403


def test_the_address_without_its_slash_leads_to_the_page(server):
    token = urlsplit(server[1]).path
    status, headers, _ = ask(server, "GET", token)
    assert (status, headers["Location"]) == (307, f"{token}/")


def test_one_may_be_led_to_the_page_but_to_nothing_else(server):
    going = {"sec_fetch_site": "cross-site", "sec_fetch_mode": "navigate"}
    assert ask(server, "GET", "/", **going)[0] == 200
    assert ask(server, "GET", "/api/formats", **going)[0] == 403
    assert ask(server, "POST", "/", **going, origin="null")[0] == 403


def test_the_browser_is_led_there_by_a_file_that_is_private(tmp_path):
    """Not by the address itself: everybody on the machine can read with which words a program was started."""
    folder = tmp_path / "private"
    folder.mkdir(mode=0o700)
    page = serving._leading_to("http://127.0.0.1:1/token/", folder)
    assert page.parent == folder
    assert 'content="0; url=http://127.0.0.1:1/token/"' in page.read_text()


def listed(server):
    return json.loads(ask(server, "GET", "/api/photos")[2])


def test_photos_that_were_named_are_given_to_the_page(small, tmp_path):
    (tmp_path / "b\u00e4r.jpg").write_bytes(small)
    with served(tmp_path / "b\u00e4r.jpg") as server:
        (photo,) = listed(server)
        assert (photo["name"], photo["given"]) == ("b\u00e4r.jpg", True)
        assert ask(server, "GET", f"/api/photos/{photo['id']}/file")[2] == small
        assert ask(server, "GET", "/api/photos/x/file")[0] == 404


def test_photos_and_settings_outlive_the_server_whatever_ends_it(small, tmp_path):
    (tmp_path / "given.jpg").write_bytes(small)
    with served(tmp_path / "given.jpg", cache=tmp_path / "cache") as server:
        first = json.loads(ask(server, "POST", "/api/photos?name=../first.jpg", small)[2])["id"]
        assert ask(server, "PUT", f"/api/photos/{first}", b'{"ev": -1.5}')[0] == 204
        assert ask(server, "PUT", f"/api/photos/{first}", b"[1]")[0] == 422
        assert ask(server, "PUT", f"/api/photos/{first}", b" " * 30_000)[0] == 413
        server[0].kill()
        server[0].wait()
    with served(tmp_path / "given.jpg", cache=tmp_path / "cache") as server:
        kept = listed(server)
        assert [(one["name"], one["settings"], one["given"]) for one in kept] == [
            ("../first.jpg", {"ev": -1.5}, False),
            ("given.jpg", None, True),  # once, though it was given twice
        ]
        assert ask(server, "POST", f"/api/photos/{first}/open?max_side_px=4096")[0] == 200
        events = ask(server, "GET", f"/api/photos/{first}/events")[2].decode().strip().split("\n\n")
        assert json.loads(events[-1].removeprefix("data: "))["stage"] == "ready"
        (root,) = (
            tmp_path / "cache" / "reexposure" / "photos"
        ).iterdir()  # one session, that of the dead is taken over
        assert {path.stat().st_mode & 0o77 for path in (root, root.parent)} == {0}
        assert ask(server, "DELETE", "/api/photos")[0] == 204
        assert listed(server) == []
    assert not list((tmp_path / "cache" / "reexposure" / "photos").iterdir())


def test_what_another_server_keeps_is_left_to_it(small, tmp_path):
    with served(cache=tmp_path) as one, served(cache=tmp_path) as other:
        opened(one, small)
        assert (len(listed(one)), listed(other)) == (1, [])
    with served(cache=tmp_path) as server:
        assert len(listed(server)) == 1


@pytest.mark.parametrize("origin", ["null", "http://evil.example", "http://127.0.0.1:1", None])
def test_a_forged_origin_is_refused(server, small, origin):
    assert ask(server, "POST", "/api/photos", small, origin=origin)[0] == 403


def test_other_sites_cannot_read(server):
    assert ask(server, "GET", "/api/formats", sec_fetch_site="cross-site")[0] == 403


@pytest.mark.parametrize(
    "path", ["/../app.py", "/%2e%2e/app.py", "/..%2fapp.py", "//etc/passwd", "/api/photos/../light"]
)
def test_paths_lead_nowhere(server, path):
    assert ask(server, "GET", path)[0] == 404


def test_it_listens_on_this_machine_only(server):
    port = urlsplit(server[1]).port
    table = Path("/proc/net/tcp").read_text().splitlines()
    listening = [line.split()[1] for line in table[1:] if line.split()[3] == "0A"]
    assert [address for address in listening if address.endswith(f":{port:04X}")] == [f"0100007F:{port:04X}"]


@pytest.mark.slow
def test_a_photo_becomes_light_and_files(server, small, tmp_path):
    id, states = opened(server, small)
    assert states[-1]["stage"] == "ready"
    height, width = states[-1]["height_px"], states[-1]["width_px"]
    shape = (height, width, 4)
    encoded = np.frombuffer(ask(server, "GET", f"/api/photos/{id}/input")[2], np.uint8).reshape(shape)
    light = np.frombuffer(ask(server, "GET", f"/api/photos/{id}/light")[2], np.float16).reshape(shape)
    known = (encoded[..., :3] >= 24) & (encoded[..., :3] <= 240)
    np.testing.assert_allclose(light[..., :3][known], (encoded[..., :3][known] / 255.0) ** 2, rtol=1e-3)
    assert light[..., :3].max() > 1.5
    for name, format in FORMATS.items():
        status, headers, data = save(server, id, format=name, settings={"ev": -1})
        assert (status, headers["Content-Type"]) == (200, format.media_type)
        assert headers["Content-Disposition"] == f'attachment; filename="photo{format.suffix}"'
        assert len(data) > 500
    assert ask(server, "DELETE", f"/api/photos/{id}")[0] == 204
    assert ask(server, "GET", f"/api/photos/{id}/light")[0] == 404


def test_a_radiance_map_is_opened_as_it_is(server, tmp_path):
    light = np.full((40, 60, 3), 3.0, np.float32)
    with_openimageio.write(tmp_path / "light.exr", light, ".exr", colour.ColourSpace())
    id, _ = opened(server, (tmp_path / "light.exr").read_bytes())
    shown = np.frombuffer(ask(server, "GET", f"/api/photos/{id}/light")[2], np.float16).reshape(40, 60, 4)
    np.testing.assert_array_equal(shown[..., :3], light)
    assert not shown[..., 3].any()  # nothing was invented


def test_what_is_no_photo_is_said_in_a_line(server):
    status, _, body = ask(server, "POST", "/api/photos", b"not a picture")
    assert status == 422
    assert json.loads(body)["error"] == "this photo: not a JPEG, PNG, WebP, TIFF, AVIF, JPEG XL or HEIC picture"
    assert ask(server, "POST", "/api/photos", b"")[0] == 422


def test_too_many_pixels_are_refused_before_they_are_decoded(server, tmp_path):
    Image.new("1", (20_000, MAX_PX // 20_000 + 1)).save(tmp_path / "bomb.png")
    status, _, body = ask(server, "POST", "/api/photos", (tmp_path / "bomb.png").read_bytes())
    assert status == 422
    assert "megapixels" in json.loads(body)["error"]


@pytest.mark.parametrize("announced", [True, False])
def test_300_megabytes_are_refused_in_flat_memory(server, announced):
    before = memory_kb(server[0].pid)
    peak = [0]
    chunk, count = bytes(1_000_000), 300

    def stream():
        for _ in range(count):
            peak[0] = max(peak[0], memory_kb(server[0].pid))
            yield chunk

    headers = {"content_length": str(len(chunk) * count)} if announced else {"transfer_encoding": "chunked"}
    if announced:  # http.client would chunk what has a length
        place = urlsplit(server[1])
        with socket.create_connection((place.hostname, place.port)) as connection:
            start = f"POST {place.path}/api/photos HTTP/1.1\r\nHost: {place.netloc}\r\n"
            start += f"Origin: http://{place.netloc}\r\n"
            connection.sendall(f"{start}Content-Length: {headers['content_length']}\r\n\r\n".encode())
            for part in stream():
                connection.sendall(part)
            status = int(connection.recv(4096).split()[1])
    else:
        status = ask(server, "POST", "/api/photos", stream(), **headers)[0]
    assert status == 413
    assert max(peak[0], memory_kb(server[0].pid)) - before < 20_000


def state_of(server, id):
    """What the page is told of a photo at this moment."""
    place, token = urlsplit(server[1])[1:3]
    with socket.create_connection(place.split(":"), timeout=PATIENCE_S) as client:
        line = f"GET {token}/api/photos/{id}/events HTTP/1.1\r\nHost: {place}\r\n\r\n"
        client.sendall(line.encode())
        said = b""
        while not (told := re.search(rb"data: (.*?)\n\n", said)):
            more = client.recv(4096)
            assert more, f"the server closed before it told anything: {said}"
            said += more
    return json.loads(told[1])


def test_a_crash_of_the_decoder_costs_one_request(server, small):
    id, _ = opened(server, small)
    worker, answers = worker_of(server), []
    os.kill(worker, signal.SIGSTOP)  # so that it is in the middle of the work when it dies
    waiting = threading.Thread(target=lambda: answers.append(save(server, id, format="png")))
    waiting.start()
    wait_until(lambda: state_of(server, id)["stage"] == "saving", "saving")
    os.kill(worker, signal.SIGKILL)
    waiting.join()
    ((status, _, body),) = answers
    assert status == 422
    assert "the decoder stopped" in json.loads(body)["error"]
    assert save(server, id, format="png")[0] == 200


def test_a_drawing_is_as_large_as_was_said(server, small):
    burnt = Image.open(io.BytesIO(small)).convert("RGB")
    burnt.paste(
        (255, 255, 255), (0, burnt.height * 2 // 3, burnt.width // 3, burnt.height)
    )  # no sun: on one nothing is drawn
    paper = io.BytesIO()
    burnt.save(paper, "JPEG", quality=95)
    id, states = opened(server, paper.getvalue())
    rows, columns = states[-1]["drawn"]
    status, _, body = ask(server, "POST", f"/api/photos/{id}/drawn", b'{"seed": 5}')
    assert status == 200
    assert np.frombuffer(body, np.float16).reshape(rows, columns, 4).any()
    assert ask(server, "POST", f"/api/photos/{id}/drawn", b'{"seed": 5}')[2] == body
    assert ask(server, "POST", f"/api/photos/{id}/drawn", b'{"seed": 6}')[2] != body
    assert ask(server, "POST", f"/api/photos/{id}/drawn", b'{"seed": -5}')[0] == 422
    assert ask(server, "POST", "/api/photos/none/drawn", b"{}")[0] == 404


def test_the_network_looks_at_a_photo_once(small, tmp_path, monkeypatch):
    """Light that is shown is what drawings and files are made of."""
    looks = []
    gain = network.Network.gain
    monkeypatch.setattr(network.Network, "gain", lambda *given: looks.append(1) or gain(*given))
    path, out = tmp_path / "photo", tmp_path / "out.png"
    path.write_bytes(small)
    worker.open_photo({"photo": str(path), "max_side_px": 4096}, lambda _: None)
    worker.draw({"photo": str(path), "seed": 3, "out": str(tmp_path / "drawn")}, lambda _: None)
    for settings in ({"ev": -2, "seed": 3}, {"ev": -2, "detail": 0.5}, {"ev": -2, "detail": 0}):
        wish = {"format": "png", "settings": settings}
        worker.save({"photo": str(path), "wish": wish, "out": str(out)}, lambda _: None)
        expected = reconstruct(small, detail=settings.get("detail"), seed=settings.get("seed", 0)).expose(-2)
        np.testing.assert_array_equal(np.asarray(Image.open(out)), expected.pixels)
    assert len(looks) == 1 + 3  # and one for each of what is expected


def test_no_module_is_taken_from_the_current_folder(small, tmp_path, monkeypatch):
    for name in ("json", "numpy", "PIL", "asyncio", "functools", "reexposure"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('a stranger in the house')")
    monkeypatch.chdir(tmp_path)

    async def work():
        worker = workers.Worker()
        photo = tmp_path / "photo"
        photo.write_bytes(small)
        try:
            await worker.run({"do": "open", "photo": str(photo), "max_side_px": 4096}, lambda _: None)
        finally:
            await worker.close()

    asyncio.run(work())


def test_two_saves_of_a_photo_end_and_it_is_ready_after(tmp_path, monkeypatch):
    async def story():
        photo = store.OpenPhoto(tmp_path, {})
        with photo.being_saved() as first, photo.being_saved() as second:
            first({"stage": "saving", "share": 0.5})
            photo.report({"stage": "ready"})  # it was still being opened
            second({"stage": "saving", "share": 0.1})
            assert photo.state == {"stage": "saving", "share": 0.1}
        return photo.state

    assert asyncio.run(story()) == {"stage": "ready"}


def test_saves_at_once_do_not_mix(server, small):
    photo, _ = opened(server, small)
    answers = {}

    def write(ev):
        answers[ev] = save(server, photo, format="png", settings={"ev": ev})

    threads = [threading.Thread(target=write, args=[ev]) for ev in (-2, -1, 1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    light = [np.asarray(Image.open(io.BytesIO(answers[ev][2]))).mean() for ev in (-2, -1, 1, 2)]
    assert light == sorted(set(light))
    events = ask(server, "GET", f"/api/photos/{photo}/events")[2].decode()  # which end, as it is ready
    assert json.loads(events.removeprefix("data: "))["stage"] == "ready"


def test_a_film_that_nobody_waits_for_is_given_up(server, small):
    photo, _ = opened(server, small)
    (place, token), worker = urlsplit(server[1])[1:3], worker_of(server)
    with socket.create_connection(place.split(":"), timeout=PATIENCE_S) as client:
        line = f"POST {token}/api/photos/{photo}/save HTTP/1.1\r\nHost: {place}\r\n"
        line += f'Origin: http://{place}\r\nContent-Length: 18\r\n\r\n{{"format": "film"}}'
        client.sendall(line.encode())
        wait_until(lambda: state_of(server, photo)["stage"] == "saving", "saving")
        os.kill(worker, signal.SIGSTOP)  # or a quick machine would be done before the client is gone
    wait_until(lambda: worker_of(server) != worker, "given up")
    assert save(server, photo, format="jpeg")[0] == 200


@pytest.mark.parametrize("side", ["abc", "-1", "9" * 5000, ""])
def test_a_size_that_is_none_is_refused(server, small, side):
    status, headers, body = ask(server, "POST", f"/api/photos?max_side_px={side}", small)
    assert (status, headers["X-Content-Type-Options"]) == (422, "nosniff")
    assert "number of pixels" in json.loads(body)["error"]


def test_an_upload_that_stops_gives_up_its_place(tmp_path, monkeypatch):
    monkeypatch.setattr(uploads, "PATIENCE_S", 0.05)

    async def stalled():
        yield b"some"
        await asyncio.sleep(10)

    request = types.SimpleNamespace(headers={}, stream=stalled)
    with pytest.raises(uploads.TooSlow):
        asyncio.run(uploads.receive(request, tmp_path / "photo"))
    assert list(tmp_path.iterdir()) == []


def test_an_upload_that_trickles_gives_up_its_place(tmp_path, monkeypatch):
    monkeypatch.setattr(uploads, "LIMIT_S", 0.1)

    async def trickling():
        while True:
            yield b"s"
            await asyncio.sleep(0.001)

    request = types.SimpleNamespace(headers={}, stream=trickling)
    with pytest.raises(uploads.TooSlow):
        asyncio.run(uploads.receive(request, tmp_path / "photo"))
    assert list(tmp_path.iterdir()) == []
    asyncio.run(uploads.discard(request))  # nor does what is refused anyhow go on for ever


@pytest.mark.parametrize("after_s", [0.3, 1.5])
def test_ending_in_mid_work_is_quiet_and_quick(small, after_s):
    with served() as (process, address):

        def post():
            with suppress(OSError, http.client.HTTPException):  # a server that ends need not answer
                ask((process, address), "POST", "/api/photos", small)

        threads = [threading.Thread(target=post) for _ in range(3)]
        for thread in threads:
            thread.start()
        time.sleep(after_s)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=PATIENCE_S)
        for thread in threads:
            thread.join()
    assert (process.returncode, errors) == (0, "")


def test_a_hundred_requests_at_once(server, small):
    """The queue is bounded, what does not fit is told when to come back, and memory stays where it was."""

    def fifty():
        """The answers to fifty photos; nothing is done before those that find no place have been told."""
        answers = []
        threads = [
            threading.Thread(target=lambda: answers.append(ask(server, "POST", "/api/photos", small)))
            for _ in range(50)
        ]
        os.kill(worker_of(server), signal.SIGSTOP)
        for thread in threads:
            thread.start()
        wait_until(lambda: len(answers) == 50 - MAX_WAITING, f"{50 - MAX_WAITING} answers")
        os.kill(worker_of(server), signal.SIGCONT)
        for thread in threads:
            thread.join()
        assert sorted(status for status, _, _ in answers) == [201] * MAX_WAITING + [503] * (50 - MAX_WAITING)
        assert all(headers["Retry-After"] == "1" for status, headers, _ in answers if status == 503)
        return opened(server, small)  # behind all others, so that the server has nothing left to do

    def memory_of_both():
        return memory_kb(server[0].pid) + memory_kb(worker_of(server))

    opened(server, small)
    fifty()
    after_first = memory_of_both()
    assert fifty()[1][-1]["stage"] == "ready"
    assert memory_of_both() < 1.1 * after_first


def test_a_port_that_cannot_be_is_said_in_a_line(server, reexpose):
    taken = reexpose("serve", "--no-browser", "--port", urlsplit(server[1]).port)
    assert (taken.returncode, taken.stderr.count(b"\n")) == (1, 1)
    assert b"address already in use" in taken.stderr
    assert reexpose("serve", "--port", "99999").returncode == 2


def test_nothing_is_left_behind(small, tmp_path):
    with served(folder=tmp_path / "tmp", cache=tmp_path / "cache") as server:
        opened(server, small)
        assert list((tmp_path / "cache").glob("reexposure/photos/*/*/light"))
    kept = [path.name for path in tmp_path.rglob("*") if path.is_file()]
    assert sorted(kept) == [
        "about.json",
        "photo",
    ]  # and nothing by the libraries: telemetry of ONNX Runtime would leave .ses


def test_the_store_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(keeping.tempfile, "tempdir", str(tmp_path / "tmp"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    photos = store.Store(max_photos=3, max_bytes=10_000)
    kept = photos.add()
    kept.busy = 1  # still worked on
    others = [photos.add() for _ in range(5)]
    assert photos.get(kept.id) is kept
    assert [photos.get(one.id) is one for one in others] == [False, False, False, True, True]
    (others[-2].folder / "light").write_bytes(bytes(20_000))
    kept.busy = 0
    photos.make_room()
    assert others[-2].folder.exists()  # what can be made again goes first
    assert not (others[-2].folder / "light").exists()
    others[-2].file.write_bytes(bytes(20_000))
    photos.make_room()
    assert not others[-2].folder.exists()
    others[-1].file.write_bytes(bytes(2000))
    photos.close()
    again = store.Store()
    assert [one.id for one in again.listed()] == [others[-1].id]  # the one that had come whole
    again.remove(again.listed()[0])
    again.close()
    assert not list((tmp_path / "cache" / "reexposure" / "photos").iterdir())


def test_a_home_that_cannot_be_written_keeps_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(keeping.tempfile, "tempdir", str(tmp_path))
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    dead = tmp_path / f"{keeping.TEMPORARY}x"
    dead.mkdir()
    photos = store.Store()
    assert (photos.root.parent, dead.exists()) == (tmp_path, False)
    photos.add()
    photos.close()
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({"format": "exe"}, "write one of jpeg"),
        ({"format": "png", "settings": {"ev": "bright"}}, "ev: not a number from -30 to 30"),
        ({"format": "png", "settings": {"ev": True}}, "ev: not a number"),
        ({"format": "png", "settings": {"highlights": 101}}, "highlights: not a number from -100 to 100"),
        ({"format": "png", "settings": 3}, "settings: not an object"),
        ({"format": "png", "settings": {"gradient": {"ev": 1}}}, "gradient: it has"),
        (
            {"format": "png", "settings": {"gradient": {"ev": 1, "from": [0, 2], "to": [0, 0], "where": "line"}}},
            "outside of the picture",
        ),
        ({"format": "jpeg", "quality": 0}, "quality: not a number from 1 to 100"),
        ({"format": "jpeg", "long_px": 1e9}, "long_px: not a number"),
        ({"format": "film", "seconds": 1000}, "seconds: not a number"),
    ],
)
def test_wishes_that_cannot_be_are_said_in_a_line(server, small, wish, said):
    photo = json.loads(ask(server, "POST", "/api/photos", small)[2])
    status, _, body = save(server, photo["id"], **wish)
    assert status == 422
    assert said in json.loads(body)["error"]
    assert "\n" not in json.loads(body)["error"]


def test_large_photos_are_shown_reduced():
    assert view.step_of(3000, 4000, 8192) == 1
    assert view.step_of(3000, 9000, 8192) == 2
    assert view.step_of(8000, 12000, 16384) == 2
    reduced = averaged(np.arange(64, dtype=np.float32).reshape(4, 4, 4), 2)
    assert reduced[0, 0, 0] == np.mean([0, 4, 16, 20])
