// Rclone with nothing but `rclone serve s3` and the local file system: an S3 server over a folder.
// Debian's rclone is built without that command.
package main

import (
	_ "github.com/rclone/rclone/backend/local"
	"github.com/rclone/rclone/cmd"
	_ "github.com/rclone/rclone/cmd/serve/s3"
)

func main() {
	cmd.Main()
}
