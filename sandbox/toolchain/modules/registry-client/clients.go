package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"

	"github.com/nacos-group/nacos-sdk-go/v2/clients"
	"github.com/nacos-group/nacos-sdk-go/v2/clients/config_client"
	"github.com/nacos-group/nacos-sdk-go/v2/clients/naming_client"
	"github.com/nacos-group/nacos-sdk-go/v2/common/constant"
	"github.com/nacos-group/nacos-sdk-go/v2/vo"
)

const port = 8848

// What the SDK's log reports and its interface does not. The messages themselves may contain a token, so they are not printed.
var connects, failedHealthChecks atomic.Int64

type account struct{ username, password string }

func readAccount(folder string) (account, error) {
	read := func(name string) (string, error) {
		content, err := os.ReadFile(filepath.Join(folder, name))
		return strings.TrimSpace(string(content)), err
	}
	username, err := read("username")
	if err != nil {
		return account{}, err
	}
	password, err := read("password")
	return account{username, password}, err
}

// The SDK's defaults would hide what must be seen here: empty lists, and servers that answer no read.
func (a account) options(server string) (vo.NacosClientParam, error) {
	cache, err := os.MkdirTemp("", "sdk-") // one for each client, so that none reads what another has seen
	return vo.NacosClientParam{
		ClientConfig: constant.NewClientConfig(
			constant.WithUsername(a.username),
			constant.WithPassword(a.password),
			constant.WithCacheDir(cache),
			constant.WithNotLoadCacheAtStart(true),
			constant.WithUpdateCacheWhenEmpty(true),
			constant.WithDisableUseSnapShot(true),
		),
		ServerConfigs: []constant.ServerConfig{*constant.NewServerConfig(server, port)},
	}, err
}

func (a account) naming(server string) (naming_client.INamingClient, error) {
	options, err := a.options(server)
	if err != nil {
		return nil, err
	}
	client, err := clients.NewNamingClient(options)
	if err != nil {
		return nil, fmt.Errorf("naming client of %s: %w", server, err)
	}
	return client, nil
}

func (a account) config(server string) (config_client.IConfigClient, error) {
	options, err := a.options(server)
	if err != nil {
		return nil, err
	}
	client, err := clients.NewConfigClient(options)
	if err != nil {
		return nil, fmt.Errorf("config client of %s: %w", server, err)
	}
	return client, nil
}

type sdkLog struct{}

func (sdkLog) Info(...any)           {}
func (sdkLog) Warn(...any)           {}
func (sdkLog) Error(...any)          {}
func (sdkLog) Debug(...any)          {}
func (sdkLog) Warnf(string, ...any)  {}
func (sdkLog) Errorf(string, ...any) {}
func (sdkLog) Debugf(string, ...any) {}
func (sdkLog) Close() error          { return nil }

func (sdkLog) Infof(format string, _ ...any) {
	switch {
	case strings.Contains(format, "success to connect"):
		connects.Add(1)
	case strings.Contains(format, "server healthy check fail"):
		failedHealthChecks.Add(1)
	}
}
