"""`reexpose serve --api`: what programs may ask, with which limits, and that its document tells the truth."""

import asyncio
import http.client
import io
import json
import re
import sys
from contextlib import closing
from urllib.parse import urlsplit

import numpy as np
import pytest
from conftest import ROOT, SUNSET
from PIL import Image
from serving import PATIENCE_S, served, wait_until
from starlette.exceptions import HTTPException
from starlette.requests import Request

import reexposure as rx
from reexposure.server import openapi, uploads
from reexposure.server.exports import FORMATS
from reexposure.server.programs import Programs
from reexposure.server.workers import Worker


@pytest.fixture(scope="module")
def server():
    with served("--api") as started:
        yield started


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    path = tmp_path_factory.mktemp("api") / "photo.jpg"
    with Image.open(SUNSET) as sunset:
        sunset.reduce(16).save(path, quality=95)
    return path


def ask(server, method, path, body=None, token=True, **headers):
    """The status, headers and body of one request, as a program sends it: with the token and no Origin."""
    place, own = urlsplit(server[1])[1:3]
    with closing(http.client.HTTPConnection(place, timeout=PATIENCE_S)) as connection:
        sent = {name.title().replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, f"{own if token else ''}{path}", body, sent)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()


def test_a_photo_comes_back_at_another_exposure(server, small):
    status, headers, body = ask(server, "POST", "/api/develop?ev=-2", small.read_bytes())
    assert (status, headers["Content-Type"]) == (200, "image/jpeg")
    assert body == rx.reconstruct(small).expose(-2).encoded("JPEG")
    assert headers["Content-Security-Policy"]


def test_highlights_depth_and_size_are_asked_for(server, small):
    query = "format=png&highlights=-100&shadows=50&bits=16&long_px=64"
    status, _, body = ask(server, "POST", f"/api/develop?{query}", small.read_bytes())
    assert status == 200
    photo = rx.open(body)
    assert isinstance(photo, rx.Photo)
    assert (photo.pixels.dtype, max(photo.pixels.shape)) == (np.uint16, 64)


def test_light_comes_as_openexr(server, small, tmp_path):
    status, headers, body = ask(server, "POST", "/api/develop?format=exr", small.read_bytes())
    assert (status, headers["Content-Type"]) == (200, "image/x-exr")
    found = rx.open(body)
    assert isinstance(found, rx.RadianceMap)
    rx.reconstruct(small, "srgb").save(tmp_path / "a.exr")
    np.testing.assert_allclose(found.linear, rx.RadianceMap.load(tmp_path / "a.exr").linear, rtol=2e-3, atol=1e-4)


def test_detail_is_drawn_as_asked(server, tmp_path):
    small = tmp_path / "paper.jpg"
    with Image.open(SUNSET) as sunset:
        paper = sunset.reduce(8)
    paper.paste((255, 255, 255), (0, 180, 110, 350))  # on suns nothing is drawn
    paper.save(small, quality=95)
    pictures = []
    for query, amount, seed in (("detail=0", 0, 0), ("detail=1", 1, 0), ("detail=1&seed=2", 1, 2)):
        status, _, body = ask(server, "POST", f"/api/develop?ev=-2&format=png&{query}", small.read_bytes())
        assert status == 200
        pictures.append(rx.open(body))
        expected = rx.reconstruct(small, detail=amount, seed=seed).expose(-2)
        np.testing.assert_array_equal(pictures[-1].pixels, expected.pixels)
    assert len({picture.pixels.tobytes() for picture in pictures}) == 3
    assert pictures[2].metadata.recorded().items() >= {"Detail": "1", "Seed": "2"}.items()


def test_a_photo_is_described(server, small):
    status, _, body = ask(server, "POST", "/api/describe", small.read_bytes())
    told, light = json.loads(body), rx.reconstruct(small, detail=0)
    assert status == 200
    assert told == {
        "width_px": 267, "height_px": 178, "highlights_share": light.highlights_share,
        "shadows_share": light.shadows_share, "brightest_ev": pytest.approx(light.brightest_ev), "origin": "network",
    }  # fmt: skip
    assert set(told) == set(openapi.DESCRIPTION["properties"]) == set(openapi.DESCRIPTION["required"])


