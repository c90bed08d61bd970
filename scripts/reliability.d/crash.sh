#!/usr/bin/env bash
# crash [ROUNDS] [--long]: random workflows whose engine or worker dies at a random instant (200)
set -euo pipefail
exec python3 -B Tests/Reliability/main.py crash "$@"
