#!/usr/bin/env bash
# Sixteen connections on two processes while a version is promoted in steps and rolled back, ten times. About five minutes.
set -euo pipefail
cd "$(dirname "$0")/.."
dotnet build -v q -nologo
MODELDROP_LOAD_ROUNDS="${1:-10}" dotnet tests/bin/Debug/net10.0/Modeldrop.Tests.dll -class Modeldrop.Tests.Acceptance.RolloutLoadTests -showLiveOutput
