#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# doctor.sh           says which tools are missing and the one line that installs them
# doctor.sh --install installs them (Debian; with sudo where not root)
set -euo pipefail
list=$(dirname "${BASH_SOURCE[0]}")/../packages.txt

missing=()
while read -r package file purpose; do
	case $package in '' | \#*) continue ;; esac
	compgen -G "$file" >/dev/null && continue
	missing+=("$package")
	[ $# -gt 0 ] || printf 'missing: %-18s %s\n' "$package" "$purpose"
done <"$list"

if [ ${#missing[@]} -eq 0 ]; then
	echo "Everything that the project needs is installed."
	exit 0
fi

sudo=()
[ "$(id -u)" -eq 0 ] || sudo=(sudo)
if [ "${1-}" != --install ]; then
	echo "Install with:"
	echo "  ${sudo[*]} apt-get update && ${sudo[*]} apt-get install -y" \
		"--no-install-recommends ${missing[*]}" | sed 's/  *apt-get/ apt-get/g'
	exit 1
fi
if [ ${#sudo[@]} -gt 0 ] && ! command -v sudo >/dev/null; then
	echo "Not root, and no sudo: run 'make setup' as root." >&2
	exit 1
fi
"${sudo[@]}" apt-get -q update
"${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends \
	"${missing[@]}"
