import Foundation
import Testing
import Values

/// A Python with numpy and pyarrow, made once and kept between runs.
enum Python {
  static let executable: String = {
    let home = ProcessInfo.processInfo.environment["HOME"] ?? NSTemporaryDirectory()
    let venv = home + "/.cache/assay-tests/values-venv"
    let python = venv + "/bin/python"
    if (try? run(python, ["-c", "import numpy, pyarrow"])) != 0 {
      _ = try? run("/usr/bin/python3", ["-m", "venv", "--clear", venv])
      _ = try? run(python, ["-m", "pip", "install", "--quiet", "numpy", "pyarrow"])
    }
    return python
  }()

  @discardableResult
  static func run(_ program: String, _ arguments: [String]) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }

  /// Runs a script with a private directory as its only argument; whatever it writes there is for `body`.
  static func script(_ text: String, in directory: String) throws {
    let path = directory + "/script.py"
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    #expect(try run(executable, [path, directory]) == 0, "the Python script failed")
  }
}

func withDirectory<R>(_ body: (String) throws -> R) throws -> R {
  let path = NSTemporaryDirectory() + "/assay-values-\(UUID().uuidString)"
  try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: path) }
  return try body(path)
}

func load(_ path: String) throws -> Payload {
  let region = TestRegion([UInt8](try Data(contentsOf: URL(fileURLWithPath: path))))
  return Payload(region, offset: 0, count: region.count)
}

func save(_ chunks: [Payload], _ path: String) throws {
  try Data(chunks.flatMap(\.copied)).write(to: URL(fileURLWithPath: path))
}

@Suite struct NumpyFiles {
  @Test func headersAreAlignedAndReadBack() throws {
    var random = SeededGenerator(10)
    for element in ElementType.allCases {
      for shape in [[], [0], [3], [2, 3], [1, 0, 4], Array(repeating: 1, count: 64)] {
        let size = try #require(Tensor.byteCount(element, shape))
        let tensor = Tensor(element: element, shape: shape, data: Payload(random.bytes(size)))
        let header = NumpyFile.header(of: tensor)
        #expect(header.count % 64 == 0)
        #expect(try NumpyFile.read(Payload(header + tensor.data.copied)) == tensor)
      }
    }
  }

  @Test func numpyAgrees() throws {
    try withDirectory { directory in
      let numbers: [Double] = [1.5, -2, .infinity, 4, 5, 6]
      let bytes = numbers.withUnsafeBytes { Array($0) }
      for element in ElementType.allCases where element != .bf16 {
        let shape = [bytes.count / element.byteCount]
        let tensor = Tensor(
          element: element, shape: shape, data: Payload(element == .bool ? bytes.map { $0 & 1 } : bytes))
        try save([Payload(NumpyFile.header(of: tensor)), tensor.data], "\(directory)/\(element.rawValue).npy")
      }
      try Python.script(
        """
        import sys, glob, os, numpy as np
        d = sys.argv[1]
        names = dict(bool='bool', f16='float16', f32='float32', f64='float64', c64='complex64', c128='complex128')
        for p in glob.glob(d + '/*.npy'):
            a = np.load(p); n = os.path.basename(p)[:-4]
            want = names.get(n) or n.replace('i', 'int').replace('u', 'uint')
            assert a.dtype == np.dtype(want), (n, a.dtype)
            if n == 'f64': assert a.tolist() == [1.5, -2, float('inf'), 4, 5, 6]
            np.save(d + '/back-' + n, a.reshape(1, -1))
        np.save(d + '/fortran', np.asfortranarray(np.ones((3, 2))))
        np.save(d + '/big', np.ones(3, '>f8'))
        np.save(d + '/object', np.array([{}]), allow_pickle=True)
        np.save(d + '/fields', np.zeros(2, [('a', 'i4'), ('b', 'f8')]))
        np.save(d + '/scalar', np.float32(3))
        np.save(d + '/empty', np.zeros((0, 5), 'u2'))
        np.lib.format.write_array(open(d + '/v3.npy', 'wb'), np.arange(3.0), version=(3, 0))
        """, in: directory)
      for element in ElementType.allCases where element != .bf16 {
        let tensor = try NumpyFile.read(load("\(directory)/back-\(element.rawValue).npy"))
        #expect(tensor.element == element && tensor.shape == [1, bytes.count / element.byteCount])
        #expect(tensor.data.copied == (element == .bool ? bytes.map { $0 & 1 } : bytes))
      }
      #expect(try NumpyFile.read(load(directory + "/scalar.npy")).shape == [])
      #expect(try NumpyFile.read(load(directory + "/empty.npy")).shape == [0, 5])
      #expect(try NumpyFile.read(load(directory + "/v3.npy")).shape == [3])
      for (name, message) in [
        ("fortran", "Fortran order"), ("big", "`>f8`"), ("object", "`|O`"), ("fields", "structured"),
      ] {
        #expect {
          _ = try NumpyFile.read(load("\(directory)/\(name).npy"))
        } throws: { ($0 as? FileFormatError)?.message.contains(message) ?? false }
      }
    }
  }

  @Test func mutationsNeverTrap() {
    var random = SeededGenerator(11)
    let tensor = Tensor(element: .f32, shape: [2, 3], data: Payload(random.bytes(24)))
    let file = NumpyFile.header(of: tensor) + tensor.data.copied
    for _ in 0..<20_000 {
      var bytes = file
      for _ in 0..<1 + random.below(3) {
        bytes[random.below(80)] = Array("0123456789(),'<f: L\u{1}".utf8)[random.below(20)]
      }
      if random.below(10) == 0 { bytes.removeLast(random.below(bytes.count)) }
      if let tensor = try? NumpyFile.read(Payload(bytes)) {
        #expect(Tensor.byteCount(tensor.element, tensor.shape) == tensor.data.count)
      }
    }
  }
}

