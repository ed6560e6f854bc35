package main

import (
	"context"
	"os"
	"path/filepath"

	"github.com/cloudwego/dynamicgo/conv"
	"github.com/cloudwego/dynamicgo/conv/j2t"
	"github.com/cloudwego/dynamicgo/conv/t2j"
	"github.com/cloudwego/dynamicgo/thrift"
)

// Operations that turn bytes into bytes, which dynamicgo is for.
const (
	toJSON   = "to-json"
	fromJSON = "from-json"
)

// transcoderFor reads the type of a workload from the IDL that lies beside its messages. dynamicgo finds types by way of
// methods that take them, so each struct of the IDL gets one.
func transcoderFor(folder, workload, operation string) func(message []byte) []byte {
	idl, err := os.ReadFile(filepath.Join(folder, workload+".thrift"))
	must(err)
	name, err := os.ReadFile(filepath.Join(folder, workload+".type"))
	must(err)
	content := string(idl) + "\nservice Bench { void take(1: " + string(name) + " value) }\n"
	ctx := context.Background()
	service, err := thrift.NewDescritorFromContent(ctx, "bench.thrift", content, map[string]string{}, false)
	must(err)
	method, err := service.LookupFunctionByMethod("take")
	must(err)
	argument := method.Request().Struct().Fields()[0].Type()
	if operation == toJSON {
		converter := t2j.NewBinaryConv(conv.Options{})
		return func(message []byte) []byte {
			text, err := converter.Do(ctx, argument, message)
			must(err)
			return text
		}
	}
	converter := j2t.NewBinaryConv(conv.Options{})
	return func(text []byte) []byte {
		message, err := converter.Do(ctx, argument, text)
		must(err)
		return message
	}
}

// transcodeLoop gives fromJSON the text that toJSON made of the messages.
func transcodeLoop(folder, workload, operation string, messages [][]byte) func(int) {
	inputs := messages
	if operation == fromJSON {
		toText := transcoderFor(folder, workload, toJSON)
		inputs = make([][]byte, len(messages))
		for i, message := range messages {
			inputs[i] = toText(message)
		}
	}
	transcode := transcoderFor(folder, workload, operation)
	return func(count int) {
		for i := range count {
			keptBytes = transcode(inputs[i%len(inputs)])
		}
	}
}
