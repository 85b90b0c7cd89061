package gate

import "net/http"

// Methods are those that a mux takes at the address of a request whose own
// method it does not take, as the Allow header lists them; "" where it takes
// none there.
func Methods(mux *http.ServeMux, r *http.Request) string {
	answer, pattern := mux.Handler(r)
	if pattern != "" {
		return ""
	}
	probe := &swallow{header: http.Header{}}
	answer.ServeHTTP(probe, r)
	if probe.status != http.StatusMethodNotAllowed {
		return ""
	}
	return probe.header.Get("Allow")
}

// swallow takes an answer only to learn its status and head.
type swallow struct {
	header http.Header
	status int
}

func (s *swallow) Header() http.Header         { return s.header }
func (s *swallow) Write(b []byte) (int, error) { return len(b), nil }
func (s *swallow) WriteHeader(status int) {
	if s.status == 0 {
		s.status = status
	}
}
