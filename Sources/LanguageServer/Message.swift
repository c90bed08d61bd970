package import Values

/// One message of JSON-RPC 2.0, read.
package enum Message: Sendable {
  /// `id`: a number or a string, as it is sent back.
  case request(id: JSON, method: String, params: JSON)
  case notification(method: String, params: JSON)
  /// An answer to something that the server asked.
  case response
  case invalid(id: JSON, RPCError)

  package init(_ bytes: [UInt8]) {
    let json: JSON
    do throws(JSONSyntaxError) { json = try Self.parse(bytes) } catch {
      self = .invalid(id: .null, RPCError(.parse, "the message is not JSON: \(error)"))
      return
    }
    let id = json["id"]
    guard case .object = json, json["jsonrpc"]?.asString == "2.0" else {
      self = .invalid(id: id ?? .null, RPCError(.invalidRequest, "the message is not JSON-RPC 2.0"))
      return
    }
    let params = json["params"] ?? .object([])
    switch (json["method"], id) {
    case (.string(let method)?, .int?), (.string(let method)?, .string?):
      self = .request(id: id ?? .null, method: method, params: params)
    case (.string(let method)?, nil): self = .notification(method: method, params: params)
    case (nil, _?) where json["result"] != nil || json["error"] != nil: self = .response
    default: self = .invalid(id: .null, RPCError(.invalidRequest, "the message is no request and no notification"))
    }
  }

  /// Editors split characters of text as it is typed: half of a surrogate pair stands for itself there, and counts as one unit.
  private static func parse(_ bytes: [UInt8]) throws(JSONSyntaxError) -> JSON {
    do throws(JSONSyntaxError) { return try JSON.parse(bytes) } catch {
      let mended = replacingLoneSurrogates(bytes)
      guard mended != bytes else { throw error }
      return try JSON.parse(mended)
    }
  }

  /// `\uD83D` without its other half becomes `\uFFFD`.
  static func replacingLoneSurrogates(_ bytes: [UInt8]) -> [UInt8] {
    var result = bytes
    func unit(_ at: Int) -> UInt32? {
      guard at + 5 < bytes.count, bytes[at] == UInt8(ascii: "\\"), bytes[at + 1] == UInt8(ascii: "u") else {
        return nil
      }
      return UInt32(String(decoding: bytes[at + 2..<at + 6], as: UTF8.self), radix: 16)
    }
    var index = 0
    while index < bytes.count {
      guard bytes[index] == UInt8(ascii: "\\") else {
        index += 1
        continue
      }
      guard let first = unit(index) else {
        index += 2
        continue
      }
      if (0xD800..<0xDC00).contains(first), let second = unit(index + 6), (0xDC00..<0xE000).contains(second) {
        index += 12
        continue
      }
      if (0xD800..<0xE000).contains(first) { result.replaceSubrange(index + 2..<index + 6, with: Array("FFFD".utf8)) }
      index += 6
    }
    return result
  }
}

/// Why a request has no result.
package struct RPCError: Error, Sendable, Equatable {
  enum Code: Int64, Sendable {
    case parse = -32700
    case invalidRequest = -32600
    case methodNotFound = -32601
    case invalidParams = -32602
    case notInitialized = -32002
    case requestFailed = -32803
    case requestCancelled = -32800
  }
  var code: Code
  var message: String

  init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  var json: JSON { ["code": .int(code.rawValue), "message": .string(message)] }
}
