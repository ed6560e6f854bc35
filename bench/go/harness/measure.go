package harness

import (
	"slices"
	"syscall"
	"time"
)

const batchTime = 15 * time.Millisecond

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
	Must(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

var begun = time.Now()

func wallTime() time.Duration { return time.Since(begun) }
