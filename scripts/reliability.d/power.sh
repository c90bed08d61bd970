#!/usr/bin/env bash
# power [CUTS] [--long]: the recorded writes of a run with what was not synchronised dropped
set -euo pipefail
exec python3 -B Tests/Reliability/main.py power "$@"
