#!/bin/sh
# Sourced by the scripts that use the copy outside: tells rclone where it is and with which key it is encrypted. The
# configuration is a file in memory, because keys have no place in arguments and environment variables.
# shellcheck shell=sh

secrets=/outside
RCLONE_CONFIG=/rclone/rclone.conf
export RCLONE_CONFIG

write_rclone_configuration() {
  umask 077
  {
    printf '[store]\ntype = s3\nprovider = Other\nendpoint = %s\nregion = %s\nno_check_bucket = true\n' "$S3_ENDPOINT" "$S3_REGION"
    printf 'access_key_id = %s\nsecret_access_key = %s\n' "$(cat "$secrets/s3/accessKeyId")" "$(cat "$secrets/s3/secretAccessKey")"
    # The names stay readable, so that one can see in the store what is there; they say no more than when it was made.
    printf '[outside]\ntype = crypt\nremote = store:%s/%s\nfilename_encryption = off\ndirectory_name_encryption = false\n' "$S3_BUCKET" "$S3_PATH"
    printf 'password = %s\n' "$(rclone obscure - <"$secrets/key/password")"
  } >"$RCLONE_CONFIG"
}

# Errors with reasons, nothing else; three attempts at the whole, as rclone does by default.
outside() {
  rclone --log-level NOTICE --contimeout 15s --timeout 60s --low-level-retries 4 "$@"
}
