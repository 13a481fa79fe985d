package tunnelforge.server.admin;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tunnelforge.metrics.Exposition;

/** Answers requests to the admin port, which have passed the {@link Guard}. Tasks of the port share it. */
final class Operator {
    private static final String TUNNEL = "/api/tunnels/";
    /** Who looks whether a server lives does not know its token, and learns no more than that. */
    private static final Set<String> PROBES = Set.of("/healthz", "/readyz");
    private static final int NO_CONTENT = 204;
    private static final int NOT_ALLOWED = 405;
    private static final int NO_BODY = -1;
    private static final Map<String, String> EVERY_ANSWER = Map.of("Cache-Control", "no-store", "X-Content-Type-Options", "nosniff", "Referrer-Policy", "no-referrer",
            "Cross-Origin-Resource-Policy", "same-origin");

    private final Guard guard;
    private final Observed observed;
    private final Pulse pulse;
    private final MetricsPage metrics;
    private final Status status;
    private final Dashboard dashboard = Dashboard.load();

    Operator(Guard guard, Observed observed, Pulse pulse) {
        this.guard = guard;
        this.observed = observed;
        this.pulse = pulse;
        metrics = new MetricsPage(observed);
        status = new Status(observed);
    }

    void serve(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getRawPath();
        Headers asked = exchange.getRequestHeaders();
        Answer refusal = guard.refusal(fields(asked, "Host"), fields(asked, "Origin"), fields(asked, "Authorization"), exchange.getLocalAddress().getAddress(),
                PROBES.contains(path));
        if (refusal != null || PROBES.contains(path)) {
            // Strangers get no connection that they could keep from others.
            exchange.getResponseHeaders().set("Connection", "close");
        }
        send(exchange, refusal != null ? refusal : answer(exchange.getRequestMethod(), String.valueOf(path), asked.getFirst("Accept")));
    }

    private static List<String> fields(Headers all, String name) {
        return all.getOrDefault(name, List.of());
    }

    private Answer answer(String method, String path, String accept) {
        boolean tunnel = path.startsWith(TUNNEL) && path.length() > TUNNEL.length();
        String allowed = tunnel ? "DELETE" : "GET, HEAD";
        if (tunnel ? !method.equals("DELETE") : !method.equals("GET") && !method.equals("HEAD")) {
            return Answer.text(NOT_ALLOWED, "Only " + allowed + " here.").with("Allow", allowed);
        }
        if (tunnel) {
            return observed.remove().test(path.substring(TUNNEL.length())) ? new Answer(NO_CONTENT, null, "", Map.of())
                    : Answer.text(Answer.NOT_FOUND, "There is no tunnel of this id.");
        }
        return switch (path) {
            case "/" -> dashboard.answer();
            case "/metrics" -> metrics.answer(Exposition.Format.accepted(accept));
            case "/healthz" -> health();
            case "/readyz" -> observed.ready().getAsBoolean() ? Answer.text(Answer.OK, "ready") : Answer.text(Answer.UNAVAILABLE, "draining");
            case "/api/tunnels" -> Answer.json(status.tunnels());
            case "/api/figures" -> Answer.json(status.figures());
            default -> Answer.text(Answer.NOT_FOUND, "There is nothing here.");
        };
    }

    private Answer health() {
        if (!observed.tasks().essentialLive()) {
            return Answer.text(Answer.UNAVAILABLE, "an essential task has died");
        }
        return pulse.beats() ? Answer.text(Answer.OK, "alive") : Answer.text(Answer.UNAVAILABLE, "time limits are not being judged");
    }

    private static void send(HttpExchange exchange, Answer answer) throws IOException {
        Headers fields = exchange.getResponseHeaders();
        EVERY_ANSWER.forEach(fields::set);
        answer.fields().forEach(fields::set);
        if (answer.contentType() != null) {
            fields.set("Content-Type", answer.contentType());
        }
        byte[] body = answer.bytes();
        boolean bodiless = exchange.getRequestMethod().equals("HEAD") || body.length == 0;
        exchange.sendResponseHeaders(answer.status(), bodiless ? NO_BODY : body.length);
        if (!bodiless) {
            exchange.getResponseBody().write(body);
        }
    }
}
