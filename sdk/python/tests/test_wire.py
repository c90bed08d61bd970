"""The codec: round trips, and hostile bytes that never do anything but raise ProtocolError."""

import os
import random
import struct
import unittest

from tests.support.engine import Engine  # noqa: F401  (finds the package)

from assay import _table, _wire
from assay._arrow import Array, Contents, Field
from assay._wire import ProtocolError, Reader, Writer


def written(value):
    writer = Writer()
    writer.value(value)
    return bytes(writer.body), writer


def invocation(inputs):
    writer = Writer()
    writer.u32(1)
    writer.body += struct.pack("<QIIII", 7, 0, 1, 1, 3)
    for text in ("flow", "node", "run", "/tmp"):
        writer.string(text)
    writer.body += struct.pack("<QQQQqq", 1, 2, 3, 4, 5, 6)
    writer.value(None)
    writer.u32(len(inputs))
    for value in inputs:
        writer.value(value)
    writer.u8(1)
    writer.blob(b"resume")
    writer.u32(1)
    writer.string("NAME")
    writer.string("secret")
    return writer


SAMPLES = [None, True, False, 0, -(1 << 63), 1.5, "zażółć", b"\0\xff", [1, [2.5, None], "x"], {"a": 1, "b": {"c": []}}]


class Codec(unittest.TestCase):
    def test_round_trip(self):
        for value in SAMPLES:
            body, _ = written(value)
            reader = Reader(body)
            self.assertEqual(reader.value(), value)
            reader.finish()

    def test_large_values_travel_in_sealed_descriptors(self):
        import fcntl

        data = os.urandom(100000)
        body, writer = written(data)
        self.assertLess(len(body), 100)
        self.assertEqual(fcntl.fcntl(writer.descriptors[0], 1034), 15)  # F_GET_SEALS
        self.assertEqual(Reader(body, writer.descriptors).value(), data)
        writer.close()

    def test_tables(self):
        columns = {"a": [1, None], "b": ["x", "yy"], "c": [True, None], "d": [b"", b"z"]}
        body, _ = written((9, _table.Table.from_columns(columns).__arrow_c_stream__()))
        self.assertEqual(Reader(body).value().columns(), columns)

    def test_depth(self):
        value = 1
        for _ in range(64):
            value = [value]
        body, _ = written(value)
        self.assertIsNotNone(Reader(body).value())
        with self.assertRaises(ValueError):
            written([value])
        with self.assertRaises(ProtocolError):
            Reader(b"\6\1\0\0\0" * 65 + b"\0").value()

    def test_malformed(self):
        for body in (b"", b"\1\2", b"\2\0", b"\4\0" + struct.pack("<Q", 1) + b"\xff", b"\6\xff\xff\xff\xff", b"\x0c",
                     b"\4\1" + struct.pack("<IQQ", 0, 0, 1), b"\4\2", b"\xff",
                     b"\x08\2\x40\1\0\1\0\0\0" + struct.pack("<q", 2) + b"\0" + struct.pack("<Q", 8) + bytes(8),
                     b"\x08\2\x40\1\0\1\0\0\0" + struct.pack("<q", -1) + b"\0" + struct.pack("<Q", 0),
                     b"\7\2\0\0\0" + 2 * b"\1\0\0\0a\0"):
            with self.subTest(body), self.assertRaises(ProtocolError):
                Reader(body).value()

    def test_slices_outside_their_descriptor(self):
        descriptor = _wire.sealed(bytes(100))
        for offset, size in ((0, 101), (100, 1), (1 << 63, 1), (0, 1 << 63), (50, 51)):
            with self.assertRaises(ProtocolError):
                Reader(b"\5\1" + struct.pack("<IQQ", 0, offset, size), [descriptor]).value()
        self.assertEqual(Reader(b"\5\1" + struct.pack("<IQQ", 0, 100, 0), [descriptor]).value(), b"")
        os.close(descriptor)

    def test_arrow_buffers_that_are_too_short(self):
        field = Field("+s", children=(Field("l", "a"),))
        for array in (Array(3, 0, 0, (None,), (Array(3, 0, 0, (None, memoryview(bytes(16)))),)),
                      Array(1, 0, 0, (None,), ()), Array(-1, 0, 0, (None,), (Array(0, 0, 0, (None, None)),)),
                      Array(1, 0, 0, (None,), (Array(1, 0, 1 << 62, (None, memoryview(bytes(8)))),))):
            writer = Writer()
            writer.u8(9)
            writer._field(field)
            writer.u32(1)
            writer._array(array)
            with self.assertRaises(ProtocolError):
                Reader(bytes(writer.body)).value()

    def test_random_mutations(self):
        table = _table.Table.from_columns({"a": [1, None, 3], "s": ["x", None, "zz"]})
        tensor = (8, 2, 64, (2, 2), memoryview(bytes(32)))
        files = [(10, "/etc/hosts", 3, "text/x"), (11, "/etc", 0, "")]
        base = bytes(invocation(SAMPLES + [(9, table.__arrow_c_stream__()), tensor] + files).body)
        self.assertEqual(len(Reader(base).run()), 1)
        seed = int(os.environ.get("ASSAY_FUZZ_SEED", "1"))
        generator = random.Random(seed)
        accepted = 0
        for round in range(int(os.environ.get("ASSAY_FUZZ_ROUNDS", "20000"))):
            body = bytearray(base)
            for _ in range(generator.choice((1, 1, 2, 8))):
                at = generator.randrange(len(body))
                action = generator.random()
                if action < 0.6:
                    body[at] = generator.choice((0, 1, 255, 127, 128, generator.randrange(256)))
                elif action < 0.8:
                    del body[at:at + generator.randrange(1, 9)]
                else:
                    body[at:at] = bytes(generator.randrange(256) for _ in range(generator.randrange(1, 9)))
                if not body:
                    break
            try:
                Reader(bytes(body)).run()
                accepted += 1
            except ProtocolError:
                pass
            except BaseException as error:
                self.fail("seed %d, round %d: %r" % (seed, round, error))
        self.assertGreater(accepted, 0)
