// The order saga in Go, standard library only: POST /orders with {"customer_id", "items", "total_amount"} and the header
// X-Correlation-ID answers with {"state", "open"} once the saga has ended. Every request has a key of its own, is tried
// again while that may help, and is given up after CALL_TIMEOUT.
//
// BUG=forgets_unknown: what was asked and not answered is taken for not done.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strconv"
	"time"
)

type step struct {
	service, action, undo string
	attempts              int
}

var steps = []step{
	{"ORDER", "create_order", "cancel_order", 1},
	{"INVENTORY", "reserve_inventory", "release_inventory", 1},
	{"PAYMENT", "process_payment", "refund_payment", 3},
	{"SHIPPING", "create_shipment", "cancel_shipment", 2},
	{"ORDER", "confirm_order", "", 3},
}

type result int

const (
	done result = iota
	notDone
	unknown
)

var (
	timeout = 500 * time.Millisecond
	bug     = os.Getenv("BUG")
	// Without connections that are used again: where one breaks, net/http sends a request with an Idempotency-Key once more by
	// itself, beyond the attempts that are counted here.
	client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
)

type order struct {
	id   string
	body []byte
}

// ask sends one request: what became of it, and how long to wait before it is worth asking again (negative: never).
func (o order) ask(service, action string) (result, time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, os.Getenv(service+"_URL")+"/"+action, bytes.NewReader(o.body))
	if err != nil {
		log.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Correlation-ID", o.id)
	request.Header.Set("Idempotency-Key", o.id+":"+action)
	response, err := client.Do(request)
	if err != nil {
		var refused *net.OpError
		if errors.As(err, &refused) && refused.Op == "dial" {
			return notDone, 10 * time.Millisecond
		}
		return unknown, 10 * time.Millisecond
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || (response.StatusCode < 300 && !json.Valid(text)) {
		return unknown, 10 * time.Millisecond
	}
	switch code := response.StatusCode; {
	case code < 300:
		return done, -1
	case code == http.StatusTooManyRequests || code == http.StatusServiceUnavailable:
		seconds, _ := strconv.Atoi(response.Header.Get("Retry-After"))
		return notDone, time.Duration(seconds)*time.Second + 10*time.Millisecond
	case code < 500:
		return notDone, -1
	}
	return unknown, 10 * time.Millisecond
}

// insist asks until it is known what became of it, or the attempts are used up.
func (o order) insist(service, action string, attempts int) result {
	said := notDone
	for i := 0; i < attempts; i++ {
		became, pause := o.ask(service, action)
		if became == done {
			return done
		}
		if became == unknown && bug != "forgets_unknown" {
			said = unknown
		}
		if pause < 0 {
			break
		}
		if backoff := 100 * time.Millisecond << i; pause < backoff {
			pause = backoff
		}
		time.Sleep(pause)
	}
	return said
}

func (o order) run() (string, []string) {
	var begun []step
	for _, s := range steps {
		became := o.insist(s.service, s.action, s.attempts)
		if became != notDone {
			begun = append(begun, s)
		}
		if became == done {
			continue
		}
		if s.undo == "" && became == unknown {
			return "stuck", names(begun)
		}
		return o.undo(begun)
	}
	return "completed", nil
}

func (o order) undo(begun []step) (string, []string) {
	var open []step
	for i := len(begun) - 1; i >= 0; i-- {
		if o.insist(begun[i].service, begun[i].undo, 3) != done {
			open = append(open, begun[i])
		}
	}
	if len(open) > 0 {
		return "stuck", names(open)
	}
	return "cancelled", nil
}

func names(of []step) []string {
	var list []string
	for _, s := range of {
		list = append(list, s.action)
	}
	return list
}

func main() {
	if text := os.Getenv("CALL_TIMEOUT"); text != "" {
		var err error
		if timeout, err = time.ParseDuration(text); err != nil {
			log.Fatal(err)
		}
	}
	http.HandleFunc("/orders", func(writer http.ResponseWriter, request *http.Request) {
		body, err := io.ReadAll(request.Body)
		if err != nil {
			http.Error(writer, err.Error(), http.StatusBadRequest)
			return
		}
		state, open := order{request.Header.Get("X-Correlation-ID"), body}.run()
		writer.Header().Set("Content-Type", "application/json")
		json.NewEncoder(writer).Encode(map[string]any{"state": state, "open": open})
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("listening on http://%s\n", listener.Addr())
	log.Fatal(http.Serve(listener, nil))
}
