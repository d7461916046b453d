package main

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nacos-group/nacos-sdk-go/v2/clients/naming_client"
)

const (
	publishes     = 1000
	warmUps       = 100 // more before them, which do not count
	contents      = 50  // configurations that they go to
	connections   = 8   // of the SDK, which register at the same time
	registrations = 250 // by each of them; a connection has one instance of a service, so each goes to another service
)

// A call of Nacos' HTTP interface for configurations, which differs by version.
type configCall struct{ path, group string }

// measure times publishes over HTTP, each on a new connection, then registrations over the SDK, and reports both. It begins when
// all the addresses accept connections, or when none does.
func measure(who account, server string, call configCall, open bool, addresses []string) error {
	if err := untilAll(addresses, open); err != nil {
		return err
	}
	found, err := net.LookupHost(server) // once, because a lost DNS answer is not to be measured
	if err != nil {
		return err
	}
	took, err := timePublishes(who, found[0], call)
	if err != nil {
		return err
	}
	each, err := timeRegistrations(who, found[0])
	if err != nil {
		return err
	}
	say("measured", map[string]any{
		"publishP50Ms": milliseconds(percentile(took, 50)), "publishP99Ms": milliseconds(percentile(took, 99)),
		"registrationMs": milliseconds(each),
	})
	return nil
}

func untilAll(addresses []string, open bool) error {
	deadline := time.Now().Add(patience)
	for _, address := range addresses {
		for accepts(address) != open {
			if time.Now().After(deadline) {
				return fmt.Errorf("%s accepts connections: %t after %s", address, !open, patience)
			}
			time.Sleep(250 * time.Millisecond)
		}
	}
	return nil
}

func accepts(address string) bool {
	connection, err := net.DialTimeout("tcp", address, time.Second)
	if err != nil {
		return false
	}
	_ = connection.Close()
	return true
}

func timePublishes(who account, server string, call configCall) ([]time.Duration, error) {
	web := newWeb(who, server)
	if err := web.logIn(); err != nil {
		return nil, err
	}
	path := strings.TrimPrefix(call.path, "/nacos")
	values := func(i int) url.Values {
		return url.Values{"dataId": {fmt.Sprintf("measured-%d", i%contents)}, call.group: {"DEFAULT_GROUP"}}
	}
	var took []time.Duration
	for i := range warmUps + publishes {
		form := values(i)
		form.Set("content", fmt.Sprintf("%d at %d", i, time.Now().UnixNano()))
		begun := time.Now()
		if err := web.call(http.MethodPost, path, form, nil); err != nil {
			return nil, fmt.Errorf("publish: %w", err)
		}
		if i >= warmUps {
			took = append(took, time.Since(begun))
		}
	}
	for i := range contents {
		if err := web.call(http.MethodDelete, path, values(i), nil); err != nil {
			return nil, fmt.Errorf("delete the configuration: %w", err)
		}
	}
	return took, nil
}

// timeRegistrations returns how long a registration takes, if all connections register at the same time.
func timeRegistrations(who account, server string) (time.Duration, error) {
	run := time.Now().UnixMilli()
	register := func(client naming_client.INamingClient, number, service int) (bool, error) {
		return client.RegisterInstance(instance(fmt.Sprintf("measured-%d-%d", run, service), fmt.Sprintf("10.9.2.%d", number+1), port))
	}
	clients := make([]naming_client.INamingClient, connections)
	for i := range clients {
		client, err := who.naming(server)
		if err != nil {
			return 0, err
		}
		defer client.CloseClient()
		// One more, which does not count: then it is connected.
		if err := insist(func() (bool, error) { return register(client, i, registrations) }); err != nil {
			return 0, fmt.Errorf("register: %w", err)
		}
		clients[i] = client
	}
	failures := make([]error, connections)
	var all sync.WaitGroup
	begun := time.Now()
	for i, client := range clients {
		all.Go(func() {
			for s := range registrations {
				if ok, err := register(client, i, s); err != nil || !ok {
					failures[i] = fmt.Errorf("register: refused: %v", err)
					return
				}
			}
		})
	}
	all.Wait()
	return time.Since(begun) / (connections * registrations), errors.Join(failures...)
}

func percentile(values []time.Duration, percent int) time.Duration {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[(len(sorted)*percent+99)/100-1]
}

func milliseconds(value time.Duration) float64 { return float64(value.Microseconds()) / 1000 }
