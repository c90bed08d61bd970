import Foundation
import PluginHarness
import Tasks
import Testing
import Values

@Suite struct FileTests {
  let bench: Bench
  init() throws { bench = try Bench() }

  private func text(_ file: JSON?) throws -> String {
    try String(contentsOfFile: try #require(file?.asString), encoding: .utf8)
  }

  @Test func textIsRead() throws {
    let file = try bench.file("a.txt", "\u{FEFF}grüß\n")
    #expect(try bench.json("std.file.read_text", ["file": file])["text"] == "grüß\n")
    let bad = try bench.json("std.shell.run", ["script": "printf 'a\\377' > x", "outputs": ["x"]])["files"]?.asArray?
      .first
    let failure = try bench.failure("std.file.read_text", ["file": try #require(bad)])
    #expect(failure.code == "file.encoding" && failure.message.contains("byte 2 (0xff)"))
    #expect(try bench.failure("std.file.read_text", ["file": "/nowhere"]).code == "io.read")
  }

  @Test(arguments: ["", ".", "..", "a/b", "/x", "a\nb", "a\u{0}b"])
  func namesStayPlain(name: String) throws {
    #expect(throws: (any Error).self) {
      try bench.json("std.file.write_text", ["text": "x", "name": .string(name)])
    }
  }

  @Test(arguments: [
    ("1\n2\n3\n", 2, false, ["1\n2\n", "3\n"]), ("1\n2", 5, false, ["1\n2"]), ("", 1, false, [""]),
    ("h\n1\n2\n", 1, true, ["h\n1\n", "h\n2\n"]), ("h\n", 1, true, ["h\n"]), ("h", 1, true, ["h"]),
  ])
  func filesAreSplitAndJoined(whole: String, lines: Int64, header: Bool, parts: [String]) throws {
    let file = try bench.file("whole", whole)
    let made = try bench.json("std.file.split", ["file": file, "lines": .int(lines), "header": .bool(header)])["parts"]
    let files = try #require(made?.asArray)
    #expect(try files.map(text) == parts)
    let joined = try bench.json("std.file.join", ["files": .array(files), "header": .bool(header)])["file"]
    #expect(try text(joined) == whole)
  }

  @Test func tooManyPartsAreRefused() throws {
    let file = try bench.file("whole", String(repeating: "\n", count: 10_001))
    #expect(try bench.failure("std.file.split", ["file": file, "lines": 1]).code == "file.parts")
  }

  private func folder(_ names: [String]) throws -> JSON {
    let file = try bench.file("x", "x")
    let files = names.map { JSON.object([.init("name", .string($0)), .init("file", file)]) }
    return try #require(try bench.json("std.file.gather", ["files": .array(files)])["dir"])
  }

  @Test(arguments: [
    ("**", ["a.csv", "b/a.csv", "b/c/.hidden", "b/c/d.csv"]), ("*", ["a.csv"]),
    ("**/*.csv", ["a.csv", "b/a.csv", "b/c/d.csv"]),
    ("b/*", ["b/a.csv"]), ("b/**", ["b/a.csv", "b/c/.hidden", "b/c/d.csv"]), ("?.csv", ["a.csv"]),
    ("**/c/*", ["b/c/d.csv"]),
    ("**/.*", ["b/c/.hidden"]), ("[ab].csv", ["a.csv"]), ("", []), ("x", []),
  ])
  func patternsFindFiles(pattern: String, found: [String]) throws {
    let folder = try folder(["a.csv", "b/a.csv", "b/c/d.csv", "b/c/.hidden"])
    for task in ["std.file.list", "std.file.find"] {
      let files = try bench.json(task, ["dir": folder, "pattern": .string(pattern)])["files"]?.asArray
      #expect(files?.compactMap { $0["path"]?.asString } == found)
    }
  }

  @Test func directoriesAreClosed() throws {
    let folder = try folder(["a"])
    for path in ["../a", "/etc/passwd", "a/../a", "", "./a"] {
      #expect(try bench.failure("std.file.take", ["dir": folder, "path": .string(path)]).code == "file.name")
    }
    #expect(try bench.failure("std.file.take", ["dir": folder, "path": "b"]).code == "file.missing")
    #expect(try bench.failure("std.file.list", ["dir": folder, "pattern": "**/**/**/**/**/x"]).code == "file.pattern")
    #expect(throws: Failure.self) { try self.folder(["a", "a"]) }
    #expect(throws: Failure.self) { try self.folder(["a", "a/b"]) }
    #expect(throws: Failure.self) { try self.folder(["../a"]) }
  }

  @Test func digestsAreCompared() throws {
    let file = try bench.file("x", "abc")
    let digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    #expect(
      try bench.json("std.file.hash", ["file": file, "expect": .string("sha256:" + digest)])["sha256"]
        == .string(digest))
    #expect(try bench.failure("std.file.hash", ["file": file, "expect": "abc"]).code == "digest.form")
    let other = String(repeating: "0", count: 64)
    #expect(try bench.failure("std.file.hash", ["file": file, "expect": .string(other)]).code == "digest.mismatch")
  }

  @Test func filesGoOutAsAWhole() throws {
    let file = try bench.file("x", "abc"), path = bench.directory + "/outside/x.txt"
    #expect(try bench.json("std.file.copy_out", ["file": file, "path": .string(path)])["path"] == .string(path))
    #expect(try text(.string(path)) == "abc")
    #expect(try bench.failure("std.file.copy_out", ["file": file, "path": .string(path)]).code == "file.exists")
    _ = try bench.json("std.file.copy_out", ["file": file, "path": .string(path), "overwrite": true])
    #expect(try FileManager.default.contentsOfDirectory(atPath: bench.directory + "/outside") == ["x.txt"])
    #expect(try text(bench.json("std.file.copy_in", ["path": .string(path)])["file"]) == "abc")
    for bad in ["/nowhere", "/dev/zero", "/", "x.txt"] {
      #expect(throws: Failure.self) { try bench.json("std.file.copy_in", ["path": .string(bad)]) }
    }
  }
}

@Suite struct ArchiveTests {
  let bench: Bench
  init() throws { bench = try Bench() }

