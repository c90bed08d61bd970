#!/usr/bin/env bash
# fuzz [TARGET…] [RUNS]: libFuzzer on all targets or these, RUNS inputs each (1,000,000); `fuzz keep TARGET…` keeps what it found
# ASSAY_FUZZ_SECONDS: stop each target after that long; ASSAY_FUZZ_BUILT=1: what was built is up to date.
set -euo pipefail
place="$PWD/.build-fuzz"
swift_targets=(types inputs framing files archive logs packets describe json toml functions database document editor)
c_targets=(descriptors worker)

# Checked at each allocation and each leak by the driver itself (Tests/Fuzz/Driver/driver.c); a trace of a crash by libFuzzer.
export SWIFT_BACKTRACE=enable=no
export ASAN_OPTIONS=detect_leaks=1:malloc_context_size=4:quarantine_size_mb=16

is_c() { [[ " ${c_targets[*]} " == *" $1 "* ]]; }

build_swift() {
  local runtime
  runtime=$(clang -print-file-name=libclang_rt.fuzzer-x86_64.a)
  # Not `--sanitize fuzzer`: together with `address` it makes this compiler emit guards that libFuzzer does not read.
  ASSAY_FUZZ=1 swift build -c release --sanitize address --scratch-path "$place" --product assay-fuzz \
    -Xswiftc -sanitize-coverage=edge,inline-8bit-counters,pc-table,trace-cmp,indirect-calls \
    -Xcc -fsanitize=fuzzer-no-link -Xlinker "$runtime" -Xlinker -lstdc++ >&2
}

build_c() {
  local flags=(-g -O1 -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror -fuse-ld=lld
    -fsanitize=address,undefined -fno-sanitize-recover=undefined
    -ISources/CHost/include -ISources/assay-worker -Isdk/c/include)
  mkdir -p "$place/c"
  clang "${flags[@]}" -fsanitize=fuzzer "Tests/Fuzz/C/$1.c" Sources/CHost/*.c -o "$place/c/$1" -lpthread -ldl
  clang "${flags[@]}" -shared -fPIC Tests/Fuzz/C/presents.c -o "$place/c/descriptors.so"
  clang "${flags[@]}" -shared -fPIC Tests/Fixtures/plugins/good.c -o "$place/c/worker.so" -lpthread
}

# fuzzer TARGET ARGUMENT…
fuzzer() {
  local target=$1
  shift
  local common=(-rss_limit_mb=2048 -timeout=10 -max_len=4096 -artifact_prefix="$place/found/$target-")
  case $target in
    database) common+=(-max_len=32768) ;;
    archive) common+=(-max_len=16384) ;;
    document | editor) common+=(-max_len=2048) ;;
  esac
  [[ -f Tests/Fuzz/dictionaries/$target ]] && common+=(-dict="Tests/Fuzz/dictionaries/$target")
  if ! is_c "$target"; then
    # LeakSanitizer takes Swift's tagged pointers for none: the driver looks for leaks.
    ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0 ASSAY_FUZZ_TARGET=$target \
      "$place/release/assay-fuzz" -detect_leaks=0 "${common[@]}" "$@"
  elif [[ $target == worker ]]; then
    ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0 ASSAY_FUZZ_PLUGIN=$place/c/worker.so \
      "$place/c/worker" -detect_leaks=0 -close_fd_mask=1 "${common[@]}" "$@"
  else
    ASSAY_FUZZ_PLUGIN=$place/c/$target.so "$place/c/$target" "${common[@]}" "$@"
  fi
}

runs=1000000 keep=""
targets=()
for argument in "$@"; do
  if [[ $argument =~ ^[0-9]+$ ]]; then runs=$argument
  elif [[ $argument == keep ]]; then keep=1
  elif [[ -d Tests/Fuzz/corpus/$argument ]]; then targets+=("$argument")
  else
    echo "there is no target \`$argument\`; targets: ${swift_targets[*]} ${c_targets[*]}" >&2
    exit 2
  fi
done
[[ ${#targets[@]} -gt 0 ]] || targets=("${swift_targets[@]}" "${c_targets[@]}")
mkdir -p "$place/found"
[[ ${ASSAY_FUZZ_BUILT:-} ]] || {
  for target in "${targets[@]}"; do is_c "$target" && build_c "$target"; done
  for target in "${targets[@]}"; do is_c "$target" || { build_swift; break; }; done
}

if [[ $keep ]]; then
  # A few small inputs that reach every edge that is reached.
  for target in "${targets[@]}"; do
    mkdir -p "$place/kept"
    rm -rf "$place/kept/$target"
    mkdir "$place/kept/$target"
    fuzzer "$target" -set_cover_merge=1 -use_counters=0 -max_len=2048 "$place/kept/$target" "Tests/Fuzz/corpus/$target" \
      "$place/corpus/$target" 2>/dev/null
    cp -n "$place/kept/$target"/* "Tests/Fuzz/corpus/$target/"
    echo "$target: $(ls "Tests/Fuzz/corpus/$target" | wc -l) inputs, $(du -sk "Tests/Fuzz/corpus/$target" | cut -f1) KiB"
  done
  exit
fi

failed=0
printf '%-12s %10s %8s %8s %8s  %s\n' target inputs edges corpus seconds result
for target in "${targets[@]}"; do
  mkdir -p "$place/corpus/$target"
  log="$place/found/$target.log"
  start=$SECONDS
  result=ok
  fuzzer "$target" -runs="$runs" -max_total_time="${ASSAY_FUZZ_SECONDS:-0}" -print_final_stats=1 "$place/corpus/$target" "Tests/Fuzz/corpus/$target" 2>"$log" >&2 ||
    { result="FAILED: $log"; failed=1; }
  last=$(grep -E '^#[0-9]+.* cov: ' "$log" | tail -1)
  printf '%-12s %10s %8s %8s %8s  %s\n' "$target" \
    "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log" | tail -1)" \
    "$(sed -n 's/.* cov: \([0-9]*\).*/\1/p' <<<"$last")" "$(sed -n 's/.* corp: \([0-9]*\).*/\1/p' <<<"$last")" \
    "$((SECONDS - start))" "$result"
done
exit $failed
