// kitex times the codec of Kitex's JSON generic calls, without dynamicgo, on bytes to bytes. It is a module of its own: with the
// packages that it needs, the other programs would collect garbage more often.
package main

import (
	"context"

	"github.com/cloudwego/gopkg/bufiox"
	"github.com/cloudwego/kitex/pkg/generic"
	"github.com/cloudwego/kitex/pkg/generic/thrift"
	"github.com/cloudwego/kitex/pkg/utils"

	"scrimp.test/go-bench/harness"
)

func main() {
	harness.Run("Kitex generic", "Kitex v0.16.3", harness.TranscodeCases(transcoderOf))
}

// transcoderOf reads as servers read requests and writes as clients write them.
func transcoderOf(idl string) harness.Transcoder {
	ctx := context.Background()
	const path = "bench.thrift"
	provider, err := generic.NewThriftContentWithAbsIncludePathProvider(path, map[string]string{path: idl})
	harness.Must(err)
	codec := thrift.NewJsonReaderWriter(<-provider.Provide())
	return harness.Transcoder{
		ToJSON: func(message []byte) []byte {
			text, err := codec.Read(ctx, "take", false, len(message), bufiox.NewBytesReader(message))
			harness.Must(err)
			return utils.StringToSliceByte(text.(string))
		},
		FromJSON: func(text []byte) []byte {
			// Text is longer than its message, so that the buffer never grows.
			message := make([]byte, 0, len(text))
			out := bufiox.NewBytesWriter(&message)
			harness.Must(codec.Write(ctx, out, utils.SliceByteToString(text), "take", true, nil))
			harness.Must(out.Flush())
			return message
		},
	}
}
