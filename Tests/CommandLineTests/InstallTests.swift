import Foundation
import Testing
import Values

/// `scripts/install` with what is built already: all parts are found from the new place, and none in the checkout.
@Test func anInstallationStandsOnItsOwn() throws {
  let home = try Project()
  let prefix = home.path + "/opt"
  let installed = try shell("'\(root)/scripts/install' '\(prefix)' --from '\(products)'", in: home)
  #expect(installed.exit == 0, "\(installed.text)")
  for file in [
    "include/assay.h", "lib/pkgconfig/assay.pc", "share/man/man1/assay-run.1", "share/doc/assay/LICENSE",
    "share/bash-completion/completions/assay", "share/zsh/site-functions/_assay",
    "share/fish/vendor_completions.d/assay.fish", "share/assay/tasks/parquet.py",
    "share/assay/tasks/optuna_samplers.py",
    "share/assay/sdk/swift/Sources/CAssay/include/assay.h",
  ] {
    #expect(FileManager.default.fileExists(atPath: prefix + "/" + file), "\(file)")
  }
  #expect(!FileManager.default.fileExists(atPath: prefix + "/lib/assay/libbench-swift.so"))

  let places = try shell("'\(prefix)/bin/assay' config path --json 2>&1", in: home)
  let paths = try JSON.parse(places.text)["paths"]
  for name in ["worker", "python-bridge", "headers", "swift-kit", "python-kit", "templates"] {
    #expect(paths?[name]?.asString?.hasPrefix(prefix + "/") == true, "\(name): \(paths?[name] as Any)")
  }
  let used = try shell(
    "PATH='\(prefix)/bin':$PATH && assay init p -t c && cd p && make && tests/run && assay doctor -q", in: home)
  #expect(used.exit == 0, "\(used.text)")
  #expect(used.text.contains("passed\n"))

  // A document of somebody else, from another folder.
  let hello = try shell("'\(prefix)/bin/assay' run '\(root)/Examples/hello/hello.assay' -C elsewhere", in: home)
  #expect(hello.exit == 0 && hello.text.contains("words = 6"), "\(hello.text)")

  // A second installation replaces the first; removing it leaves no file.
  try FileManager.default.createDirectory(atPath: prefix + "/bin", withIntermediateDirectories: true)
  try home.write("opt/bin/other", "")
  #expect(try shell("'\(root)/scripts/install' opt --from '\(products)'", in: home).exit == 0)
  #expect(try shell("'\(root)/scripts/install' opt --uninstall", in: home).exit == 0)
  #expect(try shell("find opt -type f -o -type l", in: home).text == "opt/bin/other\n")
  #expect(try shell("'\(root)/scripts/install' opt --uninstall", in: home).exit == 4)
}

/// Makers of packages: all paths below DESTDIR, and none of them in what is installed.
@Test func aPackageIsStagedBelowDestdir() throws {
  let home = try Project()
  let stage = home.path + "/stage"
  let staged = try shell(
    "DESTDIR='\(stage)' '\(root)/scripts/install' /opt/assay --from '\(products)'", in: home)
  #expect(staged.exit == 0 && staged.text.contains("is in /opt/assay"), "\(staged.text)")
  #expect(!FileManager.default.fileExists(atPath: "/opt/assay"))
  let found = try shell("find . -mindepth 1 -maxdepth 1 | sort; grep -rlI '\(stage)' stage; true", in: home).text
  #expect(!found.contains("stage/"), "\(found)")
  #expect(try shell("grep ^prefix= stage/opt/assay/lib/pkgconfig/assay.pc", in: home).text == "prefix=/opt/assay\n")
  let hello = try shell("stage/opt/assay/bin/assay run '\(root)/Examples/hello/hello.assay' -C elsewhere", in: home)
  #expect(hello.exit == 0 && hello.text.contains("words = 6"), "\(hello.text)")
  #expect(try shell("DESTDIR='\(stage)' '\(root)/scripts/install' /opt/assay --uninstall", in: home).exit == 0)
  #expect(try shell("find stage -type f -o -type l", in: home).text == "")
}
