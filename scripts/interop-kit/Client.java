import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * java.net.http.HttpClient as a visitor of Service. Ends with 0 when all contents were right.
 *
 * <pre>java Client URL CA FILE</pre>
 */
final class Client {
    private static final Duration LIMIT = Duration.ofSeconds(15);
    private static final int ROUNDS = 20;

    private final URI address;
    private final HttpClient client;
    private final byte[] file;

    private Client(URI address, HttpClient client, byte[] file) {
        this.address = address;
        this.client = client;
        this.file = file;
    }

    /**
     * Visits.
     *
     * @param args the tunnel's URL, the CA and the file that the service answers with
     * @throws Exception when something was not right
     */
    public static void main(String[] args) throws Exception {
        HttpClient client = HttpClient.newBuilder().sslContext(trusting(Path.of(args[1]))).connectTimeout(LIMIT).build();
        new Client(URI.create(args[0]), client, Files.readAllBytes(Path.of(args[2]))).visit();
    }

    private static SSLContext trusting(Path ca) throws IOException, GeneralSecurityException {
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        try (InputStream in = Files.newInputStream(ca)) {
            trusted.setCertificateEntry("ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return context;
    }

    private void visit() throws IOException, InterruptedException {
        for (int i = 0; i < ROUNDS; i++) {
            whole("one after another", client.send(request("/file").build(), BodyHandlers.ofByteArray()));
        }
        whole("no length", client.send(request("/chunked").build(), BodyHandlers.ofByteArray()));
        whole("with a length", client.send(request("/echo").POST(BodyPublishers.ofByteArray(file)).build(), BodyHandlers.ofByteArray()));
        HttpRequest expecting = request("/echo").expectContinue(true).POST(BodyPublishers.ofByteArray(file)).build();
        whole("100-continue", client.send(expecting, BodyHandlers.ofByteArray()));
        HttpRequest chunked = request("/echo").PUT(BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(file))).build();
        whole("chunked", client.send(chunked, BodyHandlers.ofByteArray()));
        List<CompletableFuture<HttpResponse<byte[]>>> together = new ArrayList<>();
        for (int i = 0; i < ROUNDS; i++) {
            together.add(client.sendAsync(request("/file").build(), BodyHandlers.ofByteArray()));
        }
        together.forEach(each -> whole("side by side", each.join()));
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(address.resolve(path)).timeout(LIMIT);
    }

    private void whole(String what, HttpResponse<byte[]> response) {
        if (response.statusCode() != 200 || !Arrays.equals(file, response.body())) {
            throw new IllegalStateException(what + ": status " + response.statusCode() + ", " + response.body().length + " of " + file.length + " bytes");
        }
    }
}
