// Kitex as a peer: a server and a client of service.thrift, driven by lines of JSON. ../peer.ts says what the lines are.
//
//	kitex-peer serve --transport ttheader --mux
//	kitex-peer call --address 127.0.0.1:9090 --transport ttheader-framed
//
// The code in gen/ is generated from ../service.thrift when the program is built: see test/support/kitex-program.ts.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/bytedance/gopkg/util/logger"
	"github.com/cloudwego/kitex/pkg/klog"
)

var (
	address   = flag.String("address", "", "for call: HOST:PORT of the server; several with commas between, called in turn")
	transport = flag.String("transport", "framed", "for call: framed, buffered, ttheader or ttheader-framed")
	mux       = flag.Bool("mux", false, "multiplex: answer as handlers finish; send calls without waiting for replies")
	generic   = flag.Bool("generic", false, "for serve: Kitex's generic server, of a service with void methods only")
	checksum  = flag.Bool("checksum", false, "write and check the CRC-32C of payloads")
	verbose   = flag.Bool("verbose", false, "let Kitex log to stderr")
)

func main() {
	if len(os.Args) < 2 {
		fail("expected serve or call")
	}
	flag.CommandLine.Parse(os.Args[2:])
	if !*verbose {
		klog.SetOutput(io.Discard)
		// What Kitex recovers from, in goroutines of this library, is logged there.
		logger.SetLevel(logger.LevelFatal)
	}
	switch os.Args[1] {
	case "serve":
		if *generic {
			serveGeneric()
		} else {
			serve()
		}
	case "call":
		call()
	default:
		fail("expected serve or call")
	}
}

var printing sync.Mutex

// printLine writes one line of JSON. Calls end in goroutines of their own.
func printLine(line any) {
	text, err := json.Marshal(line)
	if err != nil {
		fail(err)
	}
	printing.Lock()
	defer printing.Unlock()
	os.Stdout.Write(append(text, '\n'))
}

func fail(what any) {
	fmt.Fprintln(os.Stderr, "kitex-peer:", what)
	os.Exit(1)
}
