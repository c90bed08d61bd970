internal import Diagnostics
internal import Environments
internal import Foundation
internal import Imports
internal import Plugins
internal import Syntax
internal import Tasks
internal import Values
internal import Workflows

/// What documents may use, from the file system and the catalog.
struct FileLibrary: Library, Sendable {
  let catalog: Catalog
  let environments: Environments
  let notice: @Sendable (String) -> Void
  /// What `artifact("…")` may name; nil: anything, on trust.
  var artifacts: NamedTypes?
  var phases: [String] = []

  func artifact(_ reference: String) -> Result<ValueType?, LoadProblem> {
    artifacts?.type(of: reference) ?? .success(nil)
  }

  func plugin(id: String) -> Result<[String: InstalledTask], LoadProblem> {
    do throws(PluginError) { return .success(names(try catalog.plugin(id: id))) } catch {
      return .failure(problem(error, candidates: error.code == .missing ? catalog.candidates : []))
    }
  }

  func plugin(atPath path: String) -> Result<[String: InstalledTask], LoadProblem> {
    let full = Layout.absolute(path)
    guard Layout.exists(full) else { return .failure(missing(path, in: full)) }
    if path.hasSuffix(".toml") { return functions(path) }
    do throws(PluginError) {
      if path.hasSuffix(".py") {
        let interpreter: Interpreter
        do throws(EnvironmentError) {
          interpreter = try environments.interpreter(forFile: full, progress: notice)
        } catch {
          let place = error.line > 0 ? "line \(error.line): " : ""
          return .failure(LoadProblem(.broken, place + error.message, notes: error.detail))
        }
        return .success(
          names(try catalog.plugin(PluginSource(kind: .python, path: full, interpreter: interpreter))))
      }
      return .success(names(try catalog.plugin(PluginSource(kind: .sharedObject, path: full))))
    } catch {
      return .failure(problem(error, candidates: []))
    }
  }

  func document(atPath path: String) -> Result<SyntaxTree, LoadProblem> {
    Self.tree(path).mapError { Layout.exists(path) ? $0 : missing(path, in: path) }
  }

  /// A document in either form.
  static func tree(_ path: String) -> Result<SyntaxTree, LoadProblem> {
    guard path.hasSuffix(".assay.json") else {
      return read(path).map { Parser.parse(SourceFile(path: path, text: $0)) }
    }
    return bytes(path).flatMap { bytes in
      Result { () throws(ImportProblem) in try DocumentJSON.tree(bytes, path: path) }
        .mapError { LoadProblem(.broken, "\(path): \($0)") }
    }
  }

  /// The text of a file.
  static func read(_ path: String) -> Result<String, LoadProblem> {
    bytes(path).flatMap { bytes in
      String(validating: bytes, as: UTF8.self).map { .success($0) }
        ?? .failure(LoadProblem(.broken, "\(path) is not UTF-8 text"))
    }
  }

  private static func bytes(_ path: String) -> Result<[UInt8], LoadProblem> {
    guard Layout.exists(path) else { return .failure(LoadProblem(.notFound, "there is no file \(path)")) }
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
      return .failure(LoadProblem(.broken, "\(path) is a folder"))
    }
    guard let data = FileManager.default.contents(atPath: path) else {
      return .failure(LoadProblem(.broken, "\(path) cannot be read"))
    }
    return .success([UInt8](data))
  }

  private func names(_ plugin: Plugin) -> [String: InstalledTask] {
    Dictionary(plugin.tasks.map { (plugin.localName(of: $0.signature), $0) }) { first, _ in first }
  }

  private func problem(_ error: PluginError, candidates: [String]) -> LoadProblem {
    let lines = error.text.split(separator: "\n").map(String.init)
    return LoadProblem(
      error.code == .missing ? .notFound : .broken, lines.first ?? error.message,
      notes: lines.dropFirst() + error.detail, candidates: candidates)
  }

  /// The files beside one that is not there are what may have been meant.
  private func missing(_ path: String, in full: String) -> LoadProblem {
    let folder = Layout.folder(of: full)
    let prefix = path.contains("/") ? Layout.folder(of: path) + "/" : ""
    let suffix = path.split(separator: ".").last.map { "." + $0 } ?? ""
    let beside = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return LoadProblem(
      .notFound, "there is no file \(path)", candidates: beside.filter { $0.hasSuffix(suffix) }.map { prefix + $0 })
  }
}

extension PluginError {
  /// The message with its task and port, without the path, which the reader of a document sees already.
  var text: String {
    let place = (task.isEmpty ? "" : "task \(task)") + (port.isEmpty ? "" : ", port \(port)")
    let plain = message.hasPrefix(plugin + ": ") ? String(message.dropFirst(plugin.utf8.count + 2)) : message
    return (place.isEmpty ? "" : place + ": ") + plain
  }
}
