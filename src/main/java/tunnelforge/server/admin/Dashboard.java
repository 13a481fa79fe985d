package tunnelforge.server.admin;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import tunnelforge.text.Digests;

/**
 * The page that shows a server to a person. Its script and its style are in it, and its policy (CSP) allows these two alone, by their digests.
 *
 * @param policy the Content-Security-Policy
 */
record Dashboard(String html, String policy) {
    private static final String FILE = "dashboard.html";

    /** From the program's own files. */
    static Dashboard load() {
        try (InputStream file = Dashboard.class.getResourceAsStream(FILE)) {
            return of(new String(file.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Dashboard of(String html) {
        return new Dashboard(html, "default-src 'none'; script-src " + digest(html, "script") + "; style-src " + digest(html, "style")
                + "; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
    }

    private static String digest(String html, String element) {
        String begin = "<" + element + ">";
        String content = html.substring(html.indexOf(begin) + begin.length(), html.indexOf("</" + element + ">"));
        return "'sha256-" + Base64.getEncoder().encodeToString(Digests.sha256(content.getBytes(StandardCharsets.UTF_8))) + "'";
    }

    Answer answer() {
        return new Answer(Answer.OK, "text/html; charset=utf-8", html, Map.of("Content-Security-Policy", policy));
    }
}
