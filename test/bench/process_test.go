package bench

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"tocsin/internal/edge/gate"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/test/harness"
)

// BenchmarkStart is the time from starting the process to /readyz on data
// that is there already, against a process that does nothing; then what the
// server holds in memory after five idle seconds, and the binary's size.
func BenchmarkStart(b *testing.B) {
	eachDialect(b, func(b *testing.B, o harness.Options) {
		s, _ := founded(b, o, func(*gate.House, audience.Actor) error { return nil })
		var cold, bare []time.Duration
		for b.Loop() {
			for range 7 {
				s.Stop(b)
				begun := time.Now()
				s.Start(b)
				cold = append(cold, time.Since(begun))
				begun = time.Now()
				if err := exec.Command(harness.Binary(b), "--help").Run(); err != nil {
					b.Fatal(err)
				}
				bare = append(bare, time.Since(begun))
			}
		}
		slices.Sort(cold)
		slices.Sort(bare)
		time.Sleep(5 * time.Second)
		b.ReportMetric(ms(middle(cold)), "ready-ms")
		b.ReportMetric(ms(middle(cold))/ms(middle(bare)), "to-help")
		if mb, ok := resident(s.PID()); ok {
			b.ReportMetric(mb, "idle-MB")
		}
		if info, err := os.Stat(harness.Binary(b)); err == nil {
			b.ReportMetric(float64(info.Size())/1e6, "binary-MB")
		}
		b.ReportMetric(0, "ns/op")
	})
}

// resident is a process's memory in MB, where the system tells it.
func resident(pid int) (float64, bool) {
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "status"))
	if err != nil {
		return 0, false
	}
	_, rest, ok := strings.Cut(string(text), "VmRSS:")
	if !ok {
		return 0, false
	}
	kb, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
	return kb / 1000, err == nil
}

// BenchmarkImport imports the real archives into an empty alliance, and again
// when all of it is there.
func BenchmarkImport(b *testing.B) {
	for _, of := range []struct{ command, data, records string }{
		{"certcc", "certcc/cases.jsonl.gz", "vendors"}, {"csaf", "csaf/cisa", "documents"}} {
		b.Run(of.command, func(b *testing.B) {
			from := dbtest.SharedData(b, of.data)
			eachDialect(b, func(b *testing.B, o harness.Options) {
				s, _ := founded(b, o, func(*gate.House, audience.Actor) error { return nil })
				s.Stop(b)
				run := func() (records float64, took time.Duration) {
					begun := time.Now()
					out := s.Tocsin(b, "import", of.command, from, "--json")
					took = time.Since(begun)
					var rep map[string]any
					if err := json.Unmarshal([]byte(out), &rep); err != nil {
						b.Fatalf("the import's report is no JSON: %v\n%.300s", err, out)
					}
					records, _ = rep[of.records].(float64)
					return records, took
				}
				var n float64
				var first, again time.Duration
				for b.Loop() {
					if n == 0 {
						n, first = run()
					}
					_, again = run()
				}
				b.ReportMetric(n/first.Seconds(), of.records+"/s")
				b.ReportMetric(again.Seconds()/first.Seconds(), "again-ratio")
				b.ReportMetric(0, "ns/op")
			})
		})
	}
}
