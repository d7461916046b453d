package main

import (
	"fmt"
	"time"

	"github.com/nacos-group/nacos-sdk-go/v2/model"
	"github.com/nacos-group/nacos-sdk-go/v2/vo"
)

const patience = 20 * time.Second

// check registers a service and publishes a configuration at each member, and reports how long it took until the client
// of the next member saw it, and saw that the service was gone.
func check(who account, members []string) error {
	for i, member := range members {
		next := members[(i+1)%len(members)]
		if err := checkPair(who, member, next); err != nil {
			return fmt.Errorf("%s, seen from %s: %w", member, next, err)
		}
	}
	return nil
}

func checkPair(who account, member, next string) error {
	run := time.Now().UnixMilli()
	name := fmt.Sprintf("check-%d", run)
	provider, err := who.naming(member)
	if err != nil {
		return err
	}
	defer provider.CloseClient()
	consumer, err := who.naming(next)
	if err != nil {
		return err
	}
	defer consumer.CloseClient()
	publisher, err := who.config(member)
	if err != nil {
		return err
	}
	defer publisher.CloseClient()
	listener, err := who.config(next)
	if err != nil {
		return err
	}
	defer listener.CloseClient()

	sizes := make(chan int, 100)
	contents := make(chan string, 100)
	subscription := vo.SubscribeParam{ServiceName: name, SubscribeCallback: func(hosts []model.Instance, err error) {
		if err == nil {
			sizes <- len(hosts)
		}
	}}
	if err := consumer.Subscribe(&subscription); err != nil {
		return fmt.Errorf("subscribe: %w", err)
	}
	defer func() { _ = consumer.Unsubscribe(&subscription) }()
	listening := vo.ConfigParam{DataId: name, Group: "DEFAULT_GROUP", OnChange: func(_, _, _, content string) { contents <- content }}
	if err := listener.ListenConfig(listening); err != nil {
		return fmt.Errorf("listen: %w", err)
	}

	timings := map[string]any{"member": member, "next": next}
	steps := []struct {
		name string
		do   func() (bool, error)
		seen func() error
	}{
		{"discoveredMs", func() (bool, error) { return provider.RegisterInstance(instance(name, "10.9.0.1", port)) }, func() error { return await(sizes, 1) }},
		{"goneMs", func() (bool, error) {
			return provider.DeregisterInstance(vo.DeregisterInstanceParam{ServiceName: name, Ip: "10.9.0.1", Port: port, Ephemeral: true})
		}, func() error { return await(sizes, 0) }},
		{"deliveredMs", func() (bool, error) {
			return publisher.PublishConfig(vo.ConfigParam{DataId: name, Group: "DEFAULT_GROUP", Content: name})
		}, func() error { return await(contents, name) }},
	}
	for _, step := range steps {
		begun := time.Now()
		if err := insist(step.do); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
		if err := step.seen(); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
		timings[step.name] = time.Since(begun).Milliseconds()
	}
	remove := func() (bool, error) {
		return publisher.DeleteConfig(vo.ConfigParam{DataId: name, Group: "DEFAULT_GROUP"})
	}
	if err := insist(remove); err != nil {
		return fmt.Errorf("delete the configuration: %w", err)
	}
	say("checked", timings)
	return nil
}

// insist retries a call that is refused or, on a busy machine, not answered within the SDK's three seconds.
func insist(do func() (bool, error)) error {
	for deadline := time.Now().Add(patience); ; time.Sleep(time.Second) {
		ok, err := do()
		if err == nil && ok {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("refused for %s: %v", patience, err)
		}
	}
}

func instance(service, ip string, port uint64) vo.RegisterInstanceParam {
	return vo.RegisterInstanceParam{ServiceName: service, Ip: ip, Port: port, Weight: 1, Enable: true, Healthy: true, Ephemeral: true}
}

func await[T comparable](values chan T, wanted T) error {
	deadline := time.After(patience)
	for {
		select {
		case value := <-values:
			if value == wanted {
				return nil
			}
		case <-deadline:
			return fmt.Errorf("%v was not seen within %s", wanted, patience)
		}
	}
}
