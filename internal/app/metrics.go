package app

import (
	"context"
	"net"
	"net/http"
	"strconv"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/edge/gate"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/kernel/outbox"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// countWork counts requests by route and status, and reads the outbox and the
// ledger when it is asked. Labels are routes and states, never names.
func countWork(h *gate.House) http.Handler {
	reg := prometheus.NewRegistry()
	took := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "tocsin_request_seconds", Help: "Time to answer, by route and status.", Buckets: []float64{.005, .02, .05, .1, .25, .5, 1, 5}}, []string{"route", "status"})
	reg.MustRegister(took, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), state{h})
	h.Observe = func(_, pattern string, status int, d time.Duration) {
		if pattern == "" {
			pattern = "none"
		}
		took.WithLabelValues(pattern, strconv.Itoa(status)).Observe(d.Seconds())
	}
	return promhttp.HandlerFor(reg, promhttp.HandlerOpts{MaxRequestsInFlight: 4})
}

// state reads what stands in the database at each scrape.
type state struct{ house *gate.House }

var (
	outboxItems = prometheus.NewDesc("tocsin_outbox_items", "Items in the outbox by state; dead and uncertain ones wait for a person.", []string{"state"}, nil)
	ledgerSize  = prometheus.NewDesc("tocsin_ledger_events", "Events in the ledger.", nil, nil)
)

func (s state) Describe(ch chan<- *prometheus.Desc) { ch <- outboxItems; ch <- ledgerSize }

func (s state) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	var counts map[outbox.State]int
	var size int64
	err := s.house.Read(ctx, func(tx *db.Tx) (err error) {
		if counts, err = outbox.Counts(tx); err != nil {
			return err
		}
		size, err = ledger.Size(tx)
		return err
	})
	if err != nil {
		return // the scrape says so by the metrics that are missing
	}
	for _, st := range []outbox.State{outbox.Pending, outbox.Handing, outbox.Sent, outbox.Uncertain, outbox.Dead, outbox.Canceled, outbox.Stopped} {
		ch <- prometheus.MustNewConstMetric(outboxItems, prometheus.GaugeValue, float64(counts[st]), string(st))
	}
	ch <- prometheus.MustNewConstMetric(ledgerSize, prometheus.GaugeValue, float64(size))
}

// guardMetrics lets an operator, or their token with the scope admin, read
// the metrics on the server's own address.
func guardMetrics(h *gate.House, metrics http.Handler) http.HandlerFunc {
	route := gate.Route{Method: http.MethodGet, Path: "/metrics", Access: gate.Operators, Scope: charter.ScopeAdmin}
	return func(w http.ResponseWriter, r *http.Request) {
		var who gate.Who
		var err error
		if token := gate.Bearer(r); token != "" {
			who, err = h.ByToken(r.Context(), token)
		} else {
			who, err = h.BySession(r.Context(), r)
		}
		if err == nil {
			err = route.Admit(who.Actor)
		}
		if err != nil {
			http.Error(w, gate.Public(err).Text, gate.Status(err))
			return
		}
		metrics.ServeHTTP(w, r)
	}
}

// serveMetrics serves them without a token on an address of their own, for a
// scraper on a private network.
func serveMetrics(ctx context.Context, address string, metrics http.Handler) error {
	ln, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", metrics)
	srv := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	context.AfterFunc(ctx, func() { srv.Close() })
	if err := srv.Serve(ln); err != http.ErrServerClosed {
		return err
	}
	return nil
}
