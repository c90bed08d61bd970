internal import Editing
internal import Values

extension Server {
  func notice(_ method: String, _ params: JSON) {
    switch method {
    case "initialized": watchFiles()
    case "textDocument/didOpen": open(params)
    case "textDocument/didChange": change(params)
    case "textDocument/didClose": close(params)
    case "textDocument/didSave", "workspace/didChangeWatchedFiles", "workspace/didChangeConfiguration": forgetFiles()
    case "workspace/didChangeWorkspaceFolders": changeFolders(params)
    default: break
    }
  }

  private func open(_ params: JSON) {
    guard let item = params["textDocument"], let uri = item["uri"]?.asString, let text = item["text"]?.asString else {
      return
    }
    let path =
      Address.path(of: uri) ?? ((folders.first ?? "/") + "/" + uri.split(separator: "/").joined(separator: "-"))
    documents[uri] = OpenDocument(
      uri: uri, path: path, project: project(of: path), version: item["version"]?.asInt ?? 0, text: text)
    touchUsers(of: path)
    scheduleCheck()
  }

  private func change(_ params: JSON) {
    guard let document = params["textDocument"]?["uri"]?.asString.flatMap({ documents[$0] }) else { return }
    document.version = params["textDocument"]?["version"]?.asInt ?? document.version
    for change in params["contentChanges"]?.asArray ?? [] {
      guard let text = change["text"]?.asString else { continue }
      if let range = TextRange(change["range"]) {
        document.replace(range, with: text, client.encoding)
      } else {
        document.set(text)
      }
    }
    touchUsers(of: document.path)
    scheduleCheck()
  }

  private func close(_ params: JSON) {
    guard let uri = params["textDocument"]?["uri"]?.asString, let document = documents.removeValue(forKey: uri) else {
      return
    }
    withdraw(document)
    touchUsers(of: document.path)
    scheduleCheck()
  }

  /// Open documents that use this one see its text, not the file.
  private func touchUsers(of path: String) {
    for document in documents.values where document.path != path && document.uses(path) { document.touch() }
  }

  private func changeFolders(_ params: JSON) {
    func paths(_ name: String) -> [String] {
      (params["event"]?[name]?.asArray ?? []).compactMap { $0["uri"]?.asString.flatMap(Address.path).map(Self.trimmed) }
    }
    let removed = paths("removed")
    folders.removeAll { removed.contains($0) }
    folders += paths("added")
  }
}
