"""Many photos on a Ray cluster: real ones, started here, with two nodes or with an S3 server beside them."""

import json
import os
import subprocess
import sys
import time
from collections import Counter

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("ray", reason="needs the extra `cluster`")
pytest.importorskip("moto", reason="needs moto's server")

pytestmark = [
    pytest.mark.heavy,
    pytest.mark.filterwarnings("default"),  # of Ray, boto and moto
]

PIXELS = np.random.default_rng(0).integers(80, 160, (24, 32, 3), np.uint8)  # nothing lost: the network is not needed
ALONE = {
    "RAY_AUTH_MODE": "disabled", "OMP_NUM_THREADS": "1", 
    "RAY_gcs_server_request_timeout_seconds": "300",
}  # fmt: skip


def photos(folder, count):
    for number in range(count):
        path = folder / f"{number % 3}" / f"{number}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(PIXELS).save(path)
    return folder


def begun(*arguments, env=None):
    command = [sys.executable, "-m", "reexposure", *map(str, arguments)]
    everything = os.environ | ALONE | (env or {})
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=everything)


def done(*arguments, env=None, code=0):
    process = begun(*arguments, env=env)
    out, err = process.communicate(timeout=500)
    assert process.returncode == code, err
    return out, err


def table(folder):
    from pyarrow import parquet

    return [
        row for path in sorted((folder / "reexpose-results").iterdir()) for row in parquet.read_table(path).to_pylist()
    ]


def test_a_cluster_of_this_machine_works_names_bad_photos_and_goes_on_later(tmp_path):
    folder, out = photos(tmp_path / "in", 3), tmp_path / "out"
    (folder / "bad.jpg").write_text("no picture")
    command = [folder, "--ev", "-1,-2", "-o", out, "--cluster", "local", "--threads", "1", "--json"]
    said, err = done(*command, code=1)
    lines = {os.path.basename(line["input"]): line for line in map(json.loads, said.splitlines())}
    assert {name: line["status"] for name, line in lines.items()} == {
        "0.jpg": "written", "1.jpg": "written", "2.jpg": "written", "bad.jpg": "failed",
    }  # fmt: skip
    assert lines["0.jpg"]["output"] == [str(out / "0" / "0_ev-1.jpg"), str(out / "0" / "0_ev-2.jpg")]
    assert "bad.jpg: not a JPEG" in err
    assert "3 written, 0 skipped, 1 failed" in err
    assert sorted(row["status"] for row in table(out)) == ["failed", "written", "written", "written"]
    assert {key: value for key, value in table(out)[0].items() if key != "seconds"}.keys() == lines["0.jpg"].keys() - {
        "seconds"
    }
    with Image.open(out / "0" / "0_ev-1.jpg") as picture:
        assert picture.size == (32, 24)
    (out / "1" / "1_ev-1.jpg").unlink()
    _, err = done(*command, code=1)
    assert "1 written, 2 skipped, 1 failed" in err


def test_one_of_two_nodes_dies_and_all_photos_are_written_once(tmp_path, monkeypatch):
    for name, value in ALONE.items():
        monkeypatch.setenv(name, value)
    from ray.cluster_utils import Cluster

    folder, out, count = photos(tmp_path / "in", 40), tmp_path / "out", 40
    node = {"num_cpus": 1, "object_store_memory": 100_000_000, "include_dashboard": False}
    cluster = Cluster(initialize_head=True, head_node_args=node)
    try:
        other = cluster.add_node(num_cpus=1, object_store_memory=100_000_000)
        process = begun(folder, "--ev", "-1", "-o", out, "--cluster", cluster.address, "--json")
        while len(list(out.rglob("*_ev-1.jpg"))) < 6 and process.poll() is None:
            time.sleep(0.05)
        cluster.remove_node(other, allow_graceful=False)
        early = len(list(out.rglob("*_ev-1.jpg")))
        said, err = process.communicate(timeout=500)
    finally:
        cluster.shutdown()
    assert process.returncode == 0, err
    assert early < count
    inputs = Counter(json.loads(line)["input"] for line in said.splitlines())
    assert len(inputs) == count
    assert set(inputs.values()) == {1}
    assert Counter(row["input"] for row in table(out)) == inputs
    made = [path for path in out.rglob("*") if path.is_file() and path.suffix != ".parquet"]
    assert len(made) == count  # and nothing half written beside them
    for path in made:
        with Image.open(path) as picture:
            assert picture.size == (32, 24)


def test_photos_in_s3_and_results_too(tmp_path):
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        env = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_EC2_METADATA_DISABLED": "true"}
        s3 = boto3.client(
            "s3", endpoint_url=f"http://{host}:{port}", region_name="us-east-1",
            aws_access_key_id="a", aws_secret_access_key="b",
        )  # fmt: skip
        s3.create_bucket(Bucket="photos")
        Image.fromarray(PIXELS).save(tmp_path / "x.png")
        for name in ("in/x.png", "in/trip/y.png", "in/.hidden/z.png"):
            s3.upload_file(str(tmp_path / "x.png"), "photos", name)
        asked = f"?endpoint_override={host}:{port}&scheme=http&region=us-east-1"
        command = [f"s3://photos/in{asked}", "-o", f"s3://photos/out{asked}", "--ev", "-1", "--cluster", "local"]
        said, _ = done(*command, "--threads", "1", env=env)
        assert sorted(said.split()) == ["s3://photos/out/trip/y_ev-1.png", "s3://photos/out/x_ev-1.png"]
        keys = [one["Key"] for one in s3.list_objects_v2(Bucket="photos", Prefix="out/")["Contents"]]
        assert [key for key in sorted(keys) if key.endswith(".png")] == ["out/trip/y_ev-1.png", "out/x_ev-1.png"]
        assert [key for key in keys if key.endswith(".parquet")]
        s3.download_file("photos", "out/x_ev-1.png", str(tmp_path / "made.png"))
        with Image.open(tmp_path / "made.png") as picture:
            assert picture.size == (32, 24)
        _, err = done(*command, "--threads", "1", env=env)
        assert "0 written, 2 skipped, 0 failed" in err
    finally:
        server.stop()


@pytest.mark.parametrize(
    ("arguments", "code", "reason"),
    [
        (["in", "--ev", "-1", "--cluster", "local"], 2, "say where to write with -o"),
        (["in", "--ev", "-1", "-o", "in/out", "--cluster", "local"], 2, "is in the folder of the photos"),
        (["in", "--ev", "-1", "-o", "out", "--cluster", "127.0.0.1:9"], 1, "127.0.0.1:9: cannot be reached"),
        (["in", "--ev", "-1", "-o", "out", "--cluster", "x:1", "--threads", "2"], 2, "a cluster has its own"),
        (["nope://in", "--ev", "-1", "-o", "out", "--cluster", "local"], 1, "nope://in: no place to read or write"),
        (["in/0", "s3://b/in", "--ev", "-1", "-o", "out", "--cluster", "local"], 2, "only one, a folder"),
    ],
)
def test_what_cannot_be_is_said_in_one_line_before_any_work(tmp_path, monkeypatch, arguments, code, reason):
    photos(tmp_path / "in", 1)
    monkeypatch.chdir(tmp_path)
    _, err = done(*arguments, code=code)
    assert len(err.splitlines()) == 1
    assert reason in err
    assert not (tmp_path / "out").exists()
