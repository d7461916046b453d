#!/bin/sh
# Sourced by the scripts that use the off-site backups: configures the object store and the encryption key for rclone. The
# configuration is a file in memory, because keys must not be in arguments or environment variables.
# shellcheck shell=sh

secrets=/outside
RCLONE_CONFIG=/rclone/rclone.conf
export RCLONE_CONFIG

write_rclone_configuration() {
  umask 077
  {
    printf '[store]\ntype = s3\nprovider = Other\nendpoint = %s\nregion = %s\nno_check_bucket = true\n' "$S3_ENDPOINT" "$S3_REGION"
    printf 'access_key_id = %s\nsecret_access_key = %s\n' "$(cat "$secrets/s3/accessKeyId")" "$(cat "$secrets/s3/secretAccessKey")"
    # The names are not encrypted, so that the content of the object store is readable; they reveal only the time of a backup.
    printf '[outside]\ntype = crypt\nremote = store:%s/%s\nfilename_encryption = off\ndirectory_name_encryption = false\n' "$S3_BUCKET" "$S3_PATH"
    printf 'password = %s\n' "$(rclone obscure - <"$secrets/key/password")"
  } >"$RCLONE_CONFIG"
}

# Prints only errors with reasons. Three attempts for the whole command, which is rclone's default.
outside() {
  rclone --log-level NOTICE --contimeout 15s --timeout 60s --low-level-retries 4 "$@"
}
