#!/usr/bin/env bash
# Compiles and lints every template with the Bicep CLI of the package Azure.Bicep.CommandLine; any warning fails.
# After the first run the package is in NuGet's cache, and no network is needed.
set -euo pipefail
cd "$(dirname "$0")"

version=0.49.2
case "$(uname -s)-$(uname -m)" in
  Linux-x86_64) rid=linux-x64 ;;
  Linux-aarch64) rid=linux-arm64 ;;
  Darwin-x86_64) rid=osx-x64 ;;
  Darwin-arm64) rid=osx-arm64 ;;
  *) echo "lint.sh: no Bicep package is known for $(uname -s) $(uname -m)" >&2; exit 2 ;;
esac
package="Azure.Bicep.CommandLine.$rid"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

packages=$(dotnet nuget locals global-packages --list | sed 's/^global-packages: //')
bicep="$packages/$(tr '[:upper:]' '[:lower:]' <<<"$package")/$version/tools/bicep"
if [[ ! -f $bicep ]]; then
  cat >"$work/bicep.csproj" <<EOF
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <TargetFramework>net10.0</TargetFramework>
  </PropertyGroup>
  <ItemGroup>
    <PackageDownload Include="$package" Version="[$version]" />
  </ItemGroup>
</Project>
EOF
  dotnet restore "$work/bicep.csproj" --verbosity quiet
fi
[[ -x $bicep ]] || chmod +x "$bicep"

# Nothing of the parameters is secret and none is deployed from here.
export ALERT_EMAIL=${ALERT_EMAIL:-nobody@example.org}
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1

failed=0
check() # name, command…: fails on a bad exit code and on anything written to standard error
{
  local name=$1
  shift
  if ! "$@" >/dev/null 2>"$work/said" || [[ -s $work/said ]]; then
    cat "$work/said" >&2
    echo "lint.sh: $name" >&2
    failed=1
  fi
}

for template in *.bicep; do
  check "$template does not lint clean" "$bicep" lint "$template"
  check "$template does not compile clean" "$bicep" build "$template" --stdout
  check "$template is not formatted: run bicep format" bash -c '"$0" format "$1" --stdout | diff "$1" - >&2' "$bicep" "$template"
done
for parameters in *.bicepparam; do
  check "$parameters does not compile clean" "$bicep" build-params "$parameters" --stdout
done

((failed == 0)) && echo "infra-bicep: $(ls ./*.bicep ./*.bicepparam | wc -l) files compile and lint without a warning"
exit "$failed"
