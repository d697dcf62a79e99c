#!/usr/bin/env bash
# The scoring path against hand-written code: throughput, allocation, tail latency, overhead and start; binary tensors against JSON; a store that is away; session settings; more models than fit; memory after large runs. Needs wrk. About twenty minutes; --quick: six.
# Usage: bench/scoring.sh [throughput] [tail] [overhead] [binary] [start] [outage] [settings] [many-models] [memory] [--quick]
set -euo pipefail
cd "$(dirname "$0")/.."
dotnet build -c Release -v q -nologo
dotnet bench/Scoring/bin/Release/net10.0/Modeldrop.ScoringBench.dll "$@"
