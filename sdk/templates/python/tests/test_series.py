"""Tests of tasks without an engine; tests/run starts them."""

import array
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "tasks"))

from assay import Failure
from assay.testing import run
from series import peak


def column(*numbers):
    """A tensor with one column, as the engine hands it over."""
    return memoryview(array.array("d", numbers)).cast("B").cast("d", [len(numbers), 1])


class PeakTests(unittest.TestCase):
    def test_the_highest_average_is_found(self):
        self.assertEqual(run(peak, values=column(1, 2, 6, 1), width=2), {"row": 2, "value": 4.0})

    def test_too_few_values_are_refused(self):
        with self.assertRaises(Failure):
            run(peak, values=column(1), width=2)
