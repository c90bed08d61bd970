#!/usr/bin/env bash
# all [--long]: crash, faults and power
set -euo pipefail
exec python3 -B Tests/Reliability/main.py all "$@"
