#!/usr/bin/env bash
# Kills the host before and after every storage write of every scenario, and starts it again. Takes an hour or more.
# Usage: bench/crash.sh [part of a scenario's name [before|after [n: at every nth write]]]. Writes bench/results/crash.log as it goes and bench/results/crash.md at the end.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p bench/results
dotnet build -v q -nologo
MODELDROP_CRASH_RESULTS="$PWD/bench/results" MODELDROP_CRASH_SCENARIO="${1:-}" MODELDROP_CRASH_MOMENT="${2:-}" MODELDROP_CRASH_EVERY="${3:-1}" \
  dotnet tests/bin/Debug/net10.0/Modeldrop.Tests.dll -class Modeldrop.Tests.Acceptance.Crash.CrashSweepTests -explicit only
