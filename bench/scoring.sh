#!/usr/bin/env bash
# The scoring path against hand-written code: throughput and allocation; binary tensors against JSON; more models than fit. Needs wrk. About half an hour; --quick: five minutes.
# Usage: bench/scoring.sh [throughput] [binary] [many-models] [--quick]
set -euo pipefail
cd "$(dirname "$0")/.."
dotnet build -c Release -v q -nologo
dotnet bench/Scoring/bin/Release/net10.0/Modeldrop.ScoringBench.dll "$@"
