import Foundation
import PluginHarness

/// A real HTTP server with bad manners, one for all tests.
final class WebServer: Sendable {
  static let shared = Result { try WebServer() }

  let address: String

  private init() throws {
    let process = Process()
    let out = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", "-u", "-c", Self.program]
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = out
    try process.run()
    // The first line is the port.
    var line = ""
    while let byte = try out.fileHandleForReading.read(upToCount: 1), let letter = byte.first, letter != 10 {
      line.unicodeScalars.append(Unicode.Scalar(letter))
    }
    guard Int(line) != nil else { throw Unexpected("the server did not start") }
    address = "http://127.0.0.1:\(line)"
  }

  /// What `/data` and its relatives serve.
  static let data = (0..<20_000).map { "line \($0)\n" }.joined()

  private static let program = """
    import os, sys, threading, time
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
    DATA = "".join("line %d\\n" % i for i in range(20000)).encode()
    seen = {}
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        def log_message(self, *a): pass
        def answer(self, status, body=b"", **headers):
            self.send_response(status)
            for name, value in headers.items(): self.send_header(name.replace("_", "-"), value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        def broken(self, tag, honest):
            # Half of what is asked for, then the connection closes.
            start = 0
            asked = self.headers.get("Range")
            if asked and honest and (not tag or self.headers.get("If-Range") == tag):
                start = int(asked[6:].rstrip("-"))
                self.send_response(206)
                self.send_header("Content-Range", "bytes %d-%d/%d" % (start, len(DATA) - 1, len(DATA)))
            else:
                self.send_response(200)
            if tag: self.send_header("ETag", tag)
            self.send_header("Content-Length", str(len(DATA) - start))
            self.end_headers()
            rest = DATA[start:]
            last = len(rest) < 40000
            self.wfile.write(rest if last else rest[:len(rest) // 2])
            self.wfile.flush()
            if not last: self.close_connection = True
        def do_GET(self):
            path = self.path.split("?")[0]
            count = seen[self.path] = seen.get(self.path, 0) + 1
            if path == "/data": self.answer(200, DATA, Content_Type="text/plain")
            elif path == "/moved": self.answer(302, Location="/data")
            elif path == "/round": self.answer(302, Location="/round")
            elif path == "/away": self.answer(302, Location="file:///etc/passwd")
            elif path == "/busy": self.answer(503, b"later", Retry_After="7")
            elif path == "/busy-date": self.answer(503, Retry_After="Thu, 01 Jan 1970 00:00:00 GMT")
            elif path == "/busy-nonsense": self.answer(429, Retry_After="soon")
            elif path == "/missing": self.answer(404, b"no such page")
            elif path == "/tagged": self.broken('"v1"', True)
            elif path == "/untagged": self.broken("", True)
            elif path == "/forgetful": self.broken('"v1"', False)
            elif path == "/empty": self.answer(200)
            elif path == "/echo": self.answer(200, str(self.headers).encode())
            elif path == "/count": self.answer(200, b"%d" % count)
            elif path == "/silent":
                self.send_response(200); self.send_header("Content-Length", "10"); self.end_headers()
                self.wfile.write(b"abc"); self.wfile.flush(); time.sleep(3600)
            elif path == "/garbage": self.wfile.write(b"\\x00\\x01 nonsense\\r\\n\\r\\n"); self.close_connection = True
            elif path == "/endless":
                self.send_response(200); self.end_headers()
                try:
                    while True: self.wfile.write(b"x" * 65536)
                except OSError: pass
                self.close_connection = True
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    print(server.server_address[1])
    def watch(parent):  # it ends with the tests
        while os.getppid() == parent: time.sleep(0.5)
        os._exit(0)
    threading.Thread(target=watch, args=(os.getppid(),), daemon=True).start()
    server.serve_forever()
    """
}
