"""Rows of numpy columns, one for each subject of a kind."""

from typing import TypeVar

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
Bits = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]

Scalar = TypeVar("Scalar", bound=np.generic)

#: Of a sort key, the low bits that hold the place of a row among the rows asked for.
PLACE_BITS = 23
PLACE_MASK = (1 << PLACE_BITS) - 1

_FIRST_SIZE = 64


class RowBook:
    """Which row each subject has. A row that is given back goes to the next that comes."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.size = 0
        self._row_of: dict[str, int] = {}
        self._free: list[int] = []
        self._by_id: Rows | None = None

    def get(self, subject_id: str) -> int | None:
        """The subject's row."""
        return self._row_of.get(subject_id)

    def take(self, subject_id: str) -> int:
        """The subject's row, a new one if need be; `size` tells how long columns have to be."""
        row = self._row_of.get(subject_id)
        if row is None:
            self._by_id = None
            if self._free:
                row = self._free.pop()
                self.ids[row] = subject_id
            else:
                row = len(self.ids)
                self.ids.append(subject_id)
                if row >= self.size:
                    self.size = max(_FIRST_SIZE, 2 * self.size)
            self._row_of[subject_id] = row
        return row

    def give_back(self, subject_id: str) -> int | None:
        """The subject is gone; answers with the row that it had."""
        row = self._row_of.pop(subject_id, None)
        if row is not None:
            self._by_id = None
            self._free.append(row)
        return row

    @property
    def by_id(self) -> Rows:
        """All rows in use, in order of their subjects' ids."""
        if self._by_id is None:
            ordered = [self._row_of[subject_id] for subject_id in sorted(self._row_of)]
            self._by_id = np.array(ordered, np.int32)
        return self._by_id


def grown(
    column: npt.NDArray[Scalar], size: int, fill: float, *, axis: int = -1
) -> npt.NDArray[Scalar]:
    """The column with room for so many rows; `fill` stands in the new ones."""
    shape = list(column.shape)
    shape[axis] = size
    longer = np.full(shape, fill, column.dtype)
    longer[..., : column.shape[axis]] = column
    return longer
