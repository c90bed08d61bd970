#!/usr/bin/env bash
# parallel [CONFIGURATIONS]: random workflows at parallelism 1, 4, 16 and 64 against plain arithmetic (10,000)
set -euo pipefail
swift build --build-tests >&2
ASSAY_CONFIGURATIONS=${1:-10000} swift test --skip-build --filter 'ParallelTests' 2>&1 |
  tee >(grep -vE 'configurations' >&2) | grep 'configurations'
