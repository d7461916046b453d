package main

import (
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/nacos-group/nacos-sdk-go/v2/clients/config_client"
	"github.com/nacos-group/nacos-sdk-go/v2/clients/naming_client"
	"github.com/nacos-group/nacos-sdk-go/v2/model"
	"github.com/nacos-group/nacos-sdk-go/v2/vo"
)

const (
	services  = 20
	providers = 3         // processes that each register every service
	watched   = "watched" // a configuration that changes all the time
	kept      = "kept"    // one that does not, and is read: the SDK allows itself five reads of one a second
	every     = 500 * time.Millisecond
)

// seen counts since the start; the slowest values are those since the last summary.
var seen struct {
	pushes, shortPushes, emptyPushes        atomic.Int64
	views, shortViews, emptyViews           atomic.Int64
	asks, shortAsks, failedAsks             atomic.Int64
	longPushes, longViews, longAsks         atomic.Int64
	publishes, failedPublishes              atomic.Int64
	deliveries, lastPublished, lastDelivery atomic.Int64
	reads, failedReads                      atomic.Int64
	beats, failedBeats                      atomic.Int64
	slowestPublish, slowestDelivery         atomic.Int64
}

// watch keeps services registered and subscribed to, and publishes, reads and listens to a configuration, until it is
// stopped. It prints "started" as soon as every list is complete, then every failure and short list, and a summary each second.
// As many further clients as crowd says listen to a configuration each, with a connection of their own. The configurations differ,
// because the SDK limits the reads of one.
func watch(who account, server string, crowd int) error {
	for i := range providers {
		client, err := who.naming(server)
		if err != nil {
			return err
		}
		for s := range services {
			if ok, err := client.RegisterInstance(instance(serviceName(s), fmt.Sprintf("10.9.0.%d", i+1), port)); err != nil || !ok {
				return fmt.Errorf("register: refused: %v", err)
			}
		}
	}
	subscriber, err := who.naming(server)
	if err != nil {
		return err
	}
	publisher, err := who.config(server)
	if err != nil {
		return err
	}
	listener, err := who.config(server)
	if err != nil {
		return err
	}
	web := newWeb(who, server)
	if err := web.register(); err != nil {
		return err
	}
	if ok, err := publisher.PublishConfig(vo.ConfigParam{DataId: kept, Group: "DEFAULT_GROUP", Content: kept}); err != nil || !ok {
		return fmt.Errorf("publish: refused: %v", err)
	}
	if err := whole(subscriber, publisher); err != nil {
		return err
	}
	for s := range services {
		if err := subscriber.Subscribe(&vo.SubscribeParam{ServiceName: serviceName(s), SubscribeCallback: pushed(serviceName(s))}); err != nil {
			return fmt.Errorf("subscribe: %w", err)
		}
	}
	if err := listener.ListenConfig(vo.ConfigParam{DataId: watched, Group: "DEFAULT_GROUP", OnChange: delivered}); err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	for i := range crowd {
		member, err := who.config(server)
		if err != nil {
			return err
		}
		if err := member.ListenConfig(vo.ConfigParam{DataId: fmt.Sprintf("crowd-%d", i), Group: "DEFAULT_GROUP", OnChange: func(_, _, _, _ string) {}}); err != nil {
			return fmt.Errorf("listen: %w", err)
		}
	}
	say("started", nil)
	go again(every, func() { publish(publisher) })
	go again(every, func() { read(publisher) })
	go again(every/2, func() { view(subscriber) })
	go again(every/2, web.ask)
	go again(10*every, web.beat)
	again(2*every, summarize)
	return nil
}

func serviceName(number int) string { return fmt.Sprintf("watched-%02d", number) }

func again(pause time.Duration, do func()) {
	for {
		next := time.Now().Add(pause)
		do()
		time.Sleep(time.Until(next))
	}
}

// whole waits until the servers know every instance and the configuration that is read.
func whole(subscriber naming_client.INamingClient, reader config_client.IConfigClient) error {
	deadline := time.Now().Add(patience)
	until := func(what string, done func() bool) error {
		for !done() {
			if time.Now().After(deadline) {
				return fmt.Errorf("%s is not there after %s", what, patience)
			}
			time.Sleep(250 * time.Millisecond)
		}
		return nil
	}
	for s := range services {
		if err := until(serviceName(s), func() bool {
			service, err := subscriber.GetService(vo.GetServiceParam{ServiceName: serviceName(s)})
			return err == nil && len(service.Hosts) == providers
		}); err != nil {
			return err
		}
	}
	return until(kept, func() bool {
		content, err := reader.GetConfig(vo.ConfigParam{DataId: kept, Group: "DEFAULT_GROUP"})
		return err == nil && content == kept
	})
}

