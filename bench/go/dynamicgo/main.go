// dynamicgo times dynamicgo on bytes to bytes.
package main

import (
	"context"

	"github.com/cloudwego/dynamicgo/conv"
	"github.com/cloudwego/dynamicgo/conv/j2t"
	"github.com/cloudwego/dynamicgo/conv/t2j"
	"github.com/cloudwego/dynamicgo/thrift"

	"scrimp.test/go-bench/harness"
)

func main() {
	harness.Run("dynamicgo", "dynamicgo v0.8.0", harness.TranscodeCases(transcoderOf))
}

func transcoderOf(idl string) harness.Transcoder {
	ctx := context.Background()
	service, err := thrift.NewDescritorFromContent(ctx, "bench.thrift", idl, map[string]string{}, false)
	harness.Must(err)
	method, err := service.LookupFunctionByMethod("take")
	harness.Must(err)
	toJSON, fromJSON := t2j.NewBinaryConv(conv.Options{}), j2t.NewBinaryConv(conv.Options{})
	return harness.Transcoder{
		ToJSON: func(message []byte) []byte {
			text, err := toJSON.Do(ctx, method.Request(), message)
			harness.Must(err)
			return text
		},
		FromJSON: func(text []byte) []byte {
			message, err := fromJSON.Do(ctx, method.Request(), text)
			harness.Must(err)
			return message
		},
	}
}
