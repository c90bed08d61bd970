"""The examples of the README run as they stand."""

import os
import re
import unittest

from tests.support import engine  # noqa: F401  (finds the package)

import assay
import assay.strategies
from assay import testing

README = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "README.md")


class Readme(unittest.TestCase):
    def test_examples(self):
        with open(README, encoding="utf-8") as file:
            blocks = re.findall(r"```python\n(.*?)```", file.read(), re.S)
        self.assertEqual(len(blocks), 5)
        scopes = []
        for number, block in enumerate(blocks):
            scope = {"__name__": "readme%d" % number}
            exec(compile(block, "README.md block %d" % number, "exec"), scope)
            scopes.append(scope)
        out = testing.run(scopes[0]["norm"], x=memoryview(bytes(24)).cast("d"))
        self.assertEqual((out["mean"], out["y"].tolist()), (0.0, [0.0, 0.0, 0.0]))
        self.assertEqual(out["y"].shape, (3,))
        self.assertIn("loss", testing.run(scopes[1]["train"])["value"].read_text())
        with self.assertRaises(assay.Failure):
            testing.run(scopes[2]["fetch"], url="x")
        space = assay.strategies.Space([assay.strategies.Parameter("x", "float", 2, 3)])
        point = testing.run(scopes[4]["anywhere"], space=space, seed=1, trial=1)["point"]
        self.assertTrue(2 <= point[0] <= 3)
