internal import Diagnostics
internal import Editing
internal import Foundation
internal import Values
internal import Workspace

/// A language server for `.assay` documents: the Language Server Protocol 3.17 over a pair of streams.
///
/// One thread does everything, in the order in which messages come; a second one reads, so that a request can be cancelled
/// while it waits. Documents are checked when nothing has come for a moment, or when an answer needs it.
package final class Server {
  enum Stage { case new, running, shutDown }

  let inbox: Inbox
  private let write: ([UInt8]) -> Void
  var stage = Stage.new
  var client = Client()
  var folders: [String] = []
  var documents: [String: OpenDocument] = [:]
  private var projects: [String: Project] = [:]
  /// URIs with diagnostics that were told, by the document whose check found them.
  var told: [String: Set<String>] = [:]
  private var checkAt: Date?
  /// Seconds that the last check took.
  private var lastCheck = 0.0

  /// - Parameter write: takes whole messages, header included.
  init(_ inbox: Inbox, write: @escaping ([UInt8]) -> Void) {
    self.inbox = inbox
    self.write = write
  }

  /// Serves standard input until it ends or the client says `exit`. The exit code: 0 after an orderly shutdown.
  package static func serve(
    read: @escaping @Sendable () -> [UInt8], write: @escaping ([UInt8]) -> Void
  ) -> Int32 {
    let inbox = Inbox()
    Thread.detachNewThread {
      var framing = Framing()
      reading: while true {
        let bytes = read()
        guard !bytes.isEmpty else { break }
        framing.push(bytes)
        while let output = framing.next() {
          switch output {
          case .message(let message): inbox.receive(message)
          case .broken(let reason): inbox.put(.message(.invalid(id: .null, RPCError(.parse, reason))))
          case .lost(let reason):
            inbox.put(.message(.invalid(id: .null, RPCError(.parse, reason))))
            break reading
          }
        }
      }
      inbox.end()
    }
    let server = Server(inbox, write: write)
    defer { for project in server.projects.values { project.close() } }
    return server.run()
  }

  func run() -> Int32 {
    while true {
      switch inbox.take(until: checkAt) {
      case .message(.notification("exit", _)): return stage == .shutDown ? 0 : 1
      case .message(let message): handle(message)
      case .cancelled(let id): fail(id, RPCError(.requestCancelled, "the request was cancelled"))
      case .notice(let text): if stage == .running { log(text) }
      case .ready:
        for document in documents.values { document.touch() }
        checkAt = Date()
      case .idle: checkAll()
      case .end: return stage == .shutDown ? 0 : 1
      }
    }
  }

  // MARK: Messages

  private func handle(_ message: Message) {
    switch message {
    case .response: break
    case .invalid(let id, let error): fail(id, error)
    case .notification(let method, let params): if stage == .running { notice(method, params) }
    case .request(let id, let method, let params):
      do throws(RPCError) { send(["jsonrpc": "2.0", "id": id, "result": try answer(method, params)]) } catch {
        fail(id, error)
      }
    }
  }

  private func answer(_ method: String, _ params: JSON) throws(RPCError) -> JSON {
    switch (stage, method) {
    case (.new, "initialize"):
      stage = .running
      return initialize(params)
    case (.new, _): throw RPCError(.notInitialized, "`initialize` has to come first")
    case (.running, "initialize"): throw RPCError(.invalidRequest, "the server is initialized already")
    case (.running, "shutdown"):
      stage = .shutDown
      return .null
    case (.running, _): return try request(method, params)
    case (.shutDown, _): throw RPCError(.invalidRequest, "the server was shut down; only `exit` may follow")
    }
  }

  private func fail(_ id: JSON, _ error: RPCError) {
    send(["jsonrpc": "2.0", "id": id, "error": error.json])
  }

  func notify(_ method: String, _ params: JSON) {
    send(["jsonrpc": "2.0", "method": .string(method), "params": params])
  }

  private func log(_ text: String) { notify("window/logMessage", ["type": 3, "message": .string(text)]) }

  func ask(_ method: String, _ params: JSON) {
    send(["jsonrpc": "2.0", "id": .string("assay:\(method)"), "method": .string(method), "params": params])
  }

  private func send(_ json: JSON) {
    let body = Array(json.compact.utf8)
    write(Array("Content-Length: \(body.count)\r\n\r\n".utf8) + body)
  }

  // MARK: Projects

  func project(of path: String) -> Project {
    let folder = Project.folder(of: path, in: folders)
    if let project = projects[folder] { return project }
    let inbox = inbox
    let project = Project(folder, notice: { inbox.put(.notice($0)) }) {
      inbox.put(.ready)
    }
    projects[folder] = project
    return project
  }

  /// Files may have changed: everything is looked at again.
  func forgetFiles() {
    for project in projects.values { project.forget() }
    for document in documents.values { document.touch() }
    scheduleCheck()
  }

  // MARK: Checks

  /// At once where that is quick, else after a moment without further changes: as long as a check takes, so that at most
  /// half of the time goes into checks of what is typed over.
  func scheduleCheck() {
    checkAt = Date(timeIntervalSinceNow: lastCheck < Self.quick ? Self.pause : min(0.5, lastCheck))
  }

  /// Seconds. What comes together (the keys of one paste, the edits of one rename) is checked together.
  private static let pause = 0.005
  private static let quick = 0.1

  /// The analysis of a document's current text. Throws when there is no engine to check with.
  func analysis(of document: OpenDocument) throws(RPCError) -> Analysis {
    if let analysis = document.analysis, !document.isStale { return analysis }
    let start = Date()
    var texts: [String: String] = [:]
    for other in documents.values where other !== document { texts[other.path] = other.buffer.text }
    let file = SourceFile(path: document.path, text: document.buffer.text)
    let analysis: Analysis
    do throws(WorkspaceError) { analysis = try document.project.analyse(file, open: texts) } catch {
      throw RPCError(.requestFailed, error.message)
    }
    document.accept(analysis)
    lastCheck = -start.timeIntervalSinceNow
    return analysis
  }

  private func checkAll() {
    checkAt = nil
    for document in documents.values.sorted(by: { $0.uri < $1.uri }) where document.isUntold {
      // Something new came: it goes first, and the rest is checked behind it.
      guard inbox.isEmpty else { return scheduleCheck() }
      document.isUntold = false
      // To take a large analysis apart takes time too: not before the new one is told.
      let old = document.analysis
      defer { withExtendedLifetime(old) {} }
      do throws(RPCError) { publish(try analysis(of: document), of: document) } catch {
        notify("window/showMessage", ["type": 1, "message": .string("assay: \(error.message)")])
      }
    }
  }
}

extension Inbox {
  /// A message as it comes: cancellations take effect at once.
  func receive(_ bytes: [UInt8]) {
    let message = Message(bytes)
    if case .notification("$/cancelRequest", let params) = message {
      if let id = params["id"] { cancel(id) }
    } else {
      put(.message(message))
    }
  }
}