@pytest.mark.parametrize(
    ("path", "body", "headers", "status", "said"),
    [
        ("/api/develop", b"", {}, 422, "send the photo's bytes as the body"),
        ("/api/develop", b"no photo", {}, 422, "this photo: not a JPEG"),
        ("/api/develop?ev=dark", b"x", {}, 422, "ev: not a number"),
        ("/api/develop?ev=99", b"x", {}, 422, "ev: not a number from -30 to 30"),
        ("/api/develop?ev=nan", b"x", {}, 422, "ev: not a number from -30 to 30"),
        ("/api/develop?detail=2", b"x", {}, 422, "detail: not a number from 0 to 1"),
        ("/api/develop?seed=-1", b"x", {}, 422, "seed: not a number from 0 to 4.29497e+09"),
        ("/api/develop?format=png&bits=12", b"x", {}, 422, "bits: neither 8 nor 16"),
        ("/api/develop?format=bmp", b"x", {}, 422, "write one of jpeg, png"),
        ("/api/develop?brightness=2", b"x", {}, 422, "brightness: no such setting; see openapi.json"),
        ("/api/develop", b"x", {"host": "evil.example"}, 403, "only under its own name"),
        ("/api/develop", b"x", {"origin": "http://evil.example"}, 403, "only the page itself"),
        ("/api/develop", b"x", {"origin": "null"}, 403, "only the page itself"),
        ("/api/describe", b"x", {"sec_fetch_site": "cross-site"}, 403, "other sites may not"),
    ],
)
def test_what_cannot_be_is_one_line(server, path, body, headers, status, said):  # noqa: PLR0917
    found, _, answer = ask(server, "POST", path, body, **headers)
    assert found == status
    assert said in json.loads(answer)["error"]


def test_what_has_to_be_installed_first_is_said_before_the_photo_is_taken(monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    asked = Request({"type": "http", "method": "POST", "query_string": b"format=film", "headers": []})
    with pytest.raises(HTTPException, match=r"film needs av; install with: pip install 'reexposure\[film\]'") as said:
        asyncio.run(Programs(Worker(), "http://127.0.0.1:1").develop(asked))
    assert said.value.status_code == 422


@pytest.mark.parametrize(("method", "path"), [("POST", "/api/develop"), ("GET", "/api/openapi.json"), ("GET", "/")])
def test_without_the_token_nothing_is_answered(server, method, path):
    for wrong in ("", "/wrong-token"):
        status, _, body = ask(server, method, wrong + path, b"x" if method == "POST" else None, token=False)
        assert status == 401
        assert json.loads(body)["error"].startswith("the token is missing or wrong; every path begins with")


def test_limits_are_those_of_the_page(server):
    chunk = bytes(1_000_000)
    parts = (chunk for _ in range(uploads.MAX_UPLOAD_BYTES // len(chunk) + 1))
    place, token = urlsplit(server[1])[1:3]
    with closing(http.client.HTTPConnection(place, timeout=PATIENCE_S)) as connection:
        connection.request("POST", f"{token}/api/develop", parts, encode_chunked=True)
        answer = connection.getresponse()
        assert (answer.status, json.loads(answer.read())["error"]) == (413, "this file is larger than 200 MB")


def test_programs_are_answered_only_where_they_are_asked_for(small):
    with served() as started:
        assert ask(started, "POST", "/api/develop", small.read_bytes())[0] == 403
        assert ask(started, "GET", "/api/openapi.json")[0] == 404


def test_the_document_is_sound_and_true(server):
    status, headers, body = ask(server, "GET", "/api/openapi.json")
    told = json.loads(body)
    assert (status, headers["Content-Type"]) == (200, "application/json")
    pytest.importorskip("openapi_spec_validator").validate(told)
    assert told["servers"] == [{"url": server[1]}]
    asked = told["paths"]["/api/develop"]["post"]
    names = {one["name"]: one["schema"] for one in asked["parameters"]}
    assert names["format"]["enum"] == list(FORMATS)
    assert set(asked["responses"]["200"]["content"]) == {format.media_type for format in FORMATS.values()}
    for name, schema in names.items():
        if name != "format":  # the bounds that it tells are those that hold
            for beyond in (schema["minimum"] - 1, schema["maximum"] + 1):
                assert ask(server, "POST", f"/api/develop?{name}={beyond}", b"x")[0] == 422
            status, _, body = ask(server, "POST", f"/api/develop?{name}={schema['maximum']}", b"x")
            assert "not a JPEG" in json.loads(body)["error"], name


def test_nothing_is_kept(small, tmp_path):
    with served("--api", folder=tmp_path) as started:
        before = sorted(path for path in tmp_path.rglob("*"))
        for path in ("develop", "describe", "develop?format=exr"):
            assert ask(started, "POST", f"/api/{path}", small.read_bytes())[0] == 200
        assert ask(started, "POST", "/api/develop", b"no photo")[0] == 422
        wait_until(lambda: sorted(path for path in tmp_path.rglob("*")) == before, "all is removed")


def test_the_client_of_the_docs_works(server, small, monkeypatch):
    page = (ROOT / "docs" / "api.md").read_text()
    [client] = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert len([line for line in client.splitlines() if line.strip()]) == 10
    monkeypatch.chdir(small.parent)
    found = {"api": f"{server[1]}/api"}
    exec(client, found)
    assert (small.parent / "darker.jpg").read_bytes() == rx.reconstruct(small).expose(-2).encoded("JPEG")
    assert found["about"]["origin"] == "network"
    with Image.open(io.BytesIO((small.parent / "darker.jpg").read_bytes())) as picture:
        assert picture.size == (267, 178)
