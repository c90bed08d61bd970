import Glibc
import Plugins
import Processes
import Synchronization
import Tasks
import Testing
import Values
import Workers

/// A plugin with a task for each way to behave.
let cPlugin = #"""
  #include <assay.h>
  #include <errno.h>
  #include <pthread.h>
  #include <signal.h>
  #include <stdio.h>
  #include <stdlib.h>
  #include <string.h>
  #include <sys/mman.h>
  #include <unistd.h>

  #define PORT(c, n, t) static const assay_port c = {.struct_size = sizeof(assay_port), .name = n, .type = t}
  PORT(x_int, "x", "int"); PORT(x_bytes, "x", "bytes"); PORT(y_int, "y", "int"); PORT(y_bytes, "y", "bytes");
  PORT(y_file, "y", "file"); PORT(y_float, "y", "float"); PORT(y_string, "y", "string");

  static assay_value number(int64_t n) { assay_value v = {.kind = ASSAY_I64, .i64 = n}; return v; }
  static assay_status give(const assay_run *r, int64_t n) { assay_value v = number(n); return r->host->output(r, 0, &v); }
  static int64_t in(const assay_run *r) { return r->inputs[0].i64; }

  #define TASK(name) static assay_status name(void *self, const assay_run *r)
  TASK(add) { (void)self; return give(r, in(r) + 1); }
  TASK(segv) { (void)self; (void)r; puts("about to fall"); raise(SIGSEGV); return 0; }
  TASK(aborts) { (void)self; (void)r; abort(); }
  TASK(exits) { (void)self; exit((int)in(r)); }
  TASK(hang) { (void)self; (void)r; signal(SIGTERM, SIG_IGN); for (;;) pause(); }
  static volatile int deep(volatile int n) { volatile char pad[4096]; pad[0] = (char)n; return n ? deep(n + 1) + pad[0] : 0; }
  TASK(overflow) { (void)self; return give(r, deep(1)); }
  TASK(eat) { (void)self; for (int64_t i = 0; i < in(r); i++) { char *p = malloc(1 << 20); if (!p) abort(); memset(p, 1, 1 << 20); }
    return give(r, 0); }
  TASK(starve) { (void)self; void *p = malloc((size_t)in(r) << 20); if (p) { free(p); return give(r, 0); }
    assay_error e = {.struct_size = sizeof e, .status = ASSAY_E_RESOURCE, .retryable = -1, .retry_after_ms = -1,
      .domain_code = ENOMEM, .domain = "errno", .message = "out of memory"};
    return r->host->fail(r, &e); }
  TASK(noise) { (void)self; for (int i = 0; i < 60000; i++) puts("a line of noise that nobody wants to read, again and again");
    fputs("no line break", stdout); return give(r, 1); }
  TASK(silent) { (void)self; (void)r; return 0; }
  TASK(twice) { (void)self; give(r, 1); assay_status s = give(r, 2); return s; }
  TASK(wrong) { (void)self; assay_value v = {.kind = ASSAY_F64, .f64 = 1.5}; return r->host->output(r, 0, &v); }
  TASK(widen) { (void)self; return give(r, 3); }
  TASK(nowhere) { (void)self; assay_value v = number(1); return r->host->output(r, 7, &v); }
  TASK(odd) { (void)self; (void)r; return 12345; }
  TASK(badtext) { (void)self; assay_value v = {.kind = ASSAY_STRING, .data = "\xff\xfe", .count = 2}; return r->host->output(r, 0, &v); }
  TASK(polite) { (void)self; while (!assay_cancelled(r)) usleep(500); return ASSAY_E_CANCELLED; }
  static int pipes[2];
  static assay_status make_pipe(const assay_host *h, const assay_task *t, const assay_value *c, void **self) {
    (void)h; (void)t; (void)c; *self = pipes; return pipe(pipes) ? ASSAY_E_RESOURCE : 0; }
  TASK(blocks) { (void)self; (void)r; char c; return read(pipes[0], &c, 1) == 1 ? ASSAY_E_CANCELLED : ASSAY_E_FAILED; }
  static void unblock(void *self, const assay_run *r) { (void)self; (void)r; if (write(pipes[1], "x", 1) != 1) abort(); }
  TASK(big) { (void)self; assay_value v; assay_status s = r->host->buffer(r, (uint64_t)in(r), 64, &v);
    if (s) return s; memset((void *)v.data, 'q', (size_t)in(r)); return r->host->output(r, 0, &v); }
  TASK(echo) { (void)self; assay_value v; assay_status s = r->host->retain(r, &r->inputs[0], &v);
    return s ? s : r->host->output(r, 0, &v); }
  TASK(sum) { (void)self; const unsigned char *p = r->inputs[0].data; int64_t n = 0;
    for (uint64_t i = 0; i < r->inputs[0].count; i++) n += p[i]; return give(r, n); }
  TASK(makes) { (void)self; assay_artifact *a; assay_status s = r->host->artifact(r, 0, "out.txt", &a); if (s) return s;
    FILE *f = fopen(a->path, "w"); if (!f) return ASSAY_E_RESOURCE; fputs("hello", f); fclose(f); return r->host->commit(r, a); }
  TASK(steals) { (void)self; assay_artifact a = {.struct_size = sizeof a, .path = "/etc/passwd", .fd = -1};
    assay_value v = {.kind = ASSAY_FILE, .data = &a}; return r->host->output(r, 0, &v); }
  TASK(talks) { (void)self; const assay_host *h = r->host; h->run_log(r, 1, "hello", 5); h->metric(r, "auc", 0.5, "", 2);
    h->progress(r, 1, 4, "quarter"); h->checkpoint(r, "saved", 5); while (!assay_cancelled(r)) usleep(500); return give(r, 1); }
  static void *fall(void *p) { (void)p; abort(); }
  TASK(thread) { (void)self; (void)r; pthread_t t; pthread_create(&t, 0, fall, 0); for (;;) pause(); }
  TASK(closes) { (void)self; (void)r; for (int i = 3; i < 64; i++) close(i); for (;;) pause(); }
  TASK(pid) { (void)self; return give(r, getpid()); }
  TASK(secret) { (void)self; assay_value v; assay_status s = r->host->secret(r, "token", &v); return s ? s : r->host->output(r, 0, &v); }
  TASK(resume) { (void)self; return give(r, r->resume ? (int64_t)r->resume_size : -1); }

  #define PORTS(n, p) static const assay_port *const n[] = {&p}
  PORTS(in_int, x_int); PORTS(in_bytes, x_bytes); PORTS(out_int, y_int); PORTS(out_bytes, y_bytes); PORTS(out_file, y_file);
  PORTS(out_float, y_float); PORTS(out_string, y_string);
  static const char *const secrets[] = {"token", 0};
  #define T(f, i, o, ...) static const assay_task t_##f = {.struct_size = sizeof(assay_task), \
    .flags = ASSAY_PURE | ASSAY_RESUMABLE, .id = "t." #f, .version = "1.0.0", .inputs = i, .n_inputs = 1, .outputs = o, \
    .n_outputs = 1, .run = f, .secrets = secrets, ##__VA_ARGS__}
  T(add, in_int, out_int); T(segv, in_int, out_int); T(aborts, in_int, out_int); T(exits, in_int, out_int);
  T(hang, in_int, out_int); T(overflow, in_int, out_int); T(eat, in_int, out_int); T(starve, in_int, out_int);
  T(noise, in_int, out_int); T(silent, in_int, out_int); T(twice, in_int, out_int); T(wrong, in_int, out_int);
  T(widen, in_int, out_float); T(nowhere, in_int, out_int); T(odd, in_int, out_int); T(badtext, in_int, out_string);
  T(polite, in_int, out_int); T(blocks, in_int, out_int, .create = make_pipe, .cancel = unblock);
  T(big, in_int, out_bytes); T(echo, in_bytes, out_bytes); T(sum, in_bytes, out_int); T(makes, in_int, out_file);
  T(steals, in_int, out_file); T(talks, in_int, out_int); T(thread, in_int, out_int); T(closes, in_int, out_int);
  T(pid, in_int, out_int); T(secret, in_int, out_string); T(resume, in_int, out_int);
  static const assay_task *const tasks[] = {&t_add, &t_segv, &t_aborts, &t_exits, &t_hang, &t_overflow, &t_eat, &t_starve,
    &t_noise, &t_silent, &t_twice, &t_wrong, &t_widen, &t_nowhere, &t_odd, &t_badtext, &t_polite, &t_blocks, &t_big, &t_echo,
    &t_sum, &t_makes, &t_steals, &t_talks, &t_thread, &t_closes, &t_pid, &t_secret, &t_resume};
  static const assay_plugin plugin = {.struct_size = sizeof plugin, .generation = 1, .revision = 1, .id = "t",
    .version = "1.0.0", .license = "", .doc = "", .tasks = tasks, .n_tasks = sizeof tasks / sizeof *tasks};
  const assay_plugin *assay_plugin_entry(const assay_loader *l) { return assay_speaks(l) ? &plugin : 0; }
  """#

/// The directory of the package, and that of its products beside the tests.
let package = Files.directory(of: Files.directory(of: Files.directory(of: #filePath)))
let products = Files.directory(of: Files.realPath("/proc/self/exe") ?? "")

/// The C plugin in real workers, with its catalog.
final class CHouse: Sendable {
  let path: String
  let pool: WorkerPool
  let plugin: Plugin

  init() throws {
    path = "/tmp/assay-plugin-\(getpid())-\(UInt64.random(in: 0 ... .max))"
    try Files.makeDirectory(path + "/tmp")
    // The runtime of Swift would catch the signals of C tasks to print a trace.
    let environment = Command.environment.merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }
    let pool = WorkerPool(WorkerConfiguration(worker: try CHouse.worker(), environment: environment))
    self.pool = pool
    let catalog = Catalog(
      directories: [try CHouse.built.get()], cacheDirectory: path + "/cache", engineVersion: "test"
    ) { source throws(Failure) in try pool.describe(source) }
    plugin = try catalog.plugin(id: "t")
  }

  deinit {
    pool.shutDown()
    try? Files.remove(path)
  }

  static func worker() throws -> String {
    let places = [products, package + "/.build/debug"].map { $0 + "/assay-worker" }
    return try #require(places.first(where: Files.isExecutable), "assay-worker is not built")
  }

  /// Compiled once for all tests.
  static let built = Result {
    let place = "/tmp/assay-plugin-\(getpid())"
    try Files.makeDirectory(place)
    try Files.writeAtomically(place + "/t.c", Array(cPlugin.utf8))
    let command = ["cc", "-shared", "-fPIC", "-O1", "-Wno-infinite-recursion", "-I", package + "/sdk/c/include"]
    var said: [String] = []
    let result = try Command(command + [place + "/t.c", "-o", place + "/libt.so", "-lpthread"]).run { said.append($0) }
    try #require(result.succeeded, "\(said)")
    return place
  }

  func call(
    _ name: String, _ input: Value = .int(1), isolation: Isolation = .worker, timeout: Duration? = nil,
    grace: Duration = .seconds(5), memoryLimit: Int64 = 0
  ) throws -> Invocation {
    let directory = path + "/tmp/\(FakeHouse.ids.load(ordering: .relaxed))"
    try Files.makeDirectory(directory)
    return Invocation(
      id: FakeHouse.ids.add(1, ordering: .relaxed).newValue, task: try #require(plugin.task(named: name)),
      isolation: isolation, run: "run", workflow: "workflow", node: name, inputs: [input], timeout: timeout,
      grace: grace, temporaryDirectory: directory, memoryLimit: memoryLimit)
  }

  func run(_ calls: [Invocation], _ notes: Notes = Notes()) -> [Outcome] { pool.run(calls, observer: notes) }
  func one(_ call: Invocation, _ notes: Notes = Notes()) -> Outcome { run([call], notes)[0] }
}

extension InstalledTask {
  /// The same task from somewhere else.
  func moved(_ change: (inout PluginSource) -> Void) -> InstalledTask {
    var source = source
    change(&source)
    return InstalledTask(signature: signature, source: source, index: index, code: code)
  }
}

extension Invocation {
  /// The same call, changed.
  func with(
    task: InstalledTask? = nil, inputs: [Value]? = nil, checkpoint: [UInt8]? = nil, secrets: [String: String]? = nil
  ) -> Invocation {
    Invocation(
      id: id, task: task ?? self.task, isolation: isolation, attempt: attempt, run: run, workflow: workflow, node: node,
      inputs: inputs ?? self.inputs, configuration: configuration, seed: seed, unixNanoseconds: unixNanoseconds,
      timeout: timeout, grace: grace, temporaryDirectory: temporaryDirectory, checkpoint: checkpoint ?? self.checkpoint,
      secrets: secrets ?? self.secrets, memoryLimit: memoryLimit)
  }
}
