#!/bin/sh
# Sourced by list.sh and fetch.sh: where backups are, in `from` for rclone and in `named` for messages. They are in the object
# store if the stack has one.
# shellcheck shell=sh disable=SC2034
# shellcheck source=/dev/null
. /scripts/outside.sh

work=/work
case ${PLACE:?} in
outside)
  write_rclone_configuration
  from=outside:backups named='object store'
  ;;
volume) from=/backups named='backup volume' ;;
esac
