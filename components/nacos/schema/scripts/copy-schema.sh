#!/bin/bash
# Runs in the Nacos image that is about to be deployed: passes its schema file to the container that applies it.
set -euo pipefail

readonly shipped=/home/nacos/conf/mysql-schema.sql

if [[ ! -s $shipped ]]; then
  echo "schema: refused: the Nacos image has no $shipped; use an image that is laid out like docker.io/nacos/nacos-server [SCHEMA_FILE_MISSING: docs/runbooks/nacos-schema.md]" >&2
  exit 3
fi
cp -- "$shipped" /schema/mysql-schema.sql
