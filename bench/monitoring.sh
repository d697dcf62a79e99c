#!/usr/bin/env bash
# Compares drift checks with their stated rates and with common rules, by simulation, and measures the cost of a fold of the log. About half an hour; --quick: three minutes.
# Usage: bench/monitoring.sh [false-alarms] [power] [hourly-looks] [seasons] [flights] [degradation] [kinds] [fold] [--quick]
set -euo pipefail
cd "$(dirname "$0")/.."
dotnet build -c Release -v q -nologo
dotnet bench/Monitoring/bin/Release/net10.0/Modeldrop.MonitoringBench.dll "$@"
