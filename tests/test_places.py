"""Folders anywhere, here in memory and on this machine: what is found, read, written and told."""

import pytest

pytest.importorskip("pyarrow", reason="needs the extra `cluster`")
pytest.importorskip("fsspec", reason="needs the extra `cluster`")

from reexposure.errors import PhotoError
from reexposure.many.places import LOOK_BYTES, place, within


@pytest.fixture(params=["local", "memory"])
def folder(request, tmp_path):
    """A folder on this machine, or one that only fsspec knows."""
    place.cache_clear()
    found = place(str(tmp_path / "in") if request.param == "local" else f"memory://{tmp_path.name}/in")
    for name in ("b.jpg", "a.png", "trip/c.webp", "trip/.hidden.jpg", ".cache/d.jpg", "@eaDir/e.jpg", "notes.txt"):
        found.write(f"{found.root}/{name}", name.encode())
    return found


def test_photos_are_found_by_parts_and_what_is_hidden_is_not(folder):
    units = folder.units()
    found = [[path.removeprefix(folder.root) for path in folder.photos(unit)] for unit in units]
    assert [below for _, below in units] == [False, True]
    assert found == [["/a.png", "/b.jpg"], ["/trip/c.webp"]]
    assert str(folder.folder_of(f"{folder.root}/trip/c.webp")) == "trip"


def test_what_is_written_is_read_and_has_a_time(folder):
    path = f"{folder.root}/b.jpg"
    assert folder.read(path) == b"b.jpg"
    assert folder.changed_ns(path) is not None
    assert folder.changed_ns(f"{folder.root}/none.jpg") is None
    folder.write(path, b"other")
    assert folder.read(path) == b"other"
    assert not [one for one in folder.files.get_file_info(selector(folder)) if ".part" in one.path]


def selector(folder):
    from pyarrow.fs import FileSelector

    return FileSelector(folder.root, recursive=True)


@pytest.mark.parametrize("at", [0, LOOK_BYTES - 3, 2 * LOOK_BYTES, 4 * LOOK_BYTES - 8])
def test_a_note_is_found_wherever_it_is(folder, at):
    data = bytearray(4 * LOOK_BYTES)
    data[at : at + 4] = b"note"
    folder.write(f"{folder.root}/b.jpg", bytes(data))
    assert folder.says(f"{folder.root}/b.jpg", b"note")
    assert not folder.says(f"{folder.root}/b.jpg", b"nobody")


def test_places_know_what_is_in_them(tmp_path):
    inner, outer = place(str(tmp_path / "a" / "b")), place(str(tmp_path / "a"))
    assert within(inner, outer)
    assert within(outer, outer)
    assert not within(outer, inner)
    assert not within(place("memory://a"), outer)


def test_what_is_no_place_is_said(tmp_path):
    with pytest.raises(PhotoError, match="no place to read or write"):
        place("nope://there")
    with pytest.raises(PhotoError, match="none: no such folder"):
        place(str(tmp_path / "none")).units()
