import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * Visits the sample service at its public address with the JDK's own clients, and says what worked. Uses nothing of the project, and
 * trusts nothing but the given CA. Ends with 0 when all of it worked.
 *
 * <pre>java scripts/sample/SampleVisitor.java https://NAME.tunnel.localhost:8443/ STATE/ca.pem</pre>
 */
final class SampleVisitor {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final int EVENTS = 4;
    /** One that is held back until the next is sent would be half a second late. */
    private static final long MOST_LATE_US = 400_000;
    private static final Pattern EVENT = Pattern.compile("data: \\{\"number\":(\\d+),\"sent_us\":(-?\\d+)}");

    private final URI address;
    private final HttpClient client;

    private SampleVisitor(URI address, HttpClient client) {
        this.address = address;
        this.client = client;
    }

    /**
     * Visits the service.
     *
     * @param args its address and the CA's certificate (PEM)
     * @throws Exception when something did not work
     */
    public static void main(String[] args) throws Exception {
        HttpClient client = HttpClient.newBuilder().sslContext(trust(Path.of(args[1]))).connectTimeout(LIMIT).build();
        SampleVisitor visitor = new SampleVisitor(URI.create(args[0]), client);
        visitor.page();
        visitor.echo();
        visitor.events();
        visitor.socket();
    }

    private static SSLContext trust(Path caFile) throws IOException, GeneralSecurityException {
        KeyStore anchors = KeyStore.getInstance(KeyStore.getDefaultType());
        anchors.load(null, null);
        try (InputStream in = Files.newInputStream(caFile)) {
            for (Certificate certificate : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                anchors.setCertificateEntry("ca-" + anchors.size(), certificate);
            }
        }
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(anchors);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return context;
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(address.resolve(path)).timeout(LIMIT);
    }

    private void page() throws IOException, InterruptedException {
        HttpResponse<String> response = client.send(request("/").build(), HttpResponse.BodyHandlers.ofString());
        require(response.statusCode() == 200 && response.body().contains("<title>Sample service</title>"),
                "GET / gave " + response.statusCode());
        worked("page", response.body().length() + " characters of HTML");
    }

    private void echo() throws IOException, InterruptedException {
        String line = "Hello, tunnel";
        HttpRequest post = request("/echo").POST(HttpRequest.BodyPublishers.ofString(line)).build();
        long start = System.nanoTime();
        HttpResponse<String> response = client.send(post, HttpResponse.BodyHandlers.ofString());
        require(response.statusCode() == 200 && response.body().equals(line), "POST /echo gave " + response.statusCode());
        worked("fetch", "a line posted came back after " + millis(System.nanoTime() - start));
    }

    /** Events must come one by one: the time between two arrivals is that between the two sendings. */
    private void events() throws IOException, InterruptedException {
        HttpResponse<InputStream> response = client.send(request("/events").build(), HttpResponse.BodyHandlers.ofInputStream());
        require(response.statusCode() == 200, "GET /events gave " + response.statusCode());
        long latestUs = 0;
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
            long arrivedUs = 0;
            long sentUs = 0;
            int count = 0;
            for (String line = lines.readLine(); line != null && count < EVENTS; line = lines.readLine()) {
                Matcher event = EVENT.matcher(line);
                if (event.matches()) {
                    long nowUs = System.nanoTime() / 1000;
                    if (++count > 1) {
                        latestUs = Math.max(latestUs, Math.abs(nowUs - arrivedUs - (Long.parseLong(event.group(2)) - sentUs)));
                    }
                    arrivedUs = nowUs;
                    sentUs = Long.parseLong(event.group(2));
                }
            }
            require(count == EVENTS, "GET /events ended after " + count + " events");
        }
        require(latestUs < MOST_LATE_US, "an event was " + millis(latestUs * 1000) + " late");
        worked("events", EVENTS + " server-sent events came one by one, at most " + millis(latestUs * 1000) + " off the beat");
    }

    private void socket() throws Exception {
        Echo echo = new Echo();
        URI uri = URI.create("wss://" + address.getRawAuthority() + "/socket");
        WebSocket socket = client.newWebSocketBuilder().connectTimeout(LIMIT).buildAsync(uri, echo).get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        long start = System.nanoTime();
        socket.sendText("Ahoy!", true);
        String text = echo.text.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        require(text.equals("Ahoy!"), "the WebSocket gave back '" + text + "'");
        String took = millis(System.nanoTime() - start);
        socket.sendClose(WebSocket.NORMAL_CLOSURE, "");
        int code = echo.closed.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        require(code == WebSocket.NORMAL_CLOSURE, "the WebSocket closed with " + code);
        worked("socket", "a WebSocket echoed a text after " + took + " and closed with its code");
    }

    private static final class Echo implements WebSocket.Listener {
        private final StringBuilder received = new StringBuilder();
        private final CompletableFuture<String> text = new CompletableFuture<>();
        private final CompletableFuture<Integer> closed = new CompletableFuture<>();

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean last) {
            received.append(part);
            if (last) {
                text.complete(received.toString());
            }
            socket.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            closed.complete(code);
            return null;
        }

        @Override
        public void onError(WebSocket socket, Throwable error) {
            text.completeExceptionally(error);
            closed.completeExceptionally(error);
        }
    }

    private static String millis(long nanos) {
        return nanos / 100_000 / 10.0 + " ms";
    }

    private static void worked(String what, String how) {
        System.out.printf("  ok  %-8s%s%n", what, how);
    }

    private static void require(boolean condition, String otherwise) throws IOException {
        if (!condition) {
            throw new IOException(otherwise);
        }
    }
}
