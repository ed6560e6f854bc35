package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/bytedance/gopkg/cloud/metainfo"
	"github.com/cloudwego/gopkg/protocol/thrift"
	"github.com/cloudwego/kitex/client"
	"github.com/cloudwego/kitex/client/callopt"
	"github.com/cloudwego/kitex/pkg/kerrors"
	"github.com/cloudwego/kitex/pkg/remote"
	"github.com/cloudwego/kitex/pkg/remote/codec"
	"github.com/cloudwego/kitex/pkg/serviceinfo"
	"github.com/cloudwego/kitex/pkg/transmeta"
	kitex "github.com/cloudwego/kitex/transport"

	"scrimp.test/kitex/gen/everything/counter"
	"scrimp.test/kitex/gen/everything/everything"
	"scrimp.test/kitex/gen/everything/meta"
	"scrimp.test/kitex/gen/everything/newer_"
)

// request is a call to make.
type request struct {
	Id      int    `json:"id"`
	Service string `json:"service"`
	Method  string `json:"method"`
	// The arguments' struct in the binary protocol, in base64.
	Args       []byte            `json:"args"`
	TimeoutMs  int               `json:"timeoutMs"`
	Persistent map[string]string `json:"persistent"`
	Transient  map[string]string `json:"transient"`
}

// answer is what became of it; one of Result, Application, Biz and Error.
type answer struct {
	Id int `json:"id"`
	// The result's struct, which also has the declared exceptions; empty where there is none.
	Result      *[]byte           `json:"result,omitempty"`
	Application *application      `json:"application,omitempty"`
	Biz         *bizStatus        `json:"biz,omitempty"`
	Error       string            `json:"error,omitempty"`
	Backward    map[string]string `json:"backward,omitempty"`
}

type application struct {
	Type    int32  `json:"type"`
	Message string `json:"message"`
}

type bizStatus struct {
	Code    int32             `json:"code"`
	Message string            `json:"message"`
	Extra   map[string]string `json:"extra"`
}

var transports = map[string]kitex.Protocol{
	"framed":          kitex.Framed,
	"buffered":        kitex.PurePayload,
	"ttheader":        kitex.TTHeader,
	"ttheader-framed": kitex.TTHeaderFramed,
}

// caller is a client of one service, for calls of any of its methods.
type caller struct {
	info   *serviceinfo.ServiceInfo
	client client.Client
}

// call makes the calls of standard input, each in a goroutine of its own, until the input ends.
func call() {
	callers := map[string]caller{}
	for _, info := range []*serviceinfo.ServiceInfo{
		everything.NewServiceInfo(), newer_.NewServiceInfo(), counter.NewServiceInfo(), meta.NewServiceInfo(),
	} {
		made, err := client.NewClient(info, clientOptions()...)
		if err != nil {
			fail(err)
		}
		callers[info.ServiceName] = caller{info, made}
	}
	var running sync.WaitGroup
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<26)
	for lines.Scan() {
		var line request
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			fail(err)
		}
		running.Add(1)
		go func() {
			defer running.Done()
			printLine(callers[line.Service].answer(line))
		}()
	}
	running.Wait()
}

func clientOptions() []client.Option {
	options := []client.Option{
		client.WithDestService("scrimp"),
		client.WithHostPorts(strings.Split(*address, ",")...),
		client.WithTransportProtocol(transports[*transport]),
		client.WithMetaHandler(transmeta.ClientTTHeaderHandler),
		client.WithConnectTimeout(time.Second),
	}
	if *mux {
		options = append(options, client.WithMuxConnection(1))
	}
	if *checksum {
		options = append(options, client.WithCodec(codec.NewDefaultCodecWithConfig(codec.CodecConfig{CRC32Check: true})))
	}
	return options
}

func (c caller) answer(line request) answer {
	method := c.info.MethodInfo(context.Background(), line.Method)
	args := method.NewArgs()
	var result any
	if !method.OneWay() {
		result = method.NewResult()
	}
	if err := thrift.FastUnmarshal(line.Args, args.(thrift.FastCodec)); err != nil {
		fail(err)
	}
	ctx := metainfo.WithBackwardValues(context.Background())
	for key, value := range line.Persistent {
		ctx = metainfo.WithPersistentValue(ctx, key, value)
	}
	for key, value := range line.Transient {
		ctx = metainfo.WithValue(ctx, key, value)
	}
	if line.TimeoutMs > 0 {
		ctx = client.NewCtxWithCallOptions(ctx, []callopt.Option{
			callopt.WithRPCTimeout(time.Duration(line.TimeoutMs) * time.Millisecond),
		})
	}
	err := c.client.Call(ctx, line.Method, args, result)
	// Kitex asks for six connections, but all may be to the one server that has just gone.
	for try := 0; try < 5 && errors.Is(err, kerrors.ErrGetConnection); try++ {
		err = c.client.Call(ctx, line.Method, args, result)
	}
	return outcomeOf(answer{Id: line.Id, Backward: metainfo.RecvAllBackwardValues(ctx)}, result, err)
}

func outcomeOf(to answer, result any, err error) answer {
	var refused *remote.TransError
	if biz, ok := kerrors.FromBizStatusError(err); ok {
		to.Biz = &bizStatus{biz.BizStatusCode(), biz.BizMessage(), biz.BizExtra()}
	} else if errors.Is(err, kerrors.ErrRemoteOrNetwork) && errors.As(err, &refused) {
		to.Application = &application{refused.TypeID(), refused.Error()}
	} else if err != nil {
		to.Error = err.Error()
	} else {
		bytes := []byte{}
		// A oneway method has no result.
		if codec, ok := result.(thrift.FastCodec); ok {
			bytes = thrift.FastMarshal(codec)
		}
		to.Result = &bytes
	}
	return to
}
