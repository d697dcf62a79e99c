#!/usr/bin/env bash
# Measures the time from a drop to its first score, many drops at once, and the storage transactions of operations and of an idle process. About half an hour; --quick: ten minutes.
# Usage: bench/lifecycle.sh [times] [burst] [pages] [cost] [--quick]
set -euo pipefail
cd "$(dirname "$0")/.."
dotnet build -c Release -v q -nologo
dotnet bench/Lifecycle/bin/Release/net10.0/Modeldrop.LifecycleBench.dll "$@"
