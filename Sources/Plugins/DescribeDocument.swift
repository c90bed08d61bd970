package import Tasks
internal import Values

/// What a plugin declares (docs/wire.md, "The describe document"), read and judged.
package struct DescribeDocument: Sendable, Equatable {
  package var id: String
  package var version: String
  package var license: String
  package var doc: String
  package var tasks: [TaskSignature]
  /// Paths of the shared objects that loading the plugin brought in.
  package var libraries: [String]

  /// Reads a document. `source`: what messages call the plugin until its id is known.
  package init(_ text: String, source: String) throws(PluginError) {
    let json: JSON
    do throws(JSONSyntaxError) { json = try JSON.parse(text) } catch {
      throw PluginError(.declaration, source, "the describe document is not JSON: \(error)")
    }
    let reader = DocumentReader(plugin: json["id"]?.asString ?? source, task: "")
    guard json["schema"]?.asString == "assay.plugin/1" else {
      throw reader.error("the describe document has another schema than assay.plugin/1")
    }
    id = try reader.text(json, "id", required: true)
    version = try reader.text(json, "version", required: true)
    license = try reader.text(json, "license")
    doc = try reader.text(json, "doc")
    guard id.isDottedName else {
      throw reader.error("`\(id)` is no plugin id: words of a-z, 0-9 and _, joined by dots")
    }
    libraries = try reader.texts(json, "libraries")
    tasks = []
    var seen: Set<String> = []
    for item in try reader.items(json, "tasks") {
      let task = try reader.task(item)
      guard seen.insert(task.id).inserted else { throw reader.error("two tasks have the id `\(task.id)`") }
      tasks.append(task)
    }
  }
}

/// Reads the parts of a document; its errors name the place.
private struct DocumentReader {
  let plugin: String
  let task: String

  func error(_ message: String, port: String = "") -> PluginError {
    PluginError(.declaration, plugin, message, task: task, port: port)
  }

  func text(_ json: JSON, _ name: String, required: Bool = false) throws(PluginError) -> String {
    switch json[name] {
    case .string(let text) where !(required && text.isEmpty): return text
    case nil, .null: if !required { return "" }
    default: break
    }
    throw error("`\(name)` must be a \(required ? "non-empty " : "")text")
  }

  func items(_ json: JSON, _ name: String) throws(PluginError) -> [JSON] {
    switch json[name] {
    case .array(let items): return items
    case nil, .null: return []
    default: throw error("`\(name)` must be a list")
    }
  }

  func texts(_ json: JSON, _ name: String) throws(PluginError) -> [String] {
    var result: [String] = []
    for item in try items(json, name) {
      guard let text = item.asString else { throw error("`\(name)` must be a list of texts") }
      result.append(text)
    }
    return result
  }

  func number(_ json: JSON, _ name: String) throws(PluginError) -> Double {
    guard let member = json[name], member != .null else { return 0 }
    guard let number = member.asDouble, number.isFinite, number >= 0 else {
      throw error("`\(name)` must be a number that is not negative")
    }
    return number
  }

  func task(_ json: JSON) throws(PluginError) -> TaskSignature {
    let id = try text(json, "id", required: true)
    let here = DocumentReader(plugin: plugin, task: id)
    guard id.isDottedName else { throw here.error("`\(id)` is no task id: words of a-z, 0-9 and _, joined by dots") }
    let words = try here.texts(json, "flags")
    // Flags of a later revision mean nothing to this engine.
    let traits = TaskTraits.names.enumerated().reduce(into: TaskTraits()) { traits, name in
      if words.contains(name.element) { traits.insert(TaskTraits(rawValue: 1 << UInt32(name.offset))) }
    }
    let threads = try here.text(json, "threads")
    guard let threading = Threading(rawValue: threads.isEmpty ? "process" : threads) else {
      throw here.error("`\(threads)` is no thread class")
    }
    let device = try here.text(json, "device")
    let signature = TaskSignature(
      id: id, version: try here.text(json, "version", required: true), title: try here.text(json, "title"),
      doc: try here.text(json, "doc"), phase: try here.text(json, "phase"), traits: traits, threading: threading,
      inputs: try here.ports(json, "inputs"), outputs: try here.ports(json, "outputs"),
      configuration: try here.configuration(json), secrets: try here.texts(json, "secrets"),
      resources: Resources(
        cpu: try here.number(json, "cpu"),
        memoryBytes: Int64(exactly: try here.number(json, "memory_bytes").rounded(.up)) ?? .max,
        gpu: ["cuda", "gpu", "rocm"].contains { device.hasPrefix($0) } ? 1 : 0))
    try here.distinct(signature.parameters, "two parameters have")
    try here.distinct(signature.outputs, "two outputs have")
    return signature
  }

  private func distinct(_ ports: [Port], _ sentence: String) throws(PluginError) {
    var names: Set<String> = []
    for port in ports where !names.insert(port.name).inserted {
      throw error("\(sentence) the name `\(port.name)`", port: port.name)
    }
  }

  private func ports(_ json: JSON, _ name: String) throws(PluginError) -> [Port] {
    var ports: [Port] = []
    for item in try items(json, name) { ports.append(try port(item)) }
    return ports
  }

  private func port(_ json: JSON) throws(PluginError) -> Port {
    let name = try text(json, "name", required: true)
    guard name.isIdentifier else { throw error("`\(name)` is no port name", port: name) }
    let type = try type(try text(json, "type", required: true), port: name)
    var port = Port(
      name, type, doc: try text(json, "doc"), unit: try text(json, "unit"),
      isOptional: json["optional"]?.asBool ?? false)
    let standard = try text(json, "default_json")
    guard !standard.isEmpty else { return port }
    let parsed: JSON
    do throws(JSONSyntaxError) { parsed = try JSON.parse(standard) } catch {
      throw self.error("the default \(standard) is not JSON: \(error)", port: name)
    }
    // An optional input is null when it is not given: a default of null says just that.
    if parsed == .null && (port.isOptional || type.isOptional) { return port }
    do throws(JSONMismatch) { port.default = try Value(json: parsed, type: type) } catch {
      throw self.error("the default \(standard) is not of type \(type): \(error)", port: name)
    }
    return port
  }

  private func type(_ text: String, port: String) throws(PluginError) -> ValueType {
    do throws(TypeSyntaxError) { return try ValueType.parse(text) } catch {
      throw self.error("`\(text)` is no type: \(error.message) (at byte \(error.offset))", port: port)
    }
  }

  /// The fields of the configuration record, as ports.
  private func configuration(_ json: JSON) throws(PluginError) -> [Port] {
    let text = try text(json, "config")
    guard !text.isEmpty else { return [] }
    guard case .record(let fields) = try type(text, port: "config") else {
      throw error("the configuration must be a record, not \(text)", port: "config")
    }
    return fields.map { Port($0.name, $0.type, isOptional: $0.type.isOptional) }
  }
}

extension String {
  /// `word` of letters, digits and `_`, not beginning with a digit.
  fileprivate var isIdentifier: Bool {
    guard let first = utf8.first, !(0x30...0x39).contains(first) else { return false }
    return utf8.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F: true
      default: false
      }
    }
  }

  fileprivate var isDottedName: Bool {
    !isEmpty && split(separator: ".", omittingEmptySubsequences: false).allSatisfy { String($0).isIdentifier }
  }
}
