#!/bin/sh
# Puts promtool of Debian's package prometheus into node_modules/.cache. Nothing is installed: the package would start a server.
set -eu
target=$PWD/node_modules/.cache
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq prometheus 2>/dev/null || { apt-get update -qq && apt-get download -qq prometheus; }
dpkg -x prometheus_*.deb .
mkdir -p "$target"
mv usr/bin/promtool "$target/promtool"
