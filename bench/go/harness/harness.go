// Package harness is what the programs of Go have in common: as the other contenders do, they say on descriptor 3 that they are
// ready and then answer each line of standard input, one line of JSON each. Their arguments are a folder of messages and the
// names of the cases.
package harness

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// Case is what is timed: a number of calls, with these inputs in turn.
type Case struct {
	Loop   func(count int)
	Inputs [][]byte
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
)

// Run is the program of a contender, which makes the cases. The note says which version it is and what it does differently.
func Run(title, note string, caseOf func(folder, workload, operation string) Case) {
	// One processor: the collector's work is charged as it is for the others.
	runtime.GOMAXPROCS(1)
	folder, names := os.Args[1], os.Args[2:]
	loops, sizes := map[string]func(int){}, map[string]float64{}
	for _, name := range names {
		workload, operation, _ := strings.Cut(name, "/")
		made := caseOf(folder, workload, operation)
		loops[name], sizes[workload] = made.Loop, meanSize(made.Inputs)
	}
	for range warmPasses {
		for _, name := range names {
			warmUp(loops[name], warmTime)
		}
	}
	out := json.NewEncoder(os.NewFile(3, "replies"))
	Must(out.Encode(ready{
		Title:  title,
		Note:   runtime.Version() + ", GOMAXPROCS=1, " + note,
		Clock:  "processor time of the process (getrusage)",
		Bytes:  sizes,
		Absent: map[string]string{},
	}))
	answer(loops, out)
}

func answer(loops map[string]func(int), out *json.Encoder) {
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		var asked request
		Must(json.Unmarshal(in.Bytes(), &asked))
		clock := processorTime
		if asked.Harness == "benchmark" {
			clock = wallTime
		}
		Must(out.Encode(measure(loops[asked.Case], time.Duration(asked.Ms*1e6), clock)))
	}
}

// ReadMessages gives the messages of a workload, `<workload>.<index>.bin`.
func ReadMessages(folder, workload string) [][]byte {
	paths, err := filepath.Glob(filepath.Join(folder, workload+".*.bin"))
	Must(err)
	var messages [][]byte
	for _, path := range paths {
		message, err := os.ReadFile(path)
		Must(err)
		messages = append(messages, message)
	}
	return messages
}

func meanSize(messages [][]byte) float64 {
	sum := 0
	for _, message := range messages {
		sum += len(message)
	}
	return float64(sum) / float64(len(messages))
}

// Must ends the program, whose parent reports the error.
func Must(err error) {
	if err != nil {
		panic(err)
	}
}
