// go-bench times Go Frugal, and for bytes to bytes dynamicgo, over the messages that the other contenders are timed with.
//
// Its arguments are a folder of messages and the names of the cases. As the other contenders do, it says on descriptor 3 that it
// is ready and then answers each line of standard input, one line of JSON each.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/cloudwego/frugal"
)

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
			must(err)
			return buffer[:written]
		},
		decode: func(message []byte) any {
			value := new(T)
			_, err := frugal.DecodeObject(message, value)
			must(err)
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

type request struct {
	Case    string  `json:"case"`
	Ms      float64 `json:"ms"`
	Harness string  `json:"harness"`
}

type reply struct {
	Ns      float64 `json:"ns"`
	Samples int     `json:"samples"`
}

type ready struct {
	Title  string             `json:"title"`
	Note   string             `json:"note"`
	Clock  string             `json:"clock"`
	Bytes  map[string]float64 `json:"bytes"`
	Absent map[string]string  `json:"absent"`
}

const (
	warmPasses = 3
	warmTime   = 100 * time.Millisecond
	batchTime  = 15 * time.Millisecond
)

func main() {
	// One processor: the collector's work is charged as it is for the others.
	runtime.GOMAXPROCS(1)
	folder, cases := os.Args[1], os.Args[2:]
	loops, sizes := map[string]func(int){}, map[string]float64{}
	for _, name := range cases {
		workload, operation, _ := strings.Cut(name, "/")
		if operation == toJSON || operation == fromJSON {
			messages := readMessages(folder, workload)
			sizes[workload] = meanSize(messages)
			loops[name] = transcodeLoop(folder, workload, operation, messages)
			continue
		}
		messages := messagesOf(folder, workload)
		sizes[workload] = meanSize(messages)
		loops[name] = loopOf(codecFor(workload), operation, messages)
	}
	for range warmPasses {
		for _, name := range cases {
			warmUp(loops[name], warmTime)
		}
	}
	out := json.NewEncoder(os.NewFile(3, "replies"))
	must(out.Encode(ready{
		Title:  "Go Frugal",
		Note:   runtime.Version() + ", frugal v0.3.1, dynamicgo v0.8.0, GOMAXPROCS=1; i64 exact; maps and strings of its own",
		Clock:  "processor time of the process (getrusage)",
		Bytes:  sizes,
		Absent: map[string]string{},
	}))
	answer(loops, out)
}

func answer(loops map[string]func(int), out *json.Encoder) {
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		var asked request
		must(json.Unmarshal(in.Bytes(), &asked))
		clock := processorTime
		if asked.Harness == "benchmark" {
			clock = wallTime
		}
		must(out.Encode(measure(loops[asked.Case], time.Duration(asked.Ms*1e6), clock)))
	}
}

// messagesOf reads the messages and proves that Frugal carries all of them.
func messagesOf(folder, workload string) [][]byte {
	codec := codecFor(workload)
	messages := readMessages(folder, workload)
	for i, message := range messages {
		if !sameMessage(codec.encode(codec.decode(message)), message) {
			panic(fmt.Sprintf("message %d of %s did not come back as it went in", i, workload))
		}
	}
	return messages
}

func readMessages(folder, workload string) [][]byte {
	paths, err := filepath.Glob(filepath.Join(folder, workload+".*.bin"))
	must(err)
	var messages [][]byte
	for _, path := range paths {
		message, err := os.ReadFile(path)
		must(err)
		messages = append(messages, message)
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

func meanSize(messages [][]byte) float64 {
	sum := 0
	for _, message := range messages {
		sum += len(message)
	}
	return float64(sum) / float64(len(messages))
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

// warmUp gives the number of calls that fill a batch.
func warmUp(loop func(int), long time.Duration) int {
	count := 1
	for end := processorTime() + long; ; {
		start := processorTime()
		loop(count)
		now := processorTime()
		count = max(1, min(count*2, int(float64(count)*float64(batchTime)/float64(max(1, now-start)))))
		if now > end {
			return count
		}
	}
}

func measure(loop func(int), long time.Duration, clock func() time.Duration) reply {
	batch := warmUp(loop, 2*batchTime)
	var samples []float64
	for begun := clock(); clock()-begun < long || len(samples) < 3; {
		start := clock()
		loop(batch)
		samples = append(samples, float64(clock()-start)/float64(batch))
	}
	slices.Sort(samples)
	return reply{Ns: samples[len(samples)/2], Samples: len(samples)}
}

func processorTime() time.Duration {
	var usage syscall.Rusage
	must(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

var begun = time.Now()

func wallTime() time.Duration { return time.Since(begun) }

func must(err error) {
	if err != nil {
		panic(err)
	}
}
