// kitex-echo is Kitex in the benchmark of calls: a server, or a client under load, of ../echo.thrift.
//
//	kitex-echo server MODE
//	kitex-echo client MODE PORT
//
// Modes are those of ../kitex.ts, and the lines on standard input and output those of ../lines.ts. The code in gen/ is
// generated when the program is built: see test/support/kitex-program.ts.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/cloudwego/kitex/client"
	"github.com/cloudwego/kitex/pkg/connpool"
	"github.com/cloudwego/kitex/pkg/klog"
	"github.com/cloudwego/kitex/server"
	"github.com/cloudwego/kitex/transport"

	gen "scrimp.test/kitex-echo/gen/echo"
	"scrimp.test/kitex-echo/gen/echo/echo"
)

// mode is how client and server are set up. Meta handlers are not installed, as by default.
type mode struct {
	client []client.Option
	server []server.Option
}

// idle connections are kept for every call in flight.
var pool = client.WithLongConnection(connpool.IdleConfig{MaxIdlePerAddress: 1000, MaxIdleTimeout: time.Minute})

var modes = map[string]mode{
	"kitex-pool":   {client: []client.Option{pool, client.WithTransportProtocol(transport.TTHeader)}},
	"kitex-framed": {client: []client.Option{pool, client.WithTransportProtocol(transport.Framed)}},
	"kitex-mux": {
		client: []client.Option{client.WithMuxConnection(2), client.WithTransportProtocol(transport.TTHeader)},
		server: []server.Option{server.WithMuxTransport()},
	},
}

const warmUpMs = 300

func main() {
	klog.SetLevel(klog.LevelError)
	role, mode := os.Args[1], modes[os.Args[2]]
	if role == "server" {
		serve(mode)
	} else {
		call(mode, os.Args[3])
	}
}

type handler struct{}

func (handler) Echo(ctx context.Context, message *gen.Message) (*gen.Message, error) {
	return message, nil
}

func serve(mode mode) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	serving := echo.NewServer(&handler{}, append(mode.server, server.WithListener(listener))...)
	go func() { must(serving.Run()) }()
	say(map[string]any{"port": listener.Addr().(*net.TCPAddr).Port})
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		say(map[string]any{"cpuMs": cpuMs()})
	}
}

type load struct {
	Bytes       int `json:"bytes"`
	Concurrency int `json:"concurrency"`
	Ms          int `json:"ms"`
}

type measured struct {
	Calls   int     `json:"calls"`
	Failed  int     `json:"failed"`
	Seconds float64 `json:"seconds"`
	P50Us   float64 `json:"p50Us"`
	P99Us   float64 `json:"p99Us"`
	CpuMs   float64 `json:"cpuMs"`
}

func call(mode mode, port string) {
	caller, err := echo.NewClient("echo", append(mode.client,
		client.WithHostPorts("127.0.0.1:"+port),
		// By default 50 ms, which 128 connections at once can take.
		client.WithConnectTimeout(time.Second),
	)...)
	must(err)
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		var asked load
		must(json.Unmarshal(lines.Bytes(), &asked))
		drive(caller, load{asked.Bytes, asked.Concurrency, warmUpMs})
		say(drive(caller, asked))
	}
}

// drive is a closed loop: as many calls in flight as asked for, until the time is over.
func drive(caller echo.Client, asked load) measured {
	message := messageOf(asked.Bytes)
	reply, err := caller.Echo(context.Background(), message)
	must(err)
	if reply.Text != message.Text {
		panic("the reply is not what was sent")
	}
	var loops sync.WaitGroup
	latencies := make([][]time.Duration, asked.Concurrency)
	failed := make([]int, asked.Concurrency)
	cpuBefore, start := cpuMs(), time.Now()
	end := start.Add(time.Duration(asked.Ms) * time.Millisecond)
	for loop := range asked.Concurrency {
		loops.Go(func() {
			for now := time.Now(); now.Before(end); {
				if _, err := caller.Echo(context.Background(), message); err != nil {
					failed[loop]++
				}
				after := time.Now()
				latencies[loop] = append(latencies[loop], after.Sub(now))
				now = after
			}
		})
	}
	loops.Wait()
	seconds, used := time.Since(start).Seconds(), cpuMs()-cpuBefore
	all := slices.Concat(latencies...)
	slices.Sort(all)
	quantileUs := func(share float64) float64 {
		return float64(all[int(float64(len(all)-1)*share)].Nanoseconds()) / 1000
	}
	failures := 0
	for _, each := range failed {
		failures += each
	}
	return measured{len(all), failures, seconds, quantileUs(0.5), quantileUs(0.99), used}
}

// bytesWithoutText is what the struct takes in binary without its text.
const bytesWithoutText = 5*3 + 8 + 4 + 1 + (4 + 4) + 4 + 1

func messageOf(bytes int) *gen.Message {
	text := strings.Repeat("x", bytes-bytesWithoutText)
	return &gen.Message{Id: 81_985_529, Kind: 7, Urgent: true, Action: "echo", Text: text}
}

func cpuMs() float64 {
	var usage syscall.Rusage
	must(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e6
}

func say(line any) {
	text, err := json.Marshal(line)
	must(err)
	fmt.Println(string(text))
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
