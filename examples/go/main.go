// Signing in behind a captcha. Where nobody can vouch for a user the password is enough, once for an account and a few times for
// an address, and such a session is marked.
package main

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"embed"
	"encoding/hex"
	"encoding/json"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"
)

const (
	password   = "correct horse" // a real one keeps a slow hash for each account
	perAccount = 1
	perAddress = 5
	window     = time.Hour
	maxBody    = 16 << 10
	maxText    = 600
)

//go:embed public
var public embed.FS

type session struct {
	Username string `json:"username"`
	Verified bool   `json:"verified"`
}

type unverifiedUse struct {
	account, address string
	at               time.Time
}

type reply struct {
	status  int
	State   string `json:"state"`
	Message string `json:"message"`
	Ticket  string `json:"ticket,omitempty"`
}

// attempt is done once; done is closed when its reply stands.
type attempt struct {
	done  chan struct{}
	reply reply
}

// site is of one process; a real one keeps these in its database.
type site struct {
	mutex    sync.Mutex
	sessions []session
	uses     []unverifiedUse
	used     map[string]bool
	attempts map[string]*attempt
}

func main() {
	here := &site{sessions: []session{}, used: map[string]bool{}, attempts: map[string]*attempt{}}
	mux := http.NewServeMux()
	mux.HandleFunc("/", here.page)
	mux.HandleFunc("/sign-in.js", func(w http.ResponseWriter, r *http.Request) {
		text, _ := public.ReadFile("public/sign-in.js")
		w.Header().Set("Content-Type", "text/javascript")
		w.Write(text)
	})
	mux.HandleFunc("/sign-in", here.submit)
	mux.HandleFunc("/admin/sessions.json", here.list)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}

func (s *site) page(w http.ResponseWriter, r *http.Request) {
	text, _ := public.ReadFile("public/index.html")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Write([]byte(strings.Replace(string(text), "APP_ID", appID, 1)))
}

func (s *site) list(w http.ResponseWriter, r *http.Request) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	json.NewEncoder(w).Encode(map[string]any{"sessions": s.sessions})
}

// submit answers each repetition of an attempt like the first: browsers re-send, and so do people.
func (s *site) submit(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if r.Method != http.MethodPost || err != nil {
		http.Error(w, "this could not be read", http.StatusBadRequest)
		return
	}
	key := r.Header.Get("Idempotency-Key")
	if key == "" {
		key = random()
	}
	s.mutex.Lock()
	running, known := s.attempts[key+" "+string(body)]
	if !known {
		running = &attempt{done: make(chan struct{})}
		s.attempts[key+" "+string(body)] = running
	}
	s.mutex.Unlock()
	if !known {
		// Whoever hangs up does not stop it: the repetition that follows needs the answer.
		running.reply = s.signIn(context.WithoutCancel(r.Context()), body, address(r))
		close(running.done)
	}
	<-running.done
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(running.reply.status)
	json.NewEncoder(w).Encode(running.reply)
}

func (s *site) signIn(ctx context.Context, body []byte, address string) reply {
	var asked struct{ Username, Password, Ticket, Randstr string }
	if json.Unmarshal(body, &asked) != nil || len(asked.Username) > maxText || len(asked.Ticket) > maxText {
		return no()
	}
	s.mutex.Lock()
	pair := asked.Ticket + " " + asked.Randstr
	again := s.used[pair]
	s.used[pair] = true
	s.mutex.Unlock()
	if again {
		return no()
	}
	outcome, code := worth(ctx, asked.Ticket, asked.Randstr, address)
	right := subtle.ConstantTimeCompare([]byte(asked.Password), []byte(password)) == 1
	if outcome == refused || !right || asked.Username == "" {
		return no()
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if outcome == verified {
		s.sessions = append(s.sessions, session{asked.Username, true})
		return reply{status: http.StatusOK, State: "signed-in", Message: "You are signed in."}
	}
	log.Printf("captcha.degraded code=%d", code)
	if !s.room(asked.Username, address) {
		later := "We cannot check that you are human just now. Please try again later."
		return reply{status: http.StatusTooManyRequests, State: "refused", Message: later}
	}
	s.sessions = append(s.sessions, session{asked.Username, false})
	said := "You are signed in. We could not check that you are human, so some things need your password again."
	ticket := asked.Ticket
	if code >= timedOut {
		ticket = serverTicket(code, random())
	}
	return reply{status: http.StatusOK, State: "signed-in", Message: said, Ticket: ticket}
}

// room uses up one unverified session where there is room for it.
func (s *site) room(account, address string) bool {
	ofAccount, ofAddress := 0, 0
	for _, use := range s.uses {
		if time.Since(use.at) < window {
			if use.account == account {
				ofAccount++
			}
			if use.address == address {
				ofAddress++
			}
		}
	}
	if ofAccount >= perAccount || ofAddress >= perAddress {
		return false
	}
	s.uses = append(s.uses, unverifiedUse{account, address, time.Now()})
	return true
}

func no() reply {
	said := "The check did not go through. Press the button to try again."
	return reply{status: http.StatusForbidden, State: "refused", Message: said}
}

func address(r *http.Request) string {
	host, _, _ := net.SplitHostPort(r.RemoteAddr)
	return host
}

func random() string {
	raw := make([]byte, 12)
	rand.Read(raw)
	return hex.EncodeToString(raw)
}
