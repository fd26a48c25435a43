"""What one number was learned from, for those who go on from the same examples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headstart.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headstart.heads.features import Block, Mixture
    from headstart.heads.numbers.scales import Scale
    from headstart.types import Float64Array, IntArray


@dataclass(frozen=True)
class NumberBasis:
    """The examples for which a number is known, as the fit saw them.

    Attributes
    ----------
    gram
        ``(m, m)`` inner products of the features.
    places
        ``(m,)`` numbers on the scale of the fit.
    rows, owner
        ``(m,)`` place among all examples, and group.
    scale
        What leads from places to numbers.
    """

    gram: Float64Array
    places: Float64Array
    rows: IntArray
    owner: IntArray
    scale: Scale

    def to_number(self, places: Float64Array) -> Float64Array:
        """Return the numbers at these places."""
        return self.scale.invert(places)


def mixed_gram(blocks: Mapping[str, Block], mixture: Mixture) -> Float64Array:
    """Return the ``(n, n)`` inner products of the rows of a mixture."""
    total: Float64Array | None = None
    for name, share in mixture:
        part = share * blocks[name].gram()
        total = part if total is None else total + part
    if total is None:
        raise ParameterError("A mixture needs at least one block of features.")
    return total
