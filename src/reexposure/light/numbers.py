"""Numbers that stand once for Python and the page, in the file that the page can import."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

NUMBERS: dict[str, Any] = json.loads((Path(__file__).parents[1] / "page/light/numbers.json").read_bytes())
"""Where ill-exposure begins and is complete, in levels of 8 bits; the size at which the network looks at a photo for
its highlights, and of whose multiples it sees pictures; how a photo is cut into tiles to clean its shadows; colours and
white; gain maps, films and what is shown. What each means is said where it is used."""
