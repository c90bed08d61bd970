"""Annotations to types, defaults, and running tasks without an engine."""

import json
import os
import sys
import tempfile
import unittest
from typing import List, NamedTuple, Optional, Sequence, Tuple

from tests.support import engine  # noqa: F401  (finds the package)

import assay
from assay import Context, DeclarationError, Dir, File, Opaque, Outputs, Range, Table, Tensor, task, testing
from assay._annotations import Unsupported, resolve
from assay._errors import ContractError, InputError
from assay._task import byte_count


class Row(NamedTuple):
    a: int
    b: Optional[str]


class Types(unittest.TestCase):
    def test_grammar(self):
        for annotation, text in [
            (int, "int"), (float, "float"), (str, "string"), (bool, "bool"), (bytes, "bytes"),
            (List[int], "list<int>"), (Sequence[str], "list<string>"), (Tuple[float, ...], "list<float>"),
            (Optional[int], "int?"), (List[Optional[float]], "list<float?>"), (Optional[Tensor["f32"]], "tensor<f32>?"),
            (Tensor, "tensor"), (Tensor["f64"], "tensor<f64>"), (Tensor["float32", "n", 3], "tensor<f32>[n, 3]"),
            (Tensor["u8", "?", None], "tensor<u8>[?, ?]"), (Tensor[float, ("n",)], "tensor<f64>[n]"),
            (Tensor["f64", ()], "tensor<f64>[]"), (Table, "table"),
            (Table["a: i64, b: str?"], "table{a: int, b: string?}"), (Table[{"x": float}], "table{x: float}"),
            (File, "file"), (File["csv"], "file<csv>"), (File["text/html"], "file<text/html>"), (Dir, "dir"),
            (Opaque["sklearn.model"], "sklearn.model"), (Row, "{a: int, b: string?}"),
            ("List[int]", "list<int>"),
        ]:
            with self.subTest(text):
                self.assertEqual(resolve(annotation, globals()).text, text)

    def test_ranges_and_enums(self):
        typing = __import__("typing")
        self.assertEqual(resolve(typing.Literal["a", 'q"']).text, 'enum("a", "q\\"")')
        if sys.version_info >= (3, 9):
            annotated = typing.Annotated
            for annotation, text in [
                (annotated[int, range(2, 20)], "int(2..20)"), (annotated[float, Range(0, 1)], "float(0..1)"),
                (annotated[float, Range(1e-9, None)], "float(0.000000001..)"), (annotated[int, "a doc"], "int"),
                (annotated[Optional[int], Range(0, 5)], "int(0..5)?"),
            ]:
                self.assertEqual(resolve(annotation).text, text)
            for annotation in (annotated[str, Range(0, 1)], annotated[int, Range(0.5, 1)], annotated[int, Range(3, 1)]):
                with self.assertRaises(Unsupported):
                    resolve(annotation)

    def test_unsupported(self):
        for annotation in (dict, list, object, complex, "nope", List, Optional, 3, [int], typing_any(), Row.__mro__[1]):
            with self.subTest(annotation), self.assertRaises(Unsupported):
                resolve(annotation, {})
        for wrong in (lambda: Tensor["f128"], lambda: Tensor["f64", "N"], lambda: Table["a int"], lambda: Table["a: x"],
                      lambda: Table["a: int, a: int"], lambda: File["a b"], lambda: Opaque["nodots"], lambda: Dir["x"],
                      lambda: Tensor["f64", -1]):
            with self.assertRaises(TypeError):
                wrong()

    def test_sizes(self):
        for size, expected in ((5, 5), ("2GiB", 2 << 30), ("1.5 kB", 1500), ("7", 7), ("1 MB", 1000000)):
            self.assertEqual(byte_count(size), expected)
        for wrong in ("much", -1, None, True, "2 XiB"):
            with self.assertRaises(ValueError):
                byte_count(wrong)


def typing_any():
    from typing import Any

    return Any


