package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"time"
)

const beating = "watched-by-beats"

// web is a client without the SDK, over the HTTP interface that 2.x and 3.x have in common. Each request opens a new
// connection, so that it can reach any server that is in the Service at that moment.
type web struct {
	base, token string
	who         account
	http        *http.Client
	next        int
}

func newWeb(who account, server string) *web {
	return &web{
		base: fmt.Sprintf("http://%s:%d/nacos", server, port),
		who:  who,
		http: &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}},
	}
}

func (w *web) call(method, path string, values url.Values, answer any) error {
	var body io.Reader
	address := w.base + path
	if method == http.MethodPost {
		body = strings.NewReader(values.Encode())
	} else {
		address += "?" + values.Encode()
	}
	begun, reached := time.Now(), "nobody"
	reach := func(what string) { reached = fmt.Sprintf("%s after %d ms", what, time.Since(begun).Milliseconds()) }
	trace := httptrace.ClientTrace{
		DNSDone:      func(httptrace.DNSDoneInfo) { reach("the name server") },
		GotConn:      func(info httptrace.GotConnInfo) { reach(info.Conn.RemoteAddr().String()) },
		WroteRequest: func(httptrace.WroteRequestInfo) { reached += ", which has the request" },
	}
	request, err := http.NewRequestWithContext(httptrace.WithClientTrace(context.Background(), &trace), method, address, body)
	if err != nil {
		return err
	}
	request.Header.Set("accessToken", w.token)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := w.http.Do(request)
	if err != nil {
		return fmt.Errorf("reached %s: %w", reached, err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%d %.200s", response.StatusCode, content)
	}
	if answer == nil {
		return nil
	}
	return json.Unmarshal(content, answer)
}

func (w *web) logIn() error {
	var login struct {
		AccessToken string `json:"accessToken"`
	}
	if err := w.call(http.MethodPost, "/v1/auth/users/login", url.Values{"username": {w.who.username}, "password": {w.who.password}}, &login); err != nil {
		return fmt.Errorf("log in: %w", err)
	}
	w.token = login.AccessToken
	return nil
}

// register logs in, and registers an instance that lives as long as its heartbeats.
func (w *web) register() error {
	if err := w.logIn(); err != nil {
		return err
	}
	values := url.Values{"serviceName": {beating}, "ip": {"10.9.0.9"}, "port": {"80"}, "ephemeral": {"true"}}
	if err := w.call(http.MethodPost, "/v1/ns/instance", values, nil); err != nil {
		return fmt.Errorf("register over HTTP: %w", err)
	}
	return nil
}

func (w *web) beat() {
	beat := `{"serviceName":"DEFAULT_GROUP@@` + beating + `","ip":"10.9.0.9","port":80,"cluster":"DEFAULT"}`
	values := url.Values{"serviceName": {beating}, "ip": {"10.9.0.9"}, "port": {"80"}, "beat": {beat}}
	if err := w.call(http.MethodPut, "/v1/ns/instance/beat", values, nil); err != nil {
		seen.failedBeats.Add(1)
		say("beat failed", map[string]any{"error": err.Error()})
		return
	}
	seen.beats.Add(1)
}

// ask reads the list of one service after the other from a server.
func (w *web) ask() {
	service := serviceName(w.next % services)
	w.next++
	var list struct {
		Hosts []struct {
			Healthy bool `json:"healthy"`
		} `json:"hosts"`
	}
	if err := w.call(http.MethodGet, "/v1/ns/instance/list", url.Values{"serviceName": {service}}, &list); err != nil {
		seen.failedAsks.Add(1)
		say("ask failed", map[string]any{"service": service, "error": err.Error()})
		return
	}
	seen.asks.Add(1)
	size := 0
	for _, host := range list.Hosts {
		if host.Healthy {
			size++
		}
	}
	if size > providers {
		seen.longAsks.Add(1)
	}
	if size < providers {
		seen.shortAsks.Add(1)
		say("short ask", map[string]any{"service": service, "size": size})
	}
}
