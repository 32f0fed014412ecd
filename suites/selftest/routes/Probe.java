// Ask each host by the client that Java brings along.
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

public class Probe {
    public static void main(String[] hosts) {
        HttpClient client = HttpClient.newHttpClient();
        List<String> met = new ArrayList<>();
        for (String host : hosts) {
            met.add("\"" + host + "\": \"" + ask(client, host).replaceAll("[^\\w .:,'-]", " ") + "\"");
        }
        System.out.println("{" + String.join(", ", met) + "}");
    }

    private static String ask(HttpClient client, String host) {
        HttpRequest request = HttpRequest.newBuilder(URI.create("https://" + host + "/")).timeout(Duration.ofSeconds(10)).build();
        try {
            return String.valueOf(client.send(request, BodyHandlers.discarding()).statusCode());
        } catch (Exception error) {
            return error.toString();
        }
    }
}
