package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	captcha "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/captcha/v20190722"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	sdkerrors "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/errors"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/profile"
)

// Outcome is what a ticket is worth, by Tencent Cloud's verdict API.
type Outcome int

const (
	refused Outcome = iota
	unverified
	verified
)

// Our own codes, for failures that no client sees.
const (
	timedOut = int64(iota) + 2001
	connectionFailed
	serverError
	systemBusy
	unreadable
	notServed
)

// In all, whatever happens.
const deadline = 2500 * time.Millisecond

var (
	appID      = os.Getenv("CAPTCHA_APP_ID")
	appSecret  = os.Getenv("CAPTCHA_APP_SECRET")
	credential = common.NewCredential(os.Getenv("TENCENTCLOUD_SECRET_ID"), os.Getenv("TENCENTCLOUD_SECRET_KEY"))
	signingKey = sha256.Sum256([]byte("tickets:" + appSecret))

	fallbackTicket = regexp.MustCompile(`^tr?error_(1\d{3})_(\d{1,20})_(\d{10})(_[0-9A-Za-z@:.\-]{1,128})?$`)
	issuedTicket   = regexp.MustCompile(`^tr?0[0-9A-Za-z*_.=+/\-]{18,510}$`)
	randstrShape   = regexp.MustCompile(`^@[0-9A-Za-z]{1,32}$`)
	// Throttled, in arrears, or a clock that is off: the API works, but not for us.
	notForUs = regexp.MustCompile(`^(RequestLimitExceeded|LimitExceeded|UnauthorizedOperation|AuthFailure|ResourceUnavailable)(\.|$)`)
)

// worth also returns the code that says why: the client's own, the provider's, or ours.
func worth(ctx context.Context, ticket, randstr, userIP string) (Outcome, int64) {
	fallback := fallbackTicket.FindStringSubmatch(ticket)
	usable := issuedTicket.MatchString(ticket) || (fallback != nil && fallback[2] == appID && fresh(fallback[3]))
	if !usable || !randstrShape.MatchString(randstr) {
		return refused, 0
	}
	code := verdict(ctx, ticket, randstr, userIP)
	switch {
	case code >= timedOut && code <= notServed:
		return unverified, code
	case fallback != nil && (code == 1 || code == 21):
		// 21 is what a fallback ticket gets: it is public, and says nothing of who wrote it.
		own, _ := strconv.ParseInt(fallback[1], 10, 64)
		return unverified, own
	case code == 1:
		return verified, code
	}
	return refused, code
}

// serverTicket mints the ticket of a failure that no client sees, bound to its attempt.
func serverTicket(code int64, attempt string) string {
	head := fmt.Sprintf("terror_%d_%s_%d", code, appID, time.Now().Unix())
	mac := hmac.New(sha256.New, signingKey[:])
	mac.Write([]byte(head + " " + attempt))
	return head + "_" + hex.EncodeToString(mac.Sum(nil))[:40]
}

func fresh(seconds string) bool {
	at, err := strconv.ParseInt(seconds, 10, 64)
	age := time.Now().Unix() - at
	return err == nil && age >= -120 && age <= 600
}

// verdict asks once, for a ticket is single-use. An answer of "null" makes the SDK panic.
func verdict(ctx context.Context, ticket, randstr, userIP string) (code int64) {
	defer func() {
		if recover() != nil {
			code = unreadable
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	client, err := captcha.NewClient(credential, "", profile.NewClientProfile())
	if err != nil {
		return notServed
	}
	client.WithHttpTransport(stay{})
	request := captcha.NewDescribeCaptchaResultRequest()
	app, _ := strconv.ParseUint(appID, 10, 64)
	request.CaptchaType, request.CaptchaAppId = common.Uint64Ptr(9), &app
	request.Ticket, request.Randstr, request.UserIp, request.AppSecretKey = &ticket, &randstr, &userIP, &appSecret
	answer, err := client.DescribeCaptchaResultWithContext(ctx, request)
	switch {
	case ctx.Err() != nil:
		return timedOut
	case err != nil:
		return ofError(err)
	// A body of {} is no error to the SDK, and has no response.
	case answer.Response == nil || answer.Response.CaptchaCode == nil:
		return unreadable
	case *answer.Response.CaptchaCode == 26:
		return systemBusy
	}
	return *answer.Response.CaptchaCode
}

func ofError(err error) int64 {
	var known *sdkerrors.TencentCloudSDKError
	if !errors.As(err, &known) {
		return unreadable
	}
	switch code := known.Code; {
	case code == "ClientError.NetworkError":
		return connectionFailed
	case code == "InternalError" || code == "InternalServerError":
		return serverError
	case notForUs.MatchString(code):
		return notServed
	}
	return unreadable
}

// stay follows no redirect: the SDK would, and hand AppSecretKey to whatever it names.
type stay struct{}

func (stay) RoundTrip(request *http.Request) (*http.Response, error) {
	answer, err := http.DefaultTransport.RoundTrip(request)
	if err == nil && strings.HasPrefix(answer.Status, "3") {
		answer.Status, answer.StatusCode = "502 Redirected", http.StatusBadGateway
	}
	return answer, err
}