@Suite struct ArrowFiles {
  @Test func randomTablesRoundTrip() throws {
    var random = SeededGenerator(12)
    for _ in 0..<500 {
      let table = random.table()
      let file = try ArrowFile.chunks(of: table).flatMap(\.copied)
      let back = try ArrowFile.read(Payload(file))
      #expect(back.validateDeep() == nil)
      #expect(Value.table(back).contentDigest() == Value.table(table).contentDigest())
      #expect(JSON.array(back.rows).compact == JSON.array(table.rows).compact)
    }
  }

  @Test func largeBuffersAreNeitherCopiedToWriteNorToRead() throws {
    let region = TestRegion([UInt8](repeating: 5, count: 80_000))
    let column = ArrowArray(
      length: 9_000, nullCount: 0, offset: 100, buffers: [nil, Payload(region, offset: 0, count: 80_000)])
    let batch = ArrowArray(length: 9_000, nullCount: 0, buffers: [nil], children: [column])
    let field = ArrowField(format: "l", name: "a", flags: 0)
    let table = Table(schema: ArrowField(format: "+s", name: "", children: [field]), batches: [batch])
    let chunks = try ArrowFile.chunks(of: table)
    #expect(
      chunks.contains { chunk in
        if case .region(let home, 800, 72_000) = chunk.storage { home === region } else { false }
      })
    let file = TestRegion(chunks.flatMap(\.copied))
    let back = try ArrowFile.read(Payload(file, offset: 0, count: file.count))
    guard case .region(let home, let offset, 72_000)? = back.batches[0].children[0].buffers[1]?.storage else {
      Issue.record("a slice of the file was expected")
      return
    }
    #expect(home === file && offset % 64 == 0)
  }

  /// pyarrow writes all types, sliced and whole; we read them, write them, and pyarrow finds them equal.
  @Test func pyarrowAgrees() throws {
    try withDirectory { directory in
      try Python.script(
        """
        import sys, datetime as dt, decimal, pyarrow as pa, pyarrow.ipc as ipc
        d = sys.argv[1]
        n = 10
        def some(xs): return [None if i % 4 == 1 else x for i, x in enumerate(xs)]
        ints = some(range(n)); texts = some(['é%d' % i * (i % 3) for i in range(n)])
        cols = {'null': pa.nulls(n), 'bool': pa.array(some([i % 3 == 0 for i in range(n)]))}
        for t in [pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64(),
                  pa.float32(), pa.float64(), pa.date32(), pa.time32('s'), pa.time32('ms'), pa.time64('us'),
                  pa.time64('ns'), pa.timestamp('s'), pa.timestamp('ms', 'Europe/Vienna'), pa.timestamp('us', 'UTC'),
                  pa.timestamp('ns'), pa.duration('s'), pa.duration('ms'), pa.duration('us'), pa.duration('ns')]:
            cols[str(t)] = pa.array(ints).cast(pa.int32() if t.bit_width == 32 and pa.types.is_temporal(t) else pa.int64()).cast(t)
        cols['date64'] = pa.array(some([i * 86400000 for i in range(n)]), pa.date64())
        cols['half'] = cols['float'].cast(pa.float16())
        cols['utf8'] = pa.array(texts); cols['large_utf8'] = pa.array(texts, pa.large_utf8())
        blobs = some([bytes([i]) * i for i in range(n)])
        cols['binary'] = pa.array(blobs, pa.binary()); cols['large_binary'] = pa.array(blobs, pa.large_binary())
        cols['fixed'] = pa.array(some([bytes([i, i, i]) for i in range(n)]), pa.binary(3))
        lists = some([list(range(i)) for i in range(n)])
        cols['list'] = pa.array(lists, pa.list_(pa.int32())); cols['large_list'] = pa.array(lists, pa.large_list(pa.int16()))
        cols['nested'] = pa.array(some([[['a', None], []] * i for i in range(n)]), pa.list_(pa.list_(pa.string())))
        cols['fixed_list'] = pa.array(some([[i, None] for i in range(n)]), pa.list_(pa.float64(), 2))
        cols['struct'] = pa.array(some([{'x': i, 'y': str(i) if i % 2 else None} for i in range(n)]))
        cols['map'] = pa.array(some([[('k%d' % i, i)] * (i % 3) for i in range(n)]), pa.map_(pa.string(), pa.int32()))
        cols['dict'] = pa.array(texts).dictionary_encode()
        cols['dict_list'] = pa.array(some([['a', 'b'] for i in range(n)]), pa.list_(pa.dictionary(pa.int8(), pa.string())))
        cols['decimal'] = pa.array(some([decimal.Decimal('-%d.25' % i) for i in range(n)]), pa.decimal128(10, 2))
        cols['decimal256'] = cols['decimal'].cast(pa.decimal256(40, 2))
        cols['interval'] = pa.array(some([(i, i, i) for i in range(n)]), pa.month_day_nano_interval())
        t = pa.table(cols).replace_schema_metadata({'origin': 'test', 'é': ''})
        def write(name, batches, schema=t.schema, **options):
            with ipc.new_file(d + '/' + name, schema, options=ipc.IpcWriteOptions(**options)) as w:
                for b in batches: w.write_batch(b)
        b = t.combine_chunks().to_batches()[0]
        write('whole.arrow', [b]); write('two.arrow', [b.slice(0, 4), b.slice(4)]); write('none.arrow', [])
        write('empty.arrow', [b.slice(0, 0)])
        s = pa.record_batch({'a': range(100000)})
        write('compressed.arrow', [s], s.schema, compression='lz4')
        v = pa.record_batch({'a': pa.array(['x'], pa.string_view())}); write('view.arrow', [v], v.schema)
        """, in: directory)
      for name in ["whole", "two", "none", "empty"] {
        let table = try ArrowFile.read(load("\(directory)/\(name).arrow"))
        #expect(table.validateDeep() == nil, "\(name)")
        try save(try ArrowFile.chunks(of: table), "\(directory)/\(name).back")
        let again = try ArrowFile.read(load("\(directory)/\(name).back"))
        #expect(Value.table(again).contentDigest() == Value.table(table).contentDigest(), "\(name)")
        for (index, batch) in table.batches.enumerated() where batch.length > 4 {
          var sliced = table
          sliced.batches = [ArrowArray(length: 3, nullCount: 0, offset: 2, buffers: [nil], children: batch.children)]
          try save(try ArrowFile.chunks(of: sliced), "\(directory)/\(name)-\(index).slice")
        }
      }
      let rows = try ArrowFile.read(load(directory + "/whole.arrow")).rows
      #expect(rows[2]["decimal"] == "-2.25" && rows[2]["date32[day]"] == "1970-01-03" && rows[1]["int8"] == .null)
      #expect(rows[2]["dict"] == "é2é2" && rows[3]["struct"] == ["x": 3, "y": "3"] && rows[2]["list"] == [0, 1])
      try Python.script(
        """
        import sys, os, pyarrow as pa, pyarrow.ipc as ipc
        d = sys.argv[1]
        def read(p): 
            t = ipc.open_file(p).read_all(); t.validate(full=True); return t
        for name in ['whole', 'two', 'none', 'empty']:
            a = read(d + '/' + name + '.arrow'); b = read(d + '/' + name + '.back')
            assert a.schema.equals(b.schema, check_metadata=True), (a.schema, b.schema)
            for c in a.column_names: assert a[c].equals(b[c]), (name, c, a[c], b[c])
            assert [len(x) for x in a.to_batches()] == [len(x) for x in b.to_batches()]
        whole = read(d + '/whole.arrow').slice(2, 3); part = read(d + '/whole-0.slice')
        for c in whole.column_names: assert whole[c].equals(part[c]), (c, whole[c], part[c])
        """, in: directory)
      for (name, message) in [("compressed", "compressed"), ("view", "string view")] {
        #expect {
          _ = try ArrowFile.read(load("\(directory)/\(name).arrow"))
        } throws: { ($0 as? FileFormatError)?.message.contains(message) ?? false }
      }
      try fuzz(load(directory + "/two.arrow").copied)
    }
  }

  private func fuzz(_ file: [UInt8]) throws {
    var random = SeededGenerator(13)
    for _ in 0..<3000 {
      var bytes = file
      for _ in 0..<1 + random.below(4) {
        // Metadata lies at both ends; contents are in between.
        let at =
          random.below(2) == 0 ? random.below(bytes.count) : bytes.count - 1 - random.below(min(9000, bytes.count))
        bytes[at] = [0, 1, 4, 8, 127, 128, 255, UInt8(truncatingIfNeeded: random.next())][random.below(8)]
      }
      guard let table = try? ArrowFile.read(Payload(bytes)) else { continue }
      _ = Value.table(table).contentDigest()
      if table.validateDeep() == nil { _ = try ArrowFile.chunks(of: table) }
      if table.rowCount < 1000 { _ = table.rows }
    }
  }

  @Test func whatIsNoFileIsRefused() {
    for bytes in [[], Array("ARROW1".utf8), [UInt8](repeating: 0, count: 100), Array("ARROW1\0\0ÿÿÿÿÿÿÿÿARROW1".utf8)] {
      #expect(throws: FileFormatError.self) { try ArrowFile.read(Payload(bytes)) }
    }
  }
}
