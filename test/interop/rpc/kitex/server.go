package main

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/bytedance/gopkg/cloud/metainfo"
	generics "github.com/cloudwego/kitex/pkg/generic"
	"github.com/cloudwego/kitex/pkg/generic/descriptor"
	"github.com/cloudwego/kitex/pkg/kerrors"
	"github.com/cloudwego/kitex/pkg/remote/codec"
	"github.com/cloudwego/kitex/pkg/transmeta"
	"github.com/cloudwego/kitex/server"
	"github.com/cloudwego/kitex/server/genericserver"

	thrift "scrimp.test/kitex/gen/everything"
	"scrimp.test/kitex/gen/everything/counter"
	"scrimp.test/kitex/gen/everything/everything"
	"scrimp.test/kitex/gen/everything/meta"
)

// listen takes a port, for a server with these options.
func listen() (port int, options []server.Option) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fail(err)
	}
	options = []server.Option{
		server.WithListener(listener),
		server.WithMetaHandler(transmeta.ServerTTHeaderHandler),
		server.WithEnableContextTimeout(true),
		server.WithExitSignal(func() <-chan error { return make(chan error) }),
	}
	if *mux {
		options = append(options, server.WithMuxTransport())
	}
	if *checksum {
		options = append(options, server.WithCodec(codec.NewDefaultCodecWithConfig(codec.CodecConfig{CRC32Check: true})))
	}
	return listener.Addr().(*net.TCPAddr).Port, options
}

// run prints the port, serves until standard input ends, then shuts down as Kitex does on a signal: callers are told,
// running calls end.
func run(port int, serving server.Server) {
	go func() {
		printLine(map[string]any{"port": port})
		io.Copy(io.Discard, os.Stdin)
		serving.Stop()
	}()
	if err := serving.Run(); err != nil {
		fail(err)
	}
}

func serve() {
	port, options := listen()
	services := server.NewServer(options...)
	for _, err := range []error{
		// Both have `ping` and `name`: where the caller names no service, the fallback answers.
		everything.RegisterService(services, &everythingHandler{named: named("Everything")}, server.WithFallbackService()),
		counter.RegisterService(services, &counterHandler{named: named("Counter")}),
		meta.RegisterService(services, &metaHandler{}),
	} {
		if err != nil {
			fail(err)
		}
	}
	run(port, services)
}

// A generic server answers void methods in a way of its own.
const genericIdl = "service Generic { void check(1: string key) }"

type genericHandler struct{}

func (genericHandler) GenericCall(ctx context.Context, method string, request any) (any, error) {
	return descriptor.Void{}, nil
}

func serveGeneric() {
	provider, err := generics.NewThriftContentProvider(genericIdl, nil)
	if err != nil {
		fail(err)
	}
	json, err := generics.JSONThriftGeneric(provider)
	if err != nil {
		fail(err)
	}
	port, options := listen()
	run(port, genericserver.NewServer(&genericHandler{}, json, options...))
}

// named is the service Base, under a name.
type named string

func (n named) Ping(ctx context.Context) error           { return nil }
func (n named) Name(ctx context.Context) (string, error) { return string(n), nil }

type counterHandler struct {
	named
	mutex sync.Mutex
	total int64
}

func (h *counterHandler) Add(ctx context.Context, amount int64) (int64, error) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.total += amount
	return h.total, nil
}

type everythingHandler struct {
	named
	mutex sync.Mutex
	texts []string
}

func (h *everythingHandler) Echo(ctx context.Context, value *thrift.Values) (*thrift.Values, error) {
	return value, nil
}
func (h *everythingHandler) EchoBool(ctx context.Context, value bool) (bool, error) {
	return value, nil
}
func (h *everythingHandler) EchoI8(ctx context.Context, value int8) (int8, error) { return value, nil }
func (h *everythingHandler) EchoI16(ctx context.Context, value int16) (int16, error) {
	return value, nil
}
func (h *everythingHandler) EchoI32(ctx context.Context, value int32) (int32, error) {
	return value, nil
}
func (h *everythingHandler) EchoI64(ctx context.Context, value int64) (int64, error) {
	return value, nil
}
func (h *everythingHandler) EchoSet(ctx context.Context, value []int32) ([]int32, error) {
	return value, nil
}
func (h *everythingHandler) EchoDouble(ctx context.Context, value float64) (float64, error) {
	return value, nil
}
func (h *everythingHandler) EchoString(ctx context.Context, value string) (string, error) {
	return value, nil
}
func (h *everythingHandler) EchoBinary(ctx context.Context, value []byte) ([]byte, error) {
	return value, nil
}
func (h *everythingHandler) EchoColor(ctx context.Context, value thrift.Color) (thrift.Color, error) {
	return value, nil
}
func (h *everythingHandler) EchoShape(ctx context.Context, value *thrift.Shape) (*thrift.Shape, error) {
	return value, nil
}
func (h *everythingHandler) EchoList(ctx context.Context, value []*thrift.Point) ([]*thrift.Point, error) {
	return value, nil
}
func (h *everythingHandler) EchoMap(ctx context.Context, value map[string][]int64) (map[string][]int64, error) {
	return value, nil
}

func (h *everythingHandler) Join(ctx context.Context, words []string, glue string, times int32) (string, error) {
	return strings.Repeat(strings.Join(words, glue), int(times)), nil
}

func (h *everythingHandler) Find(ctx context.Context, key string) (*thrift.Point, error) {
	if err := refusal(key); err != nil {
		return nil, err
	}
	return &thrift.Point{X: int32(len(key))}, nil
}

func (h *everythingHandler) Check(ctx context.Context, key string) error {
	return refusal(key)
}

func refusal(key string) error {
	switch key {
	case "lost":
		return &thrift.NotFound{Message: "é", Code: 404, Near: &thrift.Point{X: 1, Y: -1}}
	case "denied":
		return &thrift.Forbidden{Who: "nobody"}
	case "broken":
		return errors.New("broken")
	}
	return nil
}

func (h *everythingHandler) Note(ctx context.Context, text string) error {
	if text == "broken" {
		return errors.New("broken")
	}
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.texts = append(h.texts, text)
	return nil
}

func (h *everythingHandler) Notes(ctx context.Context) ([]string, error) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	texts := h.texts
	h.texts = nil
	return texts, nil
}

func (h *everythingHandler) Wait(ctx context.Context, ms int32) (int32, error) {
	time.Sleep(time.Duration(ms) * time.Millisecond)
	return ms, nil
}

type metaHandler struct{}

func (metaHandler) Seen(ctx context.Context) (map[string]string, error) {
	seen := map[string]string{}
	for key, value := range metainfo.GetAllPersistentValues(ctx) {
		seen["persistent "+key] = value
	}
	for key, value := range metainfo.GetAllValues(ctx) {
		seen["transient "+key] = value
	}
	if deadline, ok := ctx.Deadline(); ok {
		seen["deadline"] = strconv.FormatInt(time.Until(deadline).Milliseconds(), 10)
	}
	metainfo.SendBackwardValue(ctx, "answered-by", "meta")
	return seen, nil
}

func (metaHandler) Refuse(ctx context.Context, code int32, message string, extra map[string]string) (string, error) {
	return "", kerrors.NewBizStatusErrorWithExtra(code, message, extra)
}
