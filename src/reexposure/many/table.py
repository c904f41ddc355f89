"""The table of what became of each photo: the fields of ``--json``, as Parquet files beside the results."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Any

from reexposure.many.places import Place
from reexposure.many.results import Result

FOLDER = "reexpose-results"
"""Where it is in the folder of results; each run adds files of its own."""

ROWS_A_FILE = 20_000
"""What is lost of the table where a run is killed, at most."""


class ResultsTable:
    """Rows that become files, whole ones, one after the other; closed at the end."""

    def __init__(self, target: Place) -> None:
        self.target = target
        self.run = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime()) + f"-{time.time_ns() % 1_000_000:06d}"
        self.rows: list[dict[str, Any]] = []
        self.count = 0

    def add(self, result: Result) -> None:
        """One more row."""
        self.rows.append(asdict(result))
        if len(self.rows) >= ROWS_A_FILE:
            self.close()

    def close(self) -> None:
        """Write what is not written yet. Raises OSError."""
        if not self.rows:
            return
        import pyarrow as pa
        from pyarrow import parquet

        schema = pa.schema([
            ("input", pa.string()), ("status", pa.string()), ("output", pa.list_(pa.string())),
            ("ev", pa.list_(pa.float64())), ("highlights", pa.float64()), ("shadows", pa.float64()),
            ("brightest_ev", pa.float64()), ("seconds", pa.float64()), ("error", pa.string()),
            ("notes", pa.list_(pa.string())),
        ])  # fmt: skip
        out = pa.BufferOutputStream()
        parquet.write_table(pa.Table.from_pylist(self.rows, schema), out)
        path = f"{self.target.root}/{FOLDER}/{self.run}-{self.count:05d}.parquet"
        self.target.write(path, out.getvalue().to_pybytes())
        self.rows, self.count = [], self.count + 1
