"""Real workers over a real socket pair: the process worker with several Pythons, and the bridge where it is built."""

import json
import math
import os
import struct
import unittest

from tests.support import pythons
from tests.support.engine import Engine, Gone, bridge, fallback

from assay import _table, _wire

HERE = os.path.dirname(os.path.abspath(__file__))
MANY = os.path.join(HERE, "fixtures", "many.py")


def bad(name):
    return os.path.join(HERE, "fixtures", "bad", name + ".py")


class Route:
    """What must hold of every route; the classes made below say how to start a worker."""

    command = []
    options = []
    library = ""

    @classmethod
    def start(cls, **options):
        return Engine(cls.command, **options)

    @classmethod
    def setUpClass(cls):
        cls.engine = cls.start()
        cls.status, cls.text = cls.engine.load(MANY, cls.options, cls.library)
        cls.document = json.loads(cls.text) if cls.status == 0 else {}
        cls.index = {t["id"].split(".")[-1]: i for i, t in enumerate(cls.document.get("tasks", []))}

    @classmethod
    def tearDownClass(cls):
        cls.engine.close()

    def setUp(self):
        self.assertEqual(self.status, 0, self.text)
        self.engine.items.clear()

    def fresh(self):
        engine = self.start()
        self.addCleanup(engine.close)
        self.assertEqual(engine.load(MANY, self.options, self.library)[0], 0)
        return engine

    def call(self, name, *inputs, **options):
        return self.engine.run(self.index[name], *inputs, **options)

    def good(self, name, *inputs, **options):
        done = self.call(name, *inputs, **options)
        self.assertEqual(done.status, 0, done.error)
        return done.outputs

    def failed(self, name, status, *inputs, **options):
        done = self.call(name, *inputs, **options)
        self.assertEqual(done.status, status, done)
        self.assertEqual(done.outputs, [])
        return done.error

    # ---- values ----

    def test_noop(self):
        done = self.call("noop")
        self.assertEqual((done.status, done.outputs, done.error), (0, [], None))
        self.assertGreater(done.usage[0], 0)
        self.assertGreater(done.usage[2], 1 << 20)

    def test_scalars(self):
        given = [True, -(1 << 63), 2, "zażółć\0", b"\0\xff", [1, 2], {"x": 1, "y": 2.5}, None]
        out = self.good("scalars", *given)
        self.assertEqual(out, [True, -(1 << 63), 2.0, "zażółć\0", b"\0\xff", [1, 2], {"x": 2, "y": 2.5}, None])

    def test_special_floats(self):
        out = self.good("add", 0, math.inf, None)
        self.assertEqual(out, [math.inf])
        self.assertTrue(math.isnan(self.good("add", 0, math.nan, None)[0]))

    def test_null_takes_the_default(self):
        self.assertEqual(self.good("add", 4, None, None), [5.0])

    def test_keyword_only(self):
        self.assertEqual(self.good("add", 4, 1.0, "four"), [4.0])

    def test_named_tuple_and_positional_outputs(self):
        self.assertEqual(self.good("pair", 3), [3, "r"])
        self.assertEqual(self.good("by_position", 3), [3, 4])

    def test_large_text_and_bytes(self):
        text, data = "é" * 100000, bytes(range(256)) * 1000
        out = self.good("scalars", True, 1, 1.0, text, data, list(range(50000)), {"x": 1, "y": 1.0}, 5)
        self.assertEqual(out[3:5], [text, data])
        self.assertEqual(len(out[5]), 50000)

    def test_tensors(self):
        for count in (0, 1, 10, 100000):
            raw = struct.pack("<%dd" % count, *map(float, range(count)))
            back, about = self.good("tensor", (8, 2, 64, (count,), memoryview(raw)))
            self.assertEqual((back.dtype, back.shape, bytes(back.data())), ("f64", (count,), raw))
            self.assertEqual(about, "f64 [%d] True" % count)

    def test_tensor_shapes(self):
        for shape in ((), (2, 0, 3), (2, 3, 4)):
            size = 4
            for extent in shape:
                size *= extent
            back, _ = self.good("tensor", (8, 0, 32, shape, memoryview(bytes(size))))
            self.assertEqual((back.dtype, back.shape), ("i32", shape))

    def test_tables(self):
        columns = {"i": [1, 2, None], "s": ["x" * 70000, None, "zz"], "f": [0.5, 1.5, -1.0], "b": [True, None, False]}
        back, made, about = self.good("table", (9, _table.Table.from_columns(columns).__arrow_c_stream__()))
        self.assertEqual(back.columns(), columns)
        self.assertEqual(about, repr(columns))
        self.assertEqual(made.columns(), {"a": [1, None, 3], "b": ["x", "y", None], "c": [1.5, 2.0, 3.0],
                                          "d": [True, None, False]})

    def test_empty_table(self):
        empty = _table.Table.from_columns({"a": [], "b": []})
        self.assertEqual(self.good("table", (9, empty.__arrow_c_stream__()))[0].columns(), {"a": [], "b": []})

    def test_files(self):
        folder = os.path.join(self.engine.temp.name, "in")
        os.makedirs(folder, exist_ok=True)
        path = os.path.join(folder, "a.csv")
        with open(path, "w") as file:
            file.write("x\n")
        f, d, same = self.good("files", (10, path, 2, "text/csv"), (11, folder, 2, ""))
        self.assertEqual((f.read_text(), f.size, same), ("x\n", 2, "x\n1"))
        self.assertNotEqual(f.path, path)
        self.assertTrue(os.path.exists(path))
        with open(os.path.join(d.path, "inner.txt")) as file:
            self.assertEqual(file.read(), "hi")

    def test_buffer(self):
        a, b = self.good("buffer", 100000)
        self.assertEqual((a.memoryview()[99999], b[0].memoryview()[99999]), (7.0, 7.0))

    def test_opaque(self):
        (data,) = self.good("model", 41)
        self.assertEqual(self.good("use_model", data), [41])
        error = self.failed("use_model", -3, b"no pickle")
        self.assertEqual(error["port"], "m")

    def test_nested(self):
        value = [[{"x": 1, "y": 2.0}, None], []]
        self.assertEqual(self.good("nested", value, None), [value])

    def test_batch(self):
        attempts = self.engine.batch(self.index["add"], [(i, 0.5, None) for i in range(200)])
        out = [self.engine.done(a).outputs[0] for a in attempts]
        self.assertEqual(out, [i + 0.5 for i in range(200)])

    def test_a_failure_in_a_batch_does_not_disturb_the_others(self):
        attempts = self.engine.batch(self.index["use_model"], [(b"bad",)] * 3)
        self.assertEqual([self.engine.done(a).status for a in attempts], [-3] * 3)

    # ---- context ----

    def test_context(self):
        (text,) = self.good("context", secrets=[("TOKEN", "s3cret")], resume=b"old", attempt=2, seed=(5, 6, 7, 8))
        self.assertEqual(text.split(), ["2", "flow", "node", "run-1", "5", text.split()[5], "1700000000.0", "s3cret",
                                        "b'old'", "False"])
        kinds = [item[0] for item in self.engine.items]
        self.assertIn(("log", self.engine.attempts, 1, "hello"), self.engine.items)
        self.assertIn(("log", self.engine.attempts, 2, "careful"), self.engine.items)
        self.assertIn(("metric", self.engine.attempts, "loss", 1.5, "nat", 3), self.engine.items)
        self.assertIn(("checkpoint", self.engine.attempts, b"state"), self.engine.items)
        self.assertEqual(len(kinds), 4)
        done, total, said = struct.unpack_from("<dd80s", self.engine.page, 32)
        self.assertEqual((done, total, said.rstrip(b"\0")), (1.0, 4.0, b"quarter"))
        self.assertIn("noise on stdout\n", self.engine.text())
        self.assertIn("noise on stderr\n", self.engine.text())

    def test_randomness_repeats(self):
        first, second, other = [self.good("context", secrets=[("TOKEN", "s")], seed=(9, 9, 9, i))[0] for i in (1, 1, 2)]
        self.assertEqual(first, second)
        self.assertNotEqual(first, other)

    def test_missing_secret(self):
        self.assertEqual(self.failed("no_secret", -1)["domain"], "secret")

    # ---- errors ----

    def test_failure(self):
        error = self.failed("fails", -2)
        self.assertEqual(error, dict(retryable=1, number=504, after=2500, domain="io.timeout",
                                     message="the server does not answer", detail="", port="x"))

    def test_exception(self):
        error = self.failed("raises", -1)
        self.assertEqual((error["domain"], error["message"]), ("python.KeyError", "KeyError: 'missing'"))
        self.assertIn("many.py", error["detail"])
        self.assertNotIn("_invoke.py", error["detail"])

    def test_os_error(self):
        error = self.failed("os_error", -1)
        self.assertEqual((error["domain"], error["number"]), ("python.FileNotFoundError", 2))

    def test_memory_error(self):
        self.assertEqual(self.failed("memory_error", -5)["domain"], "python.MemoryError")
        self.assertEqual(self.failed("allocates", -5)["domain"], "python.MemoryError")

    def test_hostile_exception(self):
        self.assertEqual(self.failed("hostile_error", -1)["domain"], "python.Hostile")

    def test_sys_exit_and_recursion(self):
        self.assertEqual(self.failed("exits", -1)["message"], "SystemExit: the task called sys.exit(7)")
        self.assertEqual(self.failed("recursion", -1)["domain"], "python.RecursionError")

    def test_outputs_of_another_type(self):
        for name, port, words in [
            ("wrong_type", "y", "should be tensor<f64>[n]: got str"),
            ("wrong_element", "value", "output `value[2]`"), ("wrong_shape", "value", "got the shape [8]"),
            ("missing", "b", "did not return its output `b`"), ("too_many", "", "`b`, which is not declared"),
            ("huge_int", "value", "does not fit 64 bits"), ("surrogate", "value", "surrogates"),
            ("no_such_file", "value", "does not exist"),
        ]:
            with self.subTest(name):
                error = self.failed(name, -7)
                self.assertEqual(error["port"], port)
                self.assertIn(words, error["message"])

    def test_closed_stdout_and_noise(self):
        engine = self.fresh()
        self.assertEqual(engine.run(self.index["noise"]).outputs, [1])
        self.assertTrue(engine.text().endswith("line 19999\n"))
        self.assertEqual(engine.run(self.index["closes"]).status, 0)
        self.assertEqual(engine.run(self.index["noop"]).status, 0)

    def test_a_forked_child_never_answers(self):
        engine = self.fresh()
        self.assertEqual(engine.run(self.index["forks"]).outputs, [2])
        self.assertEqual(engine.run(self.index["noop"]).status, 0)

    def test_crashes(self):
        for name in ("leaves", "crashes"):
            with self.subTest(name):
                engine = self.fresh()
                with self.assertRaises(Gone):
                    engine.run(self.index[name])

    def test_a_kept_context_is_harmless(self):
        self.assertEqual(self.good("keeps"), [1])
        self.assertIn(self.good("uses_kept")[0], ("ok", "this context's task has ended"))

    # ---- cancelling ----

    def cancelled(self, name, words):
        attempt = self.engine.start(self.index[name])
        while self.engine.attempt_now() != attempt:
            pass
        while name == "cleans" and not self.engine.items:
            self.engine.read_report()  # it says when it is ready to be interrupted
        for word in words:
            self.engine.cancel(0, word)
        try:
            done = self.engine.done(attempt)
        finally:
            self.engine.cancel(0, 0)
        self.assertEqual((done.status, done.error["domain"]), (-4, "cancelled"))
        self.assertEqual(self.call("noop").status, 0)

    def test_asking(self):
        self.cancelled("asks", [1])

    def test_loop(self):
        self.cancelled("loops", [1, 2])

    def test_sleep(self):
        self.cancelled("sleeps", [2])

    def test_cleanup_runs(self):
        self.cancelled("cleans", [2])
        self.assertIn("cleaned", [item[3] for item in self.engine.items if item[0] == "log"])

    def test_cancelled_before_it_starts(self):
        self.engine.cancel(0, 1)
        self.assertEqual(self.call("loops").status, -4)
        self.engine.cancel(0, 0)

    # ---- loading ----

    def test_describe(self):
        self.assertEqual(self.document["schema"], "assay.plugin/1")
        self.assertEqual((self.document["id"], self.document["version"], self.document["license"]), ("many", "2.1.0", "MIT"))
        add = self.document["tasks"][self.index["add"]]
        self.assertEqual((add["id"], add["title"], add["doc"], add["flags"]),
                         ("many.add", "Adds two numbers", "With a comment.", ["pure"]))
        self.assertEqual([(p["name"], p["type"], p.get("default_json")) for p in add["inputs"]],
                         [("a", "int", None), ("b", "float", "1.0"), ("c", "string?", "null")])
        self.assertEqual([(p["name"], p["type"]) for p in add["outputs"]], [("value", "float")])

    def test_libraries(self):
        self.assertEqual(self.document["libraries"], [MANY])

    def test_both_routes_describe_alike(self):
        import assay

        mine = json.loads(assay._describe(MANY))
        self.assertEqual(mine, self.document)

    def test_files_that_cannot_be_loaded(self):
        for name, words in [("syntax", "syntax.py:2: syntax error"), ("imports", "No module named 'no_such_module_here'"),
                            ("raising", "ValueError: at import"), ("exits", "SystemExit"), ("empty", "no function with"),
                            ("nowhere", "no such file")]:
            with self.subTest(name), self.start() as engine:
                status, text = engine.load(bad(name), self.options, self.library)
                self.assertNotEqual(status, 0)
                self.assertIn(words, text)

    def test_all_wrong_annotations_are_told_at_once(self):
        with self.start() as engine:
            status, text = engine.load(bad("annotations"), self.options, self.library)
        self.assertNotEqual(status, 0)
        for words in ["`first`: parameter `a`: it needs an annotation", "parameter `b`", "parameter `c`: `Dict[str, int]`",
                      "parameter `d`: a port has one type", "parameter `E`", "parameter `rest`", "output `value`: `object`",
                      "`one` is no semantic version", "memory:", "deterministic", "the default 'x' is not int",
                      "say what is in it", "'r' is not one of p, q", "cannot be written as JSON", "output `Y`",
                      "output `z`: `complex`", "`third`: a task is a plain function"]:
            with self.subTest(words):
                self.assertIn(words, text)
        self.assertNotIn("`ok`", text)


