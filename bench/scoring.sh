#!/usr/bin/env bash
# Measures the scoring path. Compared with handwritten code: throughput, allocation, tail latency, overhead and start. Also: binary tensors compared with JSON;
# an unavailable store; session settings; more models than fit; memory after large runs; the log's records a second; ten minutes of malformed, large and endless
# requests; one model while others are attacked, in 2 GiB, and beside each kind of bad request; the gain from each part of shared/Speed. Needs wrk. About half an hour; --quick: eight minutes.
# Usage: bench/scoring.sh [throughput] [tail] [overhead] [binary] [start] [outage] [settings] [many-models] [memory] [log-rate] [soak] [attack] [bad-requests] [speed] [--quick]
set -euo pipefail
cd "$(dirname "$0")/.."
dotnet build -c Release -v q -nologo
dotnet bench/Scoring/bin/Release/net10.0/Modeldrop.ScoringBench.dll "$@"
