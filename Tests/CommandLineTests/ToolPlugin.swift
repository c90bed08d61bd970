import Foundation

/// A small plugin in C that does what the tests want: succeeds, fails, waits.
enum ToolPlugin {
  struct Failure: Error { var message: String }

  /// The path of the shared object, compiled once.
  static let built: Result<String, any Error> = Result {
    let folder = NSTemporaryDirectory() + "assay-cli-plugin-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try source.write(toFile: folder + "/tool.c", atomically: true, encoding: .utf8)
    let headers = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "sdk/c/include").path
    let compiler = Process()
    compiler.executableURL = URL(filePath: "/usr/bin/env")
    compiler.arguments = ["cc", "-shared", "-fPIC", "-I", headers, "-o", folder + "/tool.so", folder + "/tool.c"]
    try compiler.run()
    compiler.waitUntilExit()
    guard compiler.terminationStatus == 0 else { throw Failure(message: "the test plugin does not compile") }
    return folder + "/tool.so"
  }

  private static let source = #"""
    #include <stdio.h>
    #include <string.h>
    #include <sys/stat.h>
    #include <time.h>
    #include <unistd.h>
    #include "assay.h"

    static const assay_port integer_x = {sizeof integer_x, 0, "x", "int", "What to work on.", 0, 0, 0};
    static const assay_port path_in = {sizeof path_in, 0, "path", "string", 0, 0, 0, 0};
    static const assay_port integer_out = {sizeof integer_out, 0, "y", "int", 0, 0, 0, 0};
    static const assay_port text_out = {sizeof text_out, 0, "text", "file<text>", 0, 0, 0, 0};
    static const assay_port file_in = {sizeof file_in, 0, "path", "file<csv>", 0, 0, 0, 0};
    static const assay_port *const file_ins[] = {&file_in};
    static const assay_port *const x_in[] = {&integer_x}, *const xp_in[] = {&integer_x, &path_in};
    static const assay_port float_out = {sizeof float_out, 0, "loss", "float", 0, 0, 0, 0};
    static const assay_port *const loss_out[] = {&float_out};
    static const assay_port *const y_out[] = {&integer_out}, *const file_out[] = {&text_out};

    static assay_status set(const assay_run *run, int64_t y) {
      assay_value v;
      memset(&v, 0, sizeof v);
      v.kind = ASSAY_I64;
      v.i64 = y;
      return run->host->output(run, 0, &v);
    }
    static assay_status fail(const assay_run *run, assay_status status, const char *message) {
      assay_error e;
      memset(&e, 0, sizeof e);
      e.struct_size = sizeof e;
      e.status = status;
      e.retryable = -1;
      e.retry_after_ms = -1;
      e.message = message;
      return run->host->fail(run, &e);
    }
    static assay_status twice(void *self, const assay_run *run) {
      (void)self;
      return set(run, 2 * run->inputs[0].i64);
    }
    static assay_status boom(void *self, const assay_run *run) {
      (void)self;
      const char *line = "about to go \x1b[31mwrong";
      run->host->run_log(run, ASSAY_LOG_WARNING, line, strlen(line));
      return fail(run, ASSAY_E_FAILED, "the number is cursed");
    }
    static assay_status flaky(void *self, const assay_run *run) {
      (void)self;
      if (run->attempt < 2) return fail(run, ASSAY_E_TRANSIENT, "not yet");
      return set(run, run->inputs[0].i64);
    }
    /* Until the file at `path` is there. */
    static assay_status await(const assay_run *run) {
      char path[512];
      size_t n = run->inputs[1].count < 511 ? run->inputs[1].count : 511;
      memcpy(path, run->inputs[1].data, n);
      path[n] = 0;
      run->host->run_log(run, ASSAY_LOG_INFO, "holding", 7);
      while (access(path, F_OK) != 0) {
        if (assay_cancelled(run)) return fail(run, ASSAY_E_CANCELLED, "cancelled");
        struct timespec pause = {0, 5000000};
        nanosleep(&pause, 0);
      }
      return ASSAY_OK;
    }
    static assay_status hold(void *self, const assay_run *run) {
      (void)self;
      assay_status s = await(run);
      return s == ASSAY_OK ? set(run, run->inputs[0].i64) : s;
    }
    /* Reports a loss after each of four steps, holding after the first; the thirteenth has none in the end. */
    static assay_status learn(void *self, const assay_run *run) {
      (void)self;
      double x = (double)run->inputs[0].i64;
      run->host->metric(run, "loss", x + 3, "", 0);
      run->host->metric(run, "other", 0, "", 0);
      assay_value v;
      assay_status s = await(run);
      if (s != ASSAY_OK) return s;
      for (int step = 1; step < 4; step++) run->host->metric(run, "loss", x + 3 - step, "", step);
      memset(&v, 0, sizeof v);
      v.kind = ASSAY_F64;
      v.f64 = x == 13 ? 0.0 / 0.0 : x;
      return run->host->output(run, 0, &v);
    }
    /* How many lines a file has. */
    static assay_status lines(void *self, const assay_run *run) {
      (void)self;
      FILE *f = fopen(((const assay_artifact *)run->inputs[0].data)->path, "r");
      if (!f) return fail(run, ASSAY_E_INPUT, "cannot read");
      int64_t n = 0;
      for (int c; (c = fgetc(f)) != EOF;) n += c == '\n';
      fclose(f);
      return set(run, n);
    }
    /* Writes to its input, as no task may. */
    static assay_status scribble(void *self, const assay_run *run) {
      const char *path = ((const assay_artifact *)run->inputs[0].data)->path;
      chmod(path, 0644);
      FILE *f = fopen(path, "a");
      if (!f || fputs("scribble\n", f) < 0 || fclose(f) != 0) return fail(run, ASSAY_E_RESOURCE, "cannot write");
      return lines(self, run);
    }
    static assay_status write_text(void *self, const assay_run *run) {
      (void)self;
      assay_artifact *a;
      assay_status s = run->host->artifact(run, 0, "note.txt", &a);
      if (s != ASSAY_OK) return s;
      FILE *f = fopen(a->path, "w");
      if (!f || fputs("hello\n", f) < 0 || fclose(f) != 0) return fail(run, ASSAY_E_RESOURCE, "cannot write");
      a->media_type = "text/plain";
      return run->host->commit(run, a);
    }

    #define TASK(name, flags, inputs, n, outputs, run) \
      {sizeof(assay_task), flags, 0, 0, "tool." name, "1.0.0", "Task " name, "Does what a test wants.", "development", inputs, n, 1, outputs, 0, 0, 0, 0, 0, 0, 0, 0, run, 0, 0}
    static const assay_task tasks_[] = {
        TASK("twice", ASSAY_PURE | ASSAY_DETERMINISTIC, x_in, 1, y_out, twice), TASK("boom", 0, x_in, 1, y_out, boom),
        TASK("flaky", 0, x_in, 1, y_out, flaky), TASK("hold", 0, xp_in, 2, y_out, hold),
        TASK("note", ASSAY_PURE, x_in, 1, file_out, write_text),
        TASK("lines", ASSAY_PURE, file_ins, 1, y_out, lines), TASK("scribble", ASSAY_PURE, file_ins, 1, y_out, scribble),
        TASK("learn", 0, xp_in, 2, loss_out, learn),
    };
    static const assay_task *const tasks[] = {&tasks_[0], &tasks_[1], &tasks_[2], &tasks_[3], &tasks_[4], &tasks_[5], &tasks_[6], &tasks_[7]};
    static const assay_plugin plugin = {sizeof plugin, ASSAY_GENERATION, ASSAY_REVISION, 0, "tool", "1.0.0", "MIT", "For tests.", tasks, 8, 0, 0, 0};

    ASSAY_EXPORT const assay_plugin *assay_plugin_entry(const assay_loader *loader) {
      return assay_speaks(loader) ? &plugin : 0;
    }
    """#
}
