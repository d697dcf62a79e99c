#!/usr/bin/env bash
# Lints and compiles the Bicep files; any diagnostic is a failure. Linux x64; needs the .NET SDK only.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1

dotnet restore Bicep.csproj --verbosity quiet || exit 1
bicep=$(dotnet msbuild Bicep.csproj -getProperty:BicepPath)
[[ -f $bicep ]] || { echo "lint: the package brought no Bicep CLI ($bicep)" >&2; exit 1; }
chmod +x "$bicep"

failed=0
# A module is linted with the file that uses it.
for file in *.bicep; do
    for command in "lint" "build --stdout"; do
        # shellcheck disable=SC2086 # the options are words
        if ! diagnostics=$("$bicep" $command "$file" 2>&1 >/dev/null) || [[ -n $diagnostics ]]; then
            printf '%s: bicep %s\n%s\n' "$file" "$command" "$diagnostics" >&2
            failed=1
        fi
    done
done

[[ $failed == 0 ]] && echo "lint: $("$bicep" --version): no diagnostics"
exit "$failed"
