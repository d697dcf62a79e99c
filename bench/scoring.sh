#!/usr/bin/env bash
# The scoring path against hand-written code: throughput, allocation, tail latency, overhead and start; binary tensors against JSON; a store that is away; session settings; more models than fit; memory after large runs; records a second of the log; ten minutes of malformed, large and endless requests; one model while others are attacked, in 2 GiB; what each part of shared/Speed is worth. Needs wrk. About half an hour; --quick: eight minutes.
# Usage: bench/scoring.sh [throughput] [tail] [overhead] [binary] [start] [outage] [settings] [many-models] [memory] [log-rate] [soak] [attack] [speed] [--quick]
set -euo pipefail
cd "$(dirname "$0")/.."
dotnet build -c Release -v q -nologo
dotnet bench/Scoring/bin/Release/net10.0/Modeldrop.ScoringBench.dll "$@"
