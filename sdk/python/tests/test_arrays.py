"""numpy, pandas and pyarrow in both routes: values, addresses, lifetimes."""

import struct
import unittest

from tests.support import pythons
from tests.support.engine import Engine, bridge, fallback

import os

ARRAYS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "fixtures", "arrays.py")

from assay import _table  # noqa: E402


def doubles(n, shape=None):
    raw = struct.pack("<%dd" % n, *map(float, range(n)))
    return (8, 2, 64, shape or (n,), memoryview(raw))


class Arrays:
    command = None
    options, library = (), ""

    @classmethod
    def setUpClass(cls):
        cls.engine = Engine(cls.command)
        status, text = cls.engine.load(ARRAYS, cls.options, cls.library)
        assert status == 0, text
        import json

        cls.index = {t["id"].split(".")[-1]: i for i, t in enumerate(json.loads(text)["tasks"])}

    @classmethod
    def tearDownClass(cls):
        cls.engine.close()

    def good(self, name, *inputs):
        done = self.engine.run(self.index[name], *inputs)
        self.assertEqual(done.status, 0, done.error)
        return done.outputs

    def test_inputs_are_numpy_arrays_over_the_same_memory(self):
        for n in (10, 1000000):
            self.assertEqual(self.good("address", doubles(n)), ["ndarray", True, False, n * (n - 1) / 2.0])

    def test_results(self):
        (y,) = self.good("norm", doubles(6, (2, 3)))
        self.assertEqual((y.shape, round(sum(y.memoryview().cast("B").cast("d")), 9)), ((2, 3), 0.0))

    def test_order_of_a_transposed_array(self):
        (y,) = self.good("nd", doubles(6, (2, 3)))
        self.assertEqual((y.shape, y.tolist()), ((3, 2), [[0, 3], [1, 4], [2, 5]]))

    def test_a_kept_array_stays_valid(self):
        for n in (100, 200000):
            total = self.good("keep", doubles(n))
            for _ in range(20):
                self.good("address", doubles(n))
            self.assertEqual(self.good("use"), total)

    def test_numpy_scalars(self):
        i, f, b, z, c = self.good("scalars")
        self.assertEqual((i, f, b, z.shape, z.tolist(), c.dtype, c.shape), (4, 0.5, True, (), 2.5, "c128", (1,)))

    def test_pandas(self):
        table = _table.Table.from_columns({"a": [1, 2], "s": ["x", None]})
        out, text = self.good("frame", (9, table.__arrow_c_stream__()))
        self.assertEqual(out.columns(), {"a": [1, 2], "s": ["x", None], "z": [2, 4]})
        self.assertTrue(text.startswith("int64,"))

    def test_pyarrow_shares_memory(self):
        for n in (3, 100000):
            table = _table.Table.from_columns({"a": list(range(n))})
            back, same, rows = self.good("arrow", (9, table.__arrow_c_stream__()))
            self.assertEqual((same, rows, back.columns()), (True, n, {"a": list(range(n))}))

    def test_dictionary_columns(self):
        table = _table.Table.from_columns({"s": ["a", "b", "a", None]})
        (out,) = self.good("pa_table", (9, table.__arrow_c_stream__()))
        self.assertEqual(out.columns()["d"], ["a", "b", "a", None])

    def test_shared_buffers_leave_without_a_copy(self):
        n = 1 << 17
        y, half = self.good("shared", n)
        self.assertEqual((y.memoryview()[n - 1], half.memoryview()[0]), (n - 1.0, n / 2.0))

    def test_dlpack(self):
        raw = memoryview(struct.pack("<3f", 1, 2, 3))
        same, out = self.good("dlpack", (8, 2, 32, (3,), raw))
        self.assertEqual((same, out.tolist()), (True, [1, 2, 3]))

    def test_dates_are_refused(self):
        done = self.engine.run(self.index["dates"])
        self.assertEqual((done.status, done.error["port"]), (-7, "value"), done.error)


def _make():
    python = pythons.with_numpy()
    if python is None:
        reason = "no environment with numpy, pandas and pyarrow can be made here"
        globals()["NoArrays"] = unittest.skip(reason)(type("NoArrays", (unittest.TestCase,), {"test": lambda self: None}))
        return
    globals()["ProcessArrays"] = type("ProcessArrays", (Arrays, unittest.TestCase), {"command": fallback(python)})
    route = bridge(python, pythons.probe(python)[1])
    if route is not None:
        command, shared, options = route
        globals()["BridgeArrays"] = type("BridgeArrays", (Arrays, unittest.TestCase), {
            "command": command, "options": options, "library": shared})


_make()
