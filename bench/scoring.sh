#!/usr/bin/env bash
# The scoring path against hand-written code: throughput and allocation. Needs wrk. About fifteen minutes; --quick: two.
# Usage: bench/scoring.sh [--quick]
set -euo pipefail
cd "$(dirname "$0")/.."
dotnet build -c Release -v q -nologo
dotnet bench/Scoring/bin/Release/net10.0/Modeldrop.ScoringBench.dll "$@"
