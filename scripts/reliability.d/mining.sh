#!/usr/bin/env bash
# mining: event logs in pm4py (AGPL, in an environment of its own; a minute or two the first time): counts are ours
set -euo pipefail
python=$HOME/.cache/assay-tests/mining-venv/bin/python
"$python" -c 'import pm4py' 2>/dev/null || {
  python3 -m venv --clear "$(dirname "$(dirname "$python")")"
  "$python" -m pip install --quiet pm4py==2.7.23.11
}
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
swift build --build-tests >&2
ASSAY_KEEP_LOGS=$logs swift test --skip-build --filter LogsTests.FollowingTests >&2
"$python" Tests/Reliability/mining.py "$logs" .build/debug/assay
