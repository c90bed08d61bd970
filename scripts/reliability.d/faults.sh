#!/usr/bin/env bash
# faults [STEP] [--long]: a full disk, failing writes, renames and fsyncs, a clock that goes back, upgrades
set -euo pipefail
exec python3 -B Tests/Reliability/main.py faults "$@"
