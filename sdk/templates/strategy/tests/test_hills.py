"""Tests of the strategy without an engine; tests/run starts them."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "tasks"))

from assay.strategies import Parameter, Space
from assay.testing import run
from hills import climb

SPACE = Space([Parameter("x", "float", 0, 1), Parameter("y", "float", 0, 1)])


def trial(number, x, y, value):
    return {"trial": number, "point": [x, y], "state": "finished", "values": [value], "violation": 0.0, "curve": [],
            "memo": ""}


class ClimbTests(unittest.TestCase):
    def test_it_stays_near_the_best(self):
        history = [trial(1, 0.2, 0.2, 5.0), trial(2, 0.6, 0.4, -1.0)]
        answer = run(climb, space=SPACE, seed=1, trial=3, history=history, reach=0.1)
        self.assertEqual(answer["reason"], "near trial 2")
        self.assertTrue(abs(answer["point"][0] - 0.6) <= 0.1 and abs(answer["point"][1] - 0.4) <= 0.1)

    def test_the_same_question_has_the_same_answer(self):
        first, again = (run(climb, space=SPACE, seed=1, trial=1, history=[]) for _ in range(2))
        self.assertEqual(first, again)
