#!/usr/bin/env bash
# Format, lint and types of the pages' scripts. Findings fail. Where there is no npm, or its registry cannot be
# reached, nothing can be checked: that is said in one line, and is no failure.
set -euo pipefail
cd "$(dirname "$0")/.."
skip() { echo "The pages' scripts were NOT checked: $1"; exit 0; }
command -v npm >/dev/null || skip "there is no npm here; bash scripts/system_packages.sh installs it."
node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 18 || (a === 18 && b >= 18) ? 0 : 1)' ||
  skip "this is Node.js $(node --version), and the tools need 18.18."
installed=node_modules/.installed-lock.json
if ! cmp -s package-lock.json "$installed"; then
  log=$(mktemp)
  trap 'rm -f "$log"' EXIT
  if ! npm ci --ignore-scripts --no-audit --no-fund --fetch-retries=1 --fetch-timeout=60000 >"$log" 2>&1; then
    unreachable='ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ENOTCACHED|E50[0234]'
    grep -Eq "$unreachable" "$log" && skip "the npm registry ($(npm config get registry)) cannot be reached."
    cat "$log" >&2
    exit 1
  fi
  cp package-lock.json "$installed"
fi
npm run --silent check
