"""Array types for annotations, which only type checkers and tests ever evaluate.

jaxtyping takes longer to import than a small photo takes to develop, so a plain run goes without.
"""

import sys
from typing import TYPE_CHECKING, Any

__all__ = ["Bool", "Float32", "Float64", "Int", "Shaped", "UInt8", "UInt16"]

if TYPE_CHECKING or "jaxtyping" in sys.modules:
    from jaxtyping import Bool, Float32, Float64, Int, Shaped, UInt8, UInt16
else:
    Bool = Float32 = Float64 = Int = Shaped = UInt8 = UInt16 = Any