  /// An archive made by Python.
  private func archive(_ program: String) throws -> JSON {
    let outputs = try bench.json(
      "std.shell.run",
      ["command": ["python3", "-c", .string("import io, tarfile, zipfile\n" + program)], "outputs": ["x"]])
    return try #require(outputs["files"]?.asArray?.first)
  }

  @Test(arguments: ["zip", "tar", "tar.gz", "tar.xz", "tar.zst"])
  func whatIsPackedIsUnpacked(format: String) throws {
    let made = try bench.json(
      "std.shell.run",
      [
        "script":
          "mkdir -p d/e/f d/empty; echo 1 > d/e/f/ö.txt; printf '#!/bin/sh' > d/run; chmod +x d/run; head -c 300000 /dev/urandom > d/big",
        "folder": "d",
      ])
    let dir = try #require(made["dir"])
    let packed = try #require(try bench.json("std.archive.pack", ["dir": dir, "format": .string(format)])["file"])
    let again = try #require(try bench.json("std.archive.pack", ["dir": dir, "format": .string(format)])["file"])
    #expect(packed.asString?.hasSuffix("archive." + format) == true)
    let fm = FileManager.default
    #expect(fm.contents(atPath: packed.asString ?? "") == fm.contents(atPath: again.asString ?? ""), "same bytes")
    let unpacked = try bench.json("std.archive.unpack", ["file": packed])
    #expect(unpacked["files"] == 3)
    let same = try bench.json(
      "std.shell.run",
      [
        "script": "diff -r \"$1\" \"$2\"; test -x \"$2/run\"; test ! -x \"$2/big\"",
        "command": [dir, try #require(unpacked["dir"])],
      ])
    #expect(same["stdout"] == "")
  }

  @Test(arguments: [
    ("z=zipfile.ZipFile('x','w'); z.writestr('../evil','x'); z.close()", "archive.unsafe", "outside"),
    ("z=zipfile.ZipFile('x','w'); z.writestr('/evil','x'); z.close()", "archive.unsafe", "outside"),
    ("z=zipfile.ZipFile('x','w'); z.writestr('a/../../evil','x'); z.close()", "archive.unsafe", "outside"),
    ("z=zipfile.ZipFile('x','w'); z.writestr('a\\nb','x'); z.close()", "archive.unsafe", "outside"),
    ("z=zipfile.ZipFile('x','w'); z.writestr('a','x'); z.writestr('a','y'); z.close()", "archive.unsafe", "twice"),
    (
      "z=zipfile.ZipFile('x','w'); z.writestr('a','x'); z.writestr('a/b','y'); z.close()", "archive.unsafe",
      "lies in a file"
    ),
    (
      "t=tarfile.open('x','w'); i=tarfile.TarInfo('l'); i.type=tarfile.SYMTYPE; i.linkname='/etc'; t.addfile(i); t.close()",
      "archive.unsafe", "neither"
    ),
    (
      "t=tarfile.open('x','w'); i=tarfile.TarInfo('l'); i.type=tarfile.LNKTYPE; i.linkname='/etc/passwd'; t.addfile(i); t.close()",
      "archive.unsafe", "neither"
    ),
    (
      "t=tarfile.open('x','w'); i=tarfile.TarInfo('d'); i.type=tarfile.CHRTYPE; t.addfile(i); t.close()",
      "archive.unsafe", "neither"
    ),
    (
      "z=zipfile.ZipFile('x','w',zipfile.ZIP_DEFLATED); z.writestr('bomb',b'0'*3000000); z.close()", "archive.limit",
      "max_size"
    ),
    ("z=zipfile.ZipFile('x','w')\nfor i in range(30): z.writestr(str(i),'')\nz.close()", "archive.limit", "max_files"),
    ("open('x','wb').write(b'PK\\x03\\x04' + b'\\xff'*100)", "archive.damaged", ""),
    ("open('x','wb')", "archive.damaged", ""), ("open('x','wb').write(b'no archive'*1000)", "archive.damaged", ""),
  ])
  func hostileArchivesAreRefused(program: String, code: String, words: String) throws {
    let failure = try bench.failure(
      "std.archive.unpack", ["file": try archive(program), "max_size": 1_000_000, "max_files": 20])
    #expect(failure.code == code && failure.kind == .input, "\(failure)")
    #expect(words.isEmpty || failure.message.contains(words), "\(failure.message)")
  }

  @Test func truncatedArchivesAreDamaged() throws {
    let whole =
      "b=io.BytesIO(); t=tarfile.open(fileobj=b,mode='w:gz'); i=tarfile.TarInfo('a'); i.size=99999; t.addfile(i, io.BytesIO(bytes(range(256))*400)); t.close()\n"
    let failure = try bench.failure(
      "std.archive.unpack", ["file": try archive(whole + "open('x','wb').write(b.getvalue()[:200])")])
    #expect(failure.code == "archive.damaged")
  }
}
