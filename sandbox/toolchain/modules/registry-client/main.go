// A client of Nacos' registry and configurations over the Go SDK, for the end-to-end tests and the benchmarks. It logs in with the files
// username and password of /account, and prints what it sees on standard output, one JSON object per line.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/nacos-group/nacos-sdk-go/v2/common/logger"
)

const usage = `usage: registry-client check MEMBER MEMBER...
       registry-client watch SERVER CROWD
       registry-client measure SERVER PUBLISH-PATH GROUP-PARAMETER open|closed ADDRESS...`

func main() {
	logger.SetLogger(sdkLog{})
	if err := command(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func command(words []string) error {
	if len(words) < 2 {
		return errors.New(usage)
	}
	account, err := readAccount("/account")
	if err != nil {
		return err
	}
	switch {
	case words[0] == "check" && len(words) > 2:
		return check(account, words[1:])
	case words[0] == "watch" && len(words) == 3:
		crowd, err := strconv.Atoi(words[2])
		if err != nil {
			return errors.New(usage)
		}
		return watch(account, words[1], crowd)
	case words[0] == "measure" && len(words) > 5 && (words[4] == "open" || words[4] == "closed"):
		return measure(account, words[1], configCall{words[2], words[3]}, words[4] == "open", words[5:])
	}
	return errors.New(usage)
}

var output sync.Mutex

// say prints one event, with the time in milliseconds since 1970.
func say(event string, fields map[string]any) {
	line := map[string]any{"at": time.Now().UnixMilli(), "event": event}
	for name, value := range fields {
		line[name] = value
	}
	output.Lock()
	defer output.Unlock()
	_ = json.NewEncoder(os.Stdout).Encode(line)
}