class Declarations(unittest.TestCase):
    def test_mistakes_are_told_at_once_with_function_and_parameter(self):
        with self.assertRaises(DeclarationError) as caught:
            @task
            def broken(a, b: dict, c: int = "x") -> complex:
                pass
        text = str(caught.exception)
        for words in ("task `broken`", "parameter `a`", "parameter `b`", "parameter `c`", "output `value`"):
            self.assertIn(words, text)

    def test_a_decorated_function_stays_a_function(self):
        @task(id="test.double")
        def double(x: int) -> int:
            return 2 * x

        self.assertEqual(double(4), 8)
        self.assertEqual(double.__assay_task__.id, "test.double")

    def test_describe_is_json_of_the_wire(self):
        here = os.path.dirname(os.path.abspath(__file__))
        document = json.loads(assay._describe(os.path.join(here, "fixtures", "many.py")))
        self.assertEqual(set(document), {"schema", "id", "version", "license", "doc", "generation", "revision", "tasks",
                                         "libraries"})
        names = {"id", "version", "title", "doc", "phase", "flags", "threads", "inputs", "outputs", "secrets", "cpu",
                 "memory_bytes", "disk_bytes", "device", "typical_ms"}
        for each in document["tasks"]:
            self.assertEqual(set(each), names)

    def test_annotations_that_are_text(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "texts.py")
            with open(path, "w") as file:
                file.write("from __future__ import annotations\nfrom typing import *\nfrom assay import *\n@task\n"
                           "def f(c: Context, t: Optional[Tensor['f64', 'n']] = None) -> {'y': List[int], 'z': float}:\n"
                           "  return {}\n")
            (described,) = json.loads(assay._describe(path))["tasks"]
        self.assertEqual([p["type"] for p in described["inputs"] + described["outputs"]],
                         ["tensor<f64>[n]?", "list<int>", "float"])

    def test_sibling_modules_are_part_of_the_code(self):
        with tempfile.TemporaryDirectory() as folder:
            folder = os.path.realpath(folder)
            with open(os.path.join(folder, "helper_of_mine.py"), "w") as file:
                file.write("X = 1\n")
            path = os.path.join(folder, "json.py")  # a name that Python has already
            with open(path, "w") as file:
                file.write("import helper_of_mine\nfrom assay import task\n@task\ndef f() -> int:\n  return 1\n")
            document = json.loads(assay._describe(path))
        self.assertEqual(document["libraries"], [path, os.path.join(folder, "helper_of_mine.py")])
        self.assertEqual(document["tasks"][0]["id"], "json.f")


@task(secrets=["KEY"])
def sample(ctx: Context, x: Tensor["f64", "n"], rows: Table["a: int"], path: File, k: int = 2) -> Outputs(
        total=float, out=Table["a: int"], made=File, seed=int, key=str):
    ctx.log("hi")
    ctx.metric("m", 1)
    target = ctx.artifact("made.txt")
    target.write_text(path.read_text() * k)
    return {"total": sum(x.memoryview()), "out": {"a": [k] + rows.columns()["a"]}, "made": target, "seed": ctx.seed,
            "key": ctx.secret("KEY")}


class Testing(unittest.TestCase):
    def test_run(self):
        with tempfile.TemporaryDirectory() as folder:
            source = os.path.join(folder, "in.txt")
            with open(source, "w") as file:
                file.write("ab")
            recorder = testing.Recorder(folder, seed=7, secrets={"KEY": "k"})
            values = memoryview(bytes(24)).cast("d")
            out = testing.run(sample, recorder=recorder, x=values, rows={"a": [5]}, path=source, k=3)
            self.assertEqual((out["total"], out["out"].columns(), out["made"].read_text(), out["seed"], out["key"]),
                             (0.0, {"a": [3, 5]}, "ababab", 7, "k"))
            self.assertEqual((recorder.logs, recorder.metrics), ([(1, "hi")], [("m", 1.0, "", -1)]))

    def test_wrong_inputs(self):
        for inputs in ({"x": "text"}, {}, {"x": memoryview(bytes(8)).cast("f")}):
            with self.assertRaises(InputError):
                testing.run(sample, **inputs)

    def test_wrong_outputs(self):
        @task(id="test.wrong")
        def wrong() -> int:
            return "x"

        with self.assertRaises(ContractError):
            testing.run(wrong)
