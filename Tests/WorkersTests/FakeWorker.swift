import Glibc
import Processes
import Synchronization
import Tasks
import Testing
import Values
import Workers

/// A worker written for tests: it speaks the protocol, and breaks it where a node's name tells it to.
let fakeWorker = #"""
  import array, ctypes, mmap, os, signal, socket, struct, subprocess, sys, time

  sock = socket.socket(fileno=3)
  page = None
  ctypes.CDLL(None).prctl(1, 9)

  class Reader:
      def __init__(self, data, fds): self.d, self.at, self.fds = data, 0, fds
      def take(self, form):
          value = struct.unpack_from('<' + form, self.d, self.at); self.at += struct.calcsize('<' + form)
          return value[0] if len(value) == 1 else value
      def raw(self, n): value = self.d[self.at:self.at + n]; self.at += n; return value
      def text(self): return self.raw(self.take('I')).decode()
      def blob(self):
          if self.take('B') == 0: return self.raw(self.take('Q'))
          n, offset, count = self.take('IQQ')
          return Slice(self.fds[n], offset, count)
      def value(self):
          kind = self.take('B')
          if kind == 0: return None
          if kind == 1: return bool(self.take('B'))
          if kind == 2: return self.take('q')
          if kind == 3: return self.take('d')
          if kind == 4: return bytes(self.blob()).decode()
          if kind == 5: return self.blob()
          if kind == 6: return [self.value() for _ in range(self.take('I'))]
          if kind in (10, 11): return self.text(), self.take('Q'), self.text(), self.text()
          raise Exception('kind %d' % kind)

  class Slice:
      def __init__(self, fd, offset, count): self.fd, self.offset, self.count = fd, offset, count
      def __bytes__(self): return os.pread(self.fd, self.count, self.offset)

  def text(s): b = s.encode(); return struct.pack('<I', len(b)) + b
  def integer(n): return b'\x02' + struct.pack('<q', n)
  def inline(b): return b'\0' + struct.pack('<Q', len(b)) + b
  def send(kind, body, fds=()):
      packet = struct.pack('<IHHI', 0x31595341, kind, 0, len(body)) + body
      if len(packet) > 65536:
          fd = os.memfd_create('body'); os.write(fd, body)
          packet = struct.pack('<IHHI', 0x31595341, kind, 1, len(body)); fds = (fd,) + tuple(fds)
      sock.sendmsg([packet], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', fds))] if fds else [])
  def report(*items, fds=()): send(103, struct.pack('<I', len(items)) + b''.join(items), fds)
  def done(i, status=0, outputs=(), error=b'\0'):
      return struct.pack('<BQiQQQI', 4, i, status, 1000, 500, 4096, len(outputs)) + b''.join(outputs) + error
  def log(i, level, s): return struct.pack('<BQiq', 1, i, level, 7) + text(s)
  def error(retry, number, after, domain, message, detail='', port=''):
      return b'\1' + struct.pack('<iiq', retry, number, after) + text(domain) + text(message) + text(detail) + text(port)
  def word(slot): return struct.unpack_from('<i', page, 1024 + 4 * slot)[0]
  def nap(): time.sleep(0.002)

  def run(call):
      i, node, slot, values, tmp = call['id'], call['node'], call['slot'], call['inputs'], call['tmp']
      name, _, arg = node.partition(' ')
      if name == 'add': return done(i, 0, [integer(values[0] + 1)])
      if name == 'sleepy': time.sleep(float(arg)); return done(i, 0, [integer(1)])
      if name == 'segv': print('about to fall', flush=True); os.kill(os.getpid(), signal.SIGSEGV); time.sleep(9)
      if name == 'exit': os._exit(int(arg))
      if name == 'forever':
          while True: nap()
      if name == 'stubborn':
          signal.signal(signal.SIGTERM, signal.SIG_IGN)
          while True: nap()
      if name == 'polite':
          while word(slot) < int(arg): nap()
          return done(i, -4)
      if name == 'lazy':
          while word(slot) < 1: nap()
          return done(i, 0, [integer(5)])
      if name == 'status': return done(i, int(arg))
      if name == 'fail': return done(i, -2, [], error(1, 503, 1500, 'io.busy', 'the service is busy', 'trace', 'x'))
      if name == 'none': return done(i, 0, [b'\xff'])
      if name == 'many': return done(i, 0, [integer(1), integer(2)])
      if name == 'float': return done(i, 0, [b'\x03' + struct.pack('<d', 0.5)])
      if name == 'text': return done(i, 0, [b'\x04' + inline(arg.encode())])
      if name == 'file':
          path = arg.replace('TMP', tmp)
          if arg.endswith('made'): open(path, 'w').write('hello')
          if arg.endswith('link'): os.symlink('/etc/passwd', path)
          return done(i, 0, [b'\x0a' + text(path) + struct.pack('<Q', 1) + text('') + text('')])
      if name == 'noise':
          sys.stdout.write('x' * 99 + '\n'); sys.stdout.flush()
          for _ in range(int(arg) // 1000): os.write(1, (b'y' * 99 + b'\n') * 10)
          os.write(2, b'last words')
          return done(i, 0, [integer(0)])
      if name == 'logs':
          report(log(i, 2, 'careful'), struct.pack('<BQ', 2, i) + text('auc') + struct.pack('<d', 0.9) + text('') +
                 struct.pack('<qq', 3, 7), struct.pack('<BQ', 3, i) + inline(b'saved'))
          struct.pack_into('<Q', page, 24, 1); struct.pack_into('<dd', page, 32, 3, 10)
          page[48:54] = b'epoch\0'; struct.pack_into('<Q', page, 24, 2)
          while word(slot) == 0: nap()
          return done(i, 0, [integer(0)])
      if name == 'garbage': sock.send(os.urandom(64)); time.sleep(9)
      if name == 'trailing': send(103, struct.pack('<I', 0) + b'zzz'); time.sleep(9)
      if name == 'foreign': report(done(999)); time.sleep(9)
      if name == 'count': send(103, struct.pack('<I', 0xffffffff)); time.sleep(9)
      if name == 'close': sock.close(); time.sleep(9)
      if name == 'big': # sealed, or not
          fd = os.memfd_create('v', os.MFD_ALLOW_SEALING); os.write(fd, b'q' * 200000)
          if arg == 'sealed':
              import fcntl; fcntl.fcntl(fd, 1033, 15)
          report(done(i, 0, [b'\x05\1' + struct.pack('<IQQ', 0, 0, 200000)]), fds=(fd,)); return None
      if name == 'beyond':
          fd = os.memfd_create('v'); os.write(fd, b'q' * 1000)
          report(done(i, 0, [b'\x05\1' + struct.pack('<IQQ', 0, 900, 200000)]), fds=(fd,)); return None
      if name == 'echo':
          v = values[0]
          if isinstance(v, Slice):
              report(done(i, 0, [b'\x05\1' + struct.pack('<IQQ', 0, v.offset, v.count)]), fds=(v.fd,)); return None
          return done(i, 0, [b'\x05' + inline(v)])
      if name == 'size':
          v = values[0]; return done(i, 0, [integer(v.count if isinstance(v, Slice) else -len(v))])
      if name == 'pid': return done(i, 0, [integer(os.getpid())])
      if name == 'folder':
          os.mkdir(tmp + '/out-0-0'); open(tmp + '/out-0-0/file', 'x').close()
          return done(i, 0, [integer(7)])
      if name == 'child':
          open(arg, 'w').write(str(subprocess.Popen(['sleep', '1000']).pid))
          os.kill(os.getpid(), signal.SIGKILL)
      raise Exception(node)

  def invocation(r):
      c = {}
      c['id'], _, _, c['attempt'], c['slot'] = r.take('QIIII')
      _, c['node'], _, c['tmp'] = r.text(), r.text(), r.text(), r.text()
      r.take('QQQQ'); r.take('qq')
      r.value(); c['inputs'] = [r.value() for _ in range(r.take('I'))]
      if r.take('B'): r.blob()
      for _ in range(r.take('I')): r.text(), r.text()
      return c

  while True:
      data, ancillary, _, _ = sock.recvmsg(65536, socket.CMSG_SPACE(4 * 253))
      if not data: sys.exit(0)
      fds = [fd for _, _, raw in ancillary for fd in array.array('i', raw[:len(raw) - len(raw) % 4])]
      magic, kind, flags, count = struct.unpack_from('<IHHI', data)
      body = data[12:]
      if flags: body = os.pread(fds[0], count, 0); fds = fds[1:]
      r = Reader(body, fds)
      if kind == 1:
          page = mmap.mmap(fds[0], 4096); send(101, struct.pack('<II', 1, os.getpid()) + text('fake'))
      elif kind == 2:
          r.text(); source = r.text()
          if 'refuse' in source: send(102, struct.pack('<i', -7) + text('wrong generation'))
          elif 'die' in source: print('bad luck', flush=True); os.kill(os.getpid(), signal.SIGABRT)
          elif 'hang' in source: print('loading', flush=True); time.sleep(1000)
          else: send(102, struct.pack('<i', 0) + text('{"about": "%s"}' % source))
      elif kind == 3:
          gathered = []
          for _ in range(r.take('I')):
              c = invocation(r)
              if c['node'] == 'flush': report(*gathered); gathered = []; c['node'] = 'add'
              struct.pack_into('<Q', page, 8, c['id'])
              item = run(c)
              struct.pack_into('<Q', page, 8, 0)
              if item: gathered.append(item)
              elif gathered: raise Exception('order')
          if gathered: report(*gathered)
      elif kind == 4: sys.exit(0)
      for fd in fds: os.close(fd)
  """#

/// A pool of fake workers, and calls for it.
final class FakeHouse: Sendable {
  let path: String
  let pool: WorkerPool

  init(maximumProcesses: Int = 8, loadLimit: Duration = .seconds(60)) throws {
    path = "/tmp/assay-workers-\(getpid())-\(UInt64.random(in: 0 ... .max))"
    try Files.makeDirectory(path + "/sdk/assay")
    try Files.makeDirectory(path + "/tmp")
    try Files.writeAtomically(path + "/sdk/assay/worker.py", Array(fakeWorker.utf8))
    pool = WorkerPool(
      WorkerConfiguration(
        worker: "/nonexistent", sdk: path + "/sdk", maximumProcesses: maximumProcesses, loadLimit: loadLimit))
  }

  deinit {
    pool.shutDown()
    try? Files.remove(path)
  }

  static let ids = Atomic<UInt64>(1)

  func call(
    _ node: String, _ inputs: [Value] = [], output: ValueType = .int(nil), optional: Bool = false,
    traits: TaskTraits = [.pure], isolation: Isolation = .worker, timeout: Duration? = nil,
    grace: Duration = .seconds(5), memoryLimit: Int64 = 0, source: String = "plugin.py"
  ) -> Invocation {
    let ports = inputs.indices.map { Port("in\($0)", .any) }
    let signature = TaskSignature(
      id: "fake.task", version: "1", traits: traits, inputs: ports,
      outputs: [Port("result", output, isOptional: optional)])
    let interpreter = Interpreter(
      executable: "/usr/bin/python3", library: nil, version: "3", lock: Hasher256.digest([]))
    return Invocation(
      id: Self.ids.add(1, ordering: .relaxed).newValue,
      task: InstalledTask(
        signature: signature, source: PluginSource(kind: .python, path: path + "/" + source, interpreter: interpreter),
        index: 0, code: Hasher256.digest([])),
      isolation: isolation, node: node, inputs: inputs, timeout: timeout, grace: grace,
      temporaryDirectory: path + "/tmp", memoryLimit: memoryLimit)
  }

  func run(_ calls: [Invocation], _ observer: Notes = Notes()) -> [Outcome] { pool.run(calls, observer: observer) }
  func one(_ call: Invocation, _ observer: Notes = Notes()) -> Outcome { run([call], observer)[0] }
}

/// Remembers what it is told, and can act on it.
final class Notes: AttemptObserver {
  struct Content {
    var log: [(UInt64, LogLevel, String)] = []
    var metrics: [String] = []
    var progress: [String] = []
    var checkpoints: [[UInt8]] = []
    var started: [UInt64] = []
  }

  let content = Mutex(Content())
  let onStart: @Sendable (UInt64) -> Void
  let onProgress: @Sendable (UInt64) -> Void
  let onLog: @Sendable (UInt64) -> Void

  init(
    onStart: @escaping @Sendable (UInt64) -> Void = { _ in },
    onProgress: @escaping @Sendable (UInt64) -> Void = { _ in },
    onLog: @escaping @Sendable (UInt64) -> Void = { _ in }
  ) {
    self.onStart = onStart
    self.onProgress = onProgress
    self.onLog = onLog
  }

  func log(_ attempt: UInt64, _ level: LogLevel, _ text: String, unixNanoseconds: Int64) {
    content.withLock { $0.log.append((attempt, level, text)) }
    onLog(attempt)
  }
  func metric(_ attempt: UInt64, _ name: String, _ value: Double, unit: String, step: Int64, unixNanoseconds: Int64) {
    content.withLock { $0.metrics.append("\(name)=\(value)@\(step)") }
  }
  func progress(_ attempt: UInt64, done: Double, total: Double, _ what: String) {
    content.withLock { $0.progress.append("\(done)/\(total) \(what)") }
    onProgress(attempt)
  }
  func checkpoint(_ attempt: UInt64, _ bytes: [UInt8]) { content.withLock { $0.checkpoints.append(bytes) } }
  func started(_ attempt: UInt64) {
    content.withLock { $0.started.append(attempt) }
    onStart(attempt)
  }

  var lines: [String] { content.withLock { $0.log.map(\.2) } }
}

extension Outcome {
  var value: Value? { if case .success(let outputs) = result { outputs.first ?? nil } else { nil } }
  var failure: Failure? { if case .failure(let failure) = result { failure } else { nil } }
}