class ProcessWorker(Route):
    """Only what is particular to the pure-Python worker."""

    def test_interruption_never_tears_a_report(self):
        for _ in range(3):
            self.cancelled("chatters", [2])

    def test_memory_limit(self):
        with self.start(memory=1 << 30) as engine:
            engine.load(MANY)
            done = engine.run(self.index["buffer"], 1 << 28)
            self.assertEqual(done.status, -5, done)

    def test_broken_peers(self):
        for packet in (b"", b"x", _wire.HEADER.pack(1, 3, 0, 0), _wire.HEADER.pack(_wire.MAGIC, 99, 0, 0),
                       _wire.HEADER.pack(_wire.MAGIC, 3, 0, 4) + b"\1\0\0\0", _wire.HEADER.pack(_wire.MAGIC, 3, 1, 4),
                       _wire.HEADER.pack(_wire.MAGIC, 4, 0, 1) + b"\0"):
            with self.subTest(packet), self.start() as engine:
                if packet:
                    engine.socket.send(packet)
                    with self.assertRaises(Gone):
                        engine.receive()
                engine.socket.close()
                self.assertEqual(engine.process.wait(20), 70 if packet else 0)

    def test_bye(self):
        with self.start() as engine:
            engine.send(_wire.BYE, b"")
            self.assertEqual(engine.process.wait(20), 0)


def _make():
    for version, (python, library) in sorted(pythons.all_of_them().items()):
        name = version.replace(".", "_")
        attributes = {"command": fallback(python)}
        globals()["Process" + name] = type("Process" + name, (ProcessWorker, unittest.TestCase), attributes)
        route = bridge(python, library)
        if route is not None:
            command, shared, options = route
            attributes = {"command": command, "options": options, "library": shared}
            globals()["Bridge" + name] = type("Bridge" + name, (Route, unittest.TestCase), attributes)


_make()
