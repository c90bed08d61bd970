#!/usr/bin/env bash
# sanitize thread|address [TESTS…]: builds engine, worker, plugins and tests with the sanitizer and runs the test targets
set -euo pipefail
kind=${1:-}
[[ $kind == thread || $kind == address ]] || { echo "usage: scripts/reliability sanitize thread|address [TESTS…]" >&2; exit 2; }
shift
place="$PWD/.build-$kind"
default=(ValuesTests DatabaseTests TracesTests ArtifactsTests ExecutionTests PluginsTests CHostTests WorkersTests
  SwiftKitTests PluginTests WorkspaceTests)
tests=("$@")
[[ ${#tests[@]} -gt 0 ]] || tests=("${default[@]}")

# Libraries that the worker loads, and libc itself, must find the sanitizer's malloc: see `small` in Package.swift.
export ASSAY_SANITIZE=1
flags=(--sanitize "$kind" --scratch-path "$place")
[[ $kind == address ]] && flags+=(-Xcc -fsanitize=undefined -Xcc -fno-sanitize-recover=undefined -Xlinker -lubsan)
swift build --build-tests "${flags[@]}" >&2

logs="$place/reports"
rm -rf "$logs"
mkdir -p "$logs"
export SWIFT_BACKTRACE=enable=no
# Tests have plugins crash on purpose: that must stay a signal. Under a limit of address space no sanitizer can live.
crashes="handle_segv=0:handle_abort=0:handle_sigbus=0:handle_sigfpe=0:handle_sigill=0:use_sigaltstack=0"
leave_out="SanitizedTests|[mM]emoryLimit|[lL]imitsHold"
preload=""
if [[ $kind == thread ]]; then
  clang -O1 -shared -fPIC scripts/reliability.d/mutex.c -o "$place/mutex.so" -ldl
  preload="$place/mutex.so"
  export TSAN_OPTIONS="halt_on_error=0:$crashes:log_path=$logs/report"
else
  # Leaks: see docs/reliability.md, "Sanitizers".
  export ASAN_OPTIONS="detect_leaks=0:$crashes:log_path=$logs/report" UBSAN_OPTIONS="print_stacktrace=1:log_path=$logs/report"
fi

# SanitizedTests build programs with sanitizers of their own, which want to come first.
failed=0
printf '%-16s %6s %8s %8s  %s\n' target tests findings seconds result
for target in "${tests[@]}"; do
  start=$SECONDS
  log="$place/$target.log"
  result=ok
  ASSAY_PRELOAD=$preload bash -c 'LD_PRELOAD=$ASSAY_PRELOAD exec "$@"' _ \
    swift test --skip-build "${flags[@]}" --filter "^$target\\." --skip "$leave_out" >"$log" 2>&1 || { result="FAILED: $log"; failed=1; }
  findings=$(grep -lE 'WARNING: ThreadSanitizer|ERROR: AddressSanitizer|runtime error:|CHECK failed' "$logs"/* 2>/dev/null | wc -l || true)
  findings=$((findings - ${seen:-0}))
  seen=$((${seen:-0} + findings))
  ((findings == 0)) || failed=1
  printf '%-16s %6s %8s %8s  %s\n' "$target" \
    "$(sed -n 's/.*Test run with \([0-9]*\) tests.*/\1/p' "$log" | tail -1)" "$findings" "$((SECONDS - start))" "$result"
done
exit $failed
