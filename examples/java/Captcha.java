import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * What a captcha's ticket is worth, by Tencent Cloud's verdict API, asked over HTTP and signed as the vendor's document on
 * TC3-HMAC-SHA256 says. No SDK: the JDK alone does.
 */
final class Captcha {
    enum Outcome { VERIFIED, UNVERIFIED, REFUSED }

    /** The code says why: the client's own, the provider's, or ours. */
    record Worth(Outcome outcome, int code) {}

    private static final int TIMED_OUT = 2001;
    private static final int CONNECTION_FAILED = 2002;
    private static final int SERVER_ERROR = 2003;
    private static final int BUSY = 2004;
    private static final int UNREADABLE = 2005;
    private static final int NOT_SERVED = 2006;
    private static final String HOST = "captcha.tencentcloudapi.com";
    private static final String TYPE = "application/json";
    // In all, whatever happens: the client's own timeout ends with the headers.
    private static final Duration DEADLINE = Duration.ofMillis(2500);

    private static final Pattern FALLBACK = Pattern.compile("tr?error_(1\\d{3})_(\\d{1,20})_(\\d{10})(_[0-9A-Za-z@:.\\-]{1,128})?");
    private static final Pattern ISSUED = Pattern.compile("tr?0[0-9A-Za-z*_.=+/\\-]{18,510}");
    private static final Pattern RANDSTR = Pattern.compile("@[0-9A-Za-z]{1,32}");
    // Throttled, in arrears, or a clock that is off: the API works, but not for us.
    private static final Pattern OUR_FAULT = Pattern.compile(
        "(RequestLimitExceeded|LimitExceeded|UnauthorizedOperation|AuthFailure|ResourceUnavailable)(\\..*)?");

    final String appId;
    private final String appSecret;
    private final String secretId;
    private final String secretKey;
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    Captcha(Map<String, String> environment) {
        appId = environment.get("CAPTCHA_APP_ID");
        appSecret = environment.get("CAPTCHA_APP_SECRET");
        secretId = environment.get("TENCENTCLOUD_SECRET_ID");
        secretKey = environment.get("TENCENTCLOUD_SECRET_KEY");
    }

    Worth worth(String ticket, String randstr, String userIp) {
        Matcher fallback = FALLBACK.matcher(ticket);
        boolean claims = fallback.matches() && fallback.group(2).equals(appId) && fresh(Long.parseLong(fallback.group(3)));
        if (!RANDSTR.matcher(randstr).matches() || !(claims || ISSUED.matcher(ticket).matches())) {
            return new Worth(Outcome.REFUSED, 0);
        }
        int code = verdict(ticket, randstr, userIp);
        if (code >= TIMED_OUT && code <= NOT_SERVED) {
            return new Worth(Outcome.UNVERIFIED, code);
        }
        // 21 is what a fallback ticket gets: it is public, and says nothing of who wrote it.
        if (claims && (code == 1 || code == 21)) {
            return new Worth(Outcome.UNVERIFIED, Integer.parseInt(fallback.group(1)));
        }
        return new Worth(code == 1 ? Outcome.VERIFIED : Outcome.REFUSED, code);
    }

    /** The ticket of a failure that no client sees, bound to its attempt. */
    String serverTicket(int code, String attempt) {
        String head = "terror_" + code + "_" + appId + "_" + Instant.now().getEpochSecond();
        return head + "_" + hex(hmac(sha256("tickets:" + appSecret), head + " " + attempt)).substring(0, 40);
    }

    private static boolean fresh(long seconds) {
        long age = Instant.now().getEpochSecond() - seconds;
        return age >= -120 && age <= 600;
    }

    /** Asks once, for a ticket is single-use. The client follows no redirect, which would be handed AppSecretKey. */
    private int verdict(String ticket, String randstr, String userIp) {
        String payload = String.format(
            "{\"CaptchaType\": 9, \"Ticket\": \"%s\", \"Randstr\": \"%s\", \"UserIp\": \"%s\", \"CaptchaAppId\": %s, \"AppSecretKey\": \"%s\"}",
            ticket, randstr, userIp, appId, appSecret);
        CompletableFuture<HttpResponse<String>> asking = client.sendAsync(signed(payload), HttpResponse.BodyHandlers.ofString());
        try {
            return read(asking.get(DEADLINE.toMillis(), TimeUnit.MILLISECONDS));
        } catch (TimeoutException late) {
            asking.cancel(true);
            return TIMED_OUT;
        } catch (ExecutionException failed) {
            return failed.getCause() instanceof IOException ? CONNECTION_FAILED : UNREADABLE;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return TIMED_OUT;
        }
    }

    private static int read(HttpResponse<String> answer) {
        Object document = Json.read(answer.body());
        Object response = document instanceof Map<?, ?> fields ? fields.get("Response") : null;
        if (!(response instanceof Map<?, ?> said)) {
            return answer.statusCode() == 429 ? NOT_SERVED : UNREADABLE;
        }
        if (said.get("Error") instanceof Map<?, ?> error && error.get("Code") instanceof String name) {
            return ofError(name);
        }
        if (answer.statusCode() != 200 || said.get("Error") != null || !(said.get("CaptchaCode") instanceof Long code)) {
            return UNREADABLE;
        }
        return code == 26 ? BUSY : code >= TIMED_OUT && code <= NOT_SERVED ? UNREADABLE : code.intValue();
    }

    private static int ofError(String name) {
        if (name.equals("InternalError") || name.equals("InternalServerError")) {
            return SERVER_ERROR;
        }
        return OUR_FAULT.matcher(name).matches() ? NOT_SERVED : UNREADABLE;
    }

    private HttpRequest signed(String payload) {
        Instant now = Instant.now();
        String day = now.toString().substring(0, 10);
        String scope = day + "/captcha/tc3_request";
        String canonical = "POST\n/\n\ncontent-type:" + TYPE + "\nhost:" + HOST + "\n\ncontent-type;host\n" + hex(sha256(payload));
        String toSign = "TC3-HMAC-SHA256\n" + now.getEpochSecond() + "\n" + scope + "\n" + hex(sha256(canonical));
        byte[] key = hmac(("TC3" + secretKey).getBytes(StandardCharsets.UTF_8), day);
        String signature = hex(hmac(hmac(hmac(key, "captcha"), "tc3_request"), toSign));
        return HttpRequest.newBuilder(URI.create("https://" + HOST + "/"))
            .header("Content-Type", TYPE)
            .header("X-TC-Action", "DescribeCaptchaResult")
            .header("X-TC-Version", "2019-07-22")
            .header("X-TC-Timestamp", Long.toString(now.getEpochSecond()))
            .header("Authorization", "TC3-HMAC-SHA256 Credential=" + secretId + "/" + scope
                + ", SignedHeaders=content-type;host, Signature=" + signature)
            .POST(HttpRequest.BodyPublishers.ofString(payload))
            .build();
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException(missing);
        }
    }

    private static byte[] hmac(byte[] key, String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException(missing);
        }
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
