import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;

/**
 * Signing in behind a captcha. Where nobody can vouch for a user the password is enough, once for an account and a few times
 * for an address, and such a session is marked. A site of one process; a real one keeps all this in its database.
 */
public class SignIn {
    private static final String PASSWORD = "correct horse"; // a real one keeps a slow hash for each account
    private static final int PER_ACCOUNT = 1;
    private static final int PER_ADDRESS = 5;
    private static final Duration WINDOW = Duration.ofHours(1);
    private static final int MAX_BODY = 16 * 1024;
    private static final int MAX_TEXT = 600;

    private record Use(String account, String address, Instant at) {}

    private record Reply(int status, String state, String message, String ticket) {
        String json() {
            String said = "{\"state\": \"" + state + "\", \"message\": \"" + message + "\"";
            return said + (ticket.isEmpty() ? "}" : ", \"ticket\": \"" + ticket + "\"}");
        }
    }

    private final Captcha captcha = new Captcha(System.getenv());
    private final List<String> sessions = new ArrayList<>();
    private final List<Use> uses = new ArrayList<>();
    private final Set<String> used = new HashSet<>();
    private final Map<String, CompletableFuture<Reply>> attempts = new ConcurrentHashMap<>();

    public static void main(String[] arguments) throws IOException {
        int port = Integer.parseInt(System.getenv("PORT"));
        SignIn site = new SignIn();
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
        server.setExecutor(Executors.newCachedThreadPool());
        server.createContext("/", site::page);
        server.createContext("/sign-in.js", exchange -> send(exchange, 200, "text/javascript", file("sign-in.js")));
        server.createContext("/sign-in", site::submit);
        server.createContext("/admin/sessions.json", site::list);
        server.start();
    }

    private void page(HttpExchange exchange) throws IOException {
        send(exchange, 200, "text/html; charset=utf-8", file("index.html").replace("APP_ID", captcha.appId));
    }

    private synchronized void list(HttpExchange exchange) throws IOException {
        send(exchange, 200, "application/json", "{\"sessions\": [" + String.join(", ", sessions) + "]}");
    }

    /** Answers each repetition of an attempt like the first: browsers re-send, and so do people. */
    private void submit(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readNBytes(MAX_BODY);
        String key = exchange.getRequestHeaders().getFirst("Idempotency-Key");
        String text = new String(body, StandardCharsets.UTF_8);
        String attempt = (key == null ? UUID.randomUUID().toString() : key) + " " + text;
        CompletableFuture<Reply> mine = new CompletableFuture<>();
        CompletableFuture<Reply> first = attempts.putIfAbsent(attempt, mine);
        if (first == null) {
            mine.complete(signIn(fields(text), exchange.getRemoteAddress().getAddress().getHostAddress()));
            first = mine;
        }
        Reply reply = first.join();
        send(exchange, reply.status, "application/json", reply.json());
    }

    private Reply signIn(Map<String, String> asked, String address) {
        String ticket = asked.getOrDefault("ticket", "");
        String randstr = asked.getOrDefault("randstr", "");
        synchronized (this) {
            if (!used.add(ticket + " " + randstr)) {
                return refused();
            }
        }
        Captcha.Worth worth = captcha.worth(ticket, randstr, address);
        String username = asked.getOrDefault("username", "");
        boolean right = MessageDigest.isEqual(bytes(asked.getOrDefault("password", "")), bytes(PASSWORD));
        if (worth.outcome() == Captcha.Outcome.REFUSED || !right || !username.matches("[\\w.@+-]{1,200}")) {
            return refused();
        }
        if (worth.outcome() == Captcha.Outcome.VERIFIED) {
            return signedIn(username, true, "You are signed in.", "");
        }
        System.err.println("captcha.degraded code=" + worth.code());
        if (!room(username, address)) {
            return new Reply(429, "refused", "We cannot check that you are human just now. Please try again later.", "");
        }
        String said = "You are signed in. We could not check that you are human, so some things need your password again.";
        String own = UUID.randomUUID().toString();
        return signedIn(username, false, said, worth.code() > 2000 ? captcha.serverTicket(worth.code(), own) : ticket);
    }

    private synchronized boolean room(String account, String address) {
        List<Use> recent = uses.stream().filter(use -> use.at.plus(WINDOW).isAfter(Instant.now())).toList();
        long ofAccount = recent.stream().filter(use -> use.account.equals(account)).count();
        long ofAddress = recent.stream().filter(use -> use.address.equals(address)).count();
        if (ofAccount >= PER_ACCOUNT || ofAddress >= PER_ADDRESS) {
            return false;
        }
        uses.add(new Use(account, address, Instant.now()));
        return true;
    }

    private synchronized Reply signedIn(String username, boolean verified, String message, String ticket) {
        sessions.add("{\"username\": \"" + username + "\", \"verified\": " + verified + "}");
        return new Reply(200, "signed-in", message, ticket);
    }

    private static Reply refused() {
        return new Reply(403, "refused", "The check did not go through. Press the button to try again.", "");
    }

    /** The fields of a form; one that is endless is left out. */
    private static Map<String, String> fields(String body) {
        Map<String, String> found = new HashMap<>();
        for (String pair : body.split("&")) {
            String[] parts = pair.split("=", 2);
            try {
                String value = URLDecoder.decode(parts.length > 1 ? parts[1] : "", StandardCharsets.UTF_8);
                if (value.length() <= MAX_TEXT) {
                    found.put(parts[0], value);
                }
            } catch (IllegalArgumentException notEncoded) {
                found.remove(parts[0]);
            }
        }
        return found;
    }

    private static String file(String name) throws IOException {
        return Files.readString(Path.of("public", name));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void send(HttpExchange exchange, int status, String type, String text) throws IOException {
        byte[] body = bytes(text);
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }
}
