#!/usr/bin/env bash
# Drift checks against what they state and against the field's habits, by simulation; and what a fold of the log costs. About half an hour; --quick: three minutes.
# Usage: bench/monitoring.sh [false-alarms] [power] [hourly-looks] [seasons] [flights] [degradation] [kinds] [fold] [--quick]
set -euo pipefail
cd "$(dirname "$0")/.."
dotnet build -c Release -v q -nologo
dotnet bench/Monitoring/bin/Release/net10.0/Modeldrop.MonitoringBench.dll "$@"