func pushed(service string) func([]model.Instance, error) {
	return func(hosts []model.Instance, err error) {
		seen.pushes.Add(1)
		size := healthy(hosts)
		if size == 0 {
			seen.emptyPushes.Add(1)
		}
		if size < providers {
			seen.shortPushes.Add(1)
		}
		if size > providers {
			seen.longPushes.Add(1)
		}
		say("pushed", map[string]any{"service": service, "size": size})
	}
}

// view looks at the lists as an application does: in the SDK's own memory.
func view(client naming_client.INamingClient) {
	short, empty, long, shortest := 0, 0, 0, providers
	for s := range services {
		service, err := client.GetService(vo.GetServiceParam{ServiceName: serviceName(s)})
		size := healthy(service.Hosts)
		if err != nil {
			size = 0
		}
		shortest = min(shortest, size)
		if size == 0 {
			empty++
		}
		if size < providers {
			short++
		}
		if size > providers {
			long++
		}
	}
	seen.views.Add(1)
	if long > 0 {
		seen.longViews.Add(1)
	}
	if short == 0 {
		return
	}
	seen.shortViews.Add(1)
	if empty > 0 {
		seen.emptyViews.Add(1)
	}
	say("short view", map[string]any{"short": short, "empty": empty, "size": shortest})
}

func healthy(hosts []model.Instance) int {
	count := 0
	for _, host := range hosts {
		if host.Healthy && host.Enable {
			count++
		}
	}
	return count
}

func publish(client config_client.IConfigClient) {
	begun := time.Now()
	content := begun.UnixMilli()
	ok, err := client.PublishConfig(vo.ConfigParam{DataId: watched, Group: "DEFAULT_GROUP", Content: strconv.FormatInt(content, 10)})
	took := time.Since(begun).Milliseconds()
	if err == nil && !ok {
		err = errors.New("refused without a reason")
	}
	if err != nil {
		seen.failedPublishes.Add(1)
		say("publish failed", map[string]any{"error": err.Error(), "ms": took})
		return
	}
	seen.publishes.Add(1)
	seen.lastPublished.Store(content)
	raise(&seen.slowestPublish, took)
}

func read(client config_client.IConfigClient) {
	content, err := client.GetConfig(vo.ConfigParam{DataId: kept, Group: "DEFAULT_GROUP"})
	if err == nil && content != kept {
		err = fmt.Errorf("%q", content)
	}
	if err != nil {
		seen.failedReads.Add(1)
		say("read failed", map[string]any{"error": err.Error()})
		return
	}
	seen.reads.Add(1)
}

func delivered(_, _, _, content string) {
	published, err := strconv.ParseInt(content, 10, 64)
	if err != nil {
		return
	}
	seen.deliveries.Add(1)
	raise(&seen.lastDelivery, published)
	raise(&seen.slowestDelivery, time.Now().UnixMilli()-published)
}

func raise(highest *atomic.Int64, value int64) {
	for {
		now := highest.Load()
		if value <= now || highest.CompareAndSwap(now, value) {
			return
		}
	}
}

func summarize() {
	say("summary", map[string]any{
		"pushes": seen.pushes.Load(), "shortPushes": seen.shortPushes.Load(), "emptyPushes": seen.emptyPushes.Load(),
		"views": seen.views.Load(), "shortViews": seen.shortViews.Load(), "emptyViews": seen.emptyViews.Load(),
		"asks": seen.asks.Load(), "shortAsks": seen.shortAsks.Load(), "failedAsks": seen.failedAsks.Load(),
		"longPushes": seen.longPushes.Load(), "longViews": seen.longViews.Load(), "longAsks": seen.longAsks.Load(),
		"publishes": seen.publishes.Load(), "failedPublishes": seen.failedPublishes.Load(),
		"deliveries": seen.deliveries.Load(), "lastPublished": seen.lastPublished.Load(), "lastDelivered": seen.lastDelivery.Load(),
		"reads": seen.reads.Load(), "failedReads": seen.failedReads.Load(),
		"beats": seen.beats.Load(), "failedBeats": seen.failedBeats.Load(),
		"connects": connects.Load(), "failedHealthChecks": failedHealthChecks.Load(),
		"slowestPublishMs": seen.slowestPublish.Swap(0), "slowestDeliveryMs": seen.slowestDelivery.Swap(0),
	})
}
