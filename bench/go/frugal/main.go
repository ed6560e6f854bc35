// frugal times Go Frugal over the messages that the other contenders are timed with.
package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/cloudwego/frugal"

	"scrimp.test/go-bench/harness"
)

func main() {
	note := "frugal v0.3.1; i64 exact; maps and strings of its own"
	harness.Run("Go Frugal", note, func(folder, workload, operation string) harness.Case {
		messages := messagesOf(folder, workload)
		return harness.Case{Loop: loopOf(codecFor(workload), operation, messages), Inputs: messages}
	})
}

// codec encodes into a fresh buffer and decodes into a fresh object; the type is known, as it is where Frugal is used.
type codec struct {
	encode func(value any) []byte
	decode func(message []byte) any
}

func codecOf[T any]() codec {
	return codec{
		encode: func(value any) []byte {
			buffer := make([]byte, frugal.EncodedSize(value))
			written, err := frugal.EncodeObject(buffer, nil, value)
			harness.Must(err)
			return buffer[:written]
		},
		decode: func(message []byte) any {
			value := new(T)
			_, err := frugal.DecodeObject(message, value)
			harness.Must(err)
			return value
		},
	}
}

func codecFor(workload string) codec {
	switch {
	case workload == "small":
		return codecOf[Small]()
	case workload == "medium":
		return codecOf[Medium]()
	case workload == "large":
		return codecOf[Large]()
	case strings.HasPrefix(workload, "frugal-small"):
		return codecOf[Simple]()
	case strings.HasPrefix(workload, "frugal-medium"):
		return codecOf[Nesting]()
	}
	return codecOf[Nesting2]()
}

// messagesOf reads the messages and proves that Frugal carries all of them.
func messagesOf(folder, workload string) [][]byte {
	codec := codecFor(workload)
	messages := harness.ReadMessages(folder, workload)
	for i, message := range messages {
		if !sameMessage(codec.encode(codec.decode(message)), message) {
			panic(fmt.Sprintf("message %d of %s did not come back as it went in", i, workload))
		}
	}
	return messages
}

// sameMessage allows for maps, whose entries Go gives in any order: the bytes are the same, if not in the same place.
func sameMessage(left, right []byte) bool {
	if bytes.Equal(left, right) {
		return true
	}
	left, right = slices.Clone(left), slices.Clone(right)
	slices.Sort(left)
	slices.Sort(right)
	return bytes.Equal(left, right)
}

var keptBytes []byte
var keptValue any

func loopOf(codec codec, operation string, messages [][]byte) func(int) {
	if operation == "decode" {
		return func(count int) {
			for i := range count {
				keptValue = codec.decode(messages[i%len(messages)])
			}
		}
	}
	values := make([]any, len(messages))
	for i, message := range messages {
		values[i] = codec.decode(message)
	}
	return func(count int) {
		for i := range count {
			keptBytes = codec.encode(values[i%len(values)])
		}
	}
}
