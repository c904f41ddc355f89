"""The typeface of figures and films: Inter, in the package so that both look the same everywhere."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent
REGULAR, SEMIBOLD = FOLDER / "Inter-Regular.ttf", FOLDER / "Inter-SemiBold.ttf"
MINUS = "\N{MINUS SIGN}"


def ev_text(ev: float, digits: int = 1) -> str:
    """An exposure as photographers read it: a true minus sign, a plus, no decimals that say nothing.

    >>> ev_text(0.5), ev_text(3.0), ev_text(-0.0)
    ('+0.5 EV', '+3 EV', '0 EV')
    """
    return f"{signed(ev, digits)} EV"


def signed(ev: float, digits: int = 1) -> str:
    """``ev`` with its sign and at most ``digits`` decimals; zero has neither.

    >>> signed(2.25, 2), signed(0)
    ('+2.25', '0')
    """
    rounded = round(ev, digits) + 0.0  # the sum turns -0.0 into 0.0
    text = f"{abs(rounded):.{digits}f}".rstrip("0").rstrip(".") if digits else f"{abs(rounded):.0f}"
    return text if rounded == 0 else ("+" if rounded > 0 else MINUS) + text
