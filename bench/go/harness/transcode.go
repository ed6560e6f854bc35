package harness

import (
	"os"
	"path/filepath"
)

// Transcoder turns messages into JSON and back. What it gives stays as it is while the next message is converted.
type Transcoder struct {
	ToJSON   func(message []byte) []byte
	FromJSON func(text []byte) []byte
}

var keptBytes []byte

// TranscodeCases makes the cases "to-json" and "from-json", whose inputs are the texts that ToJSON made. It finds the type in
// `<workload>.thrift`, by way of the method `take` that takes it, and leaves in `<workload>.out` what became of the first input,
// to be checked.
func TranscodeCases(transcoderOf func(idl string) Transcoder) func(folder, workload, operation string) Case {
	return func(folder, workload, operation string) Case {
		idl, err := os.ReadFile(filepath.Join(folder, workload+".thrift"))
		Must(err)
		transcoder := transcoderOf(string(idl))
		convert, inputs := transcoder.ToJSON, ReadMessages(folder, workload)
		if operation == "from-json" {
			for i, message := range inputs {
				inputs[i] = convert(message)
			}
			convert = transcoder.FromJSON
		}
		Must(os.WriteFile(filepath.Join(folder, workload+".out"), convert(inputs[0]), 0o644))
		loop := func(count int) {
			for i := range count {
				keptBytes = convert(inputs[i%len(inputs)])
			}
		}
		return Case{Loop: loop, Inputs: inputs}
	}
}
