package tunnelforge.server.admin;

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import tunnelforge.metrics.Counts;
import tunnelforge.metrics.Exposition;
import tunnelforge.net.Ledger;
import tunnelforge.server.access.Figures;
import tunnelforge.server.access.Traffic;
import tunnelforge.server.access.TurnedAway;
import tunnelforge.wire.TunnelError;
import tunnelforge.wire.TunnelProtocol;

/** What Prometheus reads. No label has more values than are written in the program: nothing grows with tunnels, visitors or what they send. */
record MetricsPage(Observed observed) {
    private static final String PREFIX = "tunnelforge_";

    Answer answer(Exposition.Format format) {
        Exposition out = new Exposition(format);
        Figures figures = observed.figures();
        build(out);
        tunnels(out, Census.of(observed.directory().tunnels()));
        registrations(out, figures);
        visits(out, figures);
        traffic(out, figures.traffic());
        refusals(out, figures);
        resources(out);
        ProcessFigures.add(out);
        return new Answer(Answer.OK, format.contentType(), out.text(), Map.of());
    }

    private static String label(Enum<?> kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }

    private void build(Exposition out) {
        Build build = Build.CURRENT;
        out.gauge(PREFIX + "build_info", "Always 1: which program this is.").sample(1, "version", build.version(), "commit", build.commit(), "java", build.java());
        out.gauge(PREFIX + "ready", "1 while visitors and agents are let in, 0 while the server drains.").sample(observed.ready().getAsBoolean() ? 1 : 0);
    }

    private static void tunnels(Exposition out, Census census) {
        out.gauge(PREFIX + "tunnels", "Tunnels, by protocol and by whether their agents are there.");
        for (TunnelProtocol protocol : TunnelProtocol.values()) {
            out.sample(census.attached(protocol), "protocol", protocol.wireName(), "agent", "attached");
            out.sample(census.away(protocol), "protocol", protocol.wireName(), "agent", "away");
        }
        out.gauge(PREFIX + "data_connections", "Data connections of all pools: carrying something, idle, or draining.")
                .sample(census.busy(), "state", "busy").sample(census.idle(), "state", "idle").sample(census.draining(), "state", "draining");
        out.gauge(PREFIX + "exchanges_in_flight", "Requests and sessions that data connections carry.").sample(census.exchanges());
        out.gauge(PREFIX + "waiting_visitors", "Visitors that wait for a data connection.").sample(census.waiting());
    }

    private static void registrations(Exposition out, Figures figures) {
        out.counter(PREFIX + "tunnel_registrations_total", "Tunnels that agents have opened, resumed or taken over, and that were restored after a restart of the server.");
        add(out, figures.registrations(), "kind");
        out.counter(PREFIX + "tunnels_ended_total", "Tunnels that have ended, by why.");
        add(out, figures.ends(), "reason");
    }

    private static <E extends Enum<E>> void add(Exposition out, Counts<E> counts, String name) {
        for (E kind : counts.kinds()) {
            out.sample(counts.of(kind), name, label(kind));
        }
    }

    private void visits(Exposition out, Figures figures) {
        out.gauge(PREFIX + "requests_in_flight", "Requests of tunnels that are not answered yet; sessions are not among them.").sample(observed.requests().count());
        out.counter(PREFIX + "requests_total", "Requests of http and https tunnels that are over, by the answer; broken: the visitor left, or the answer broke off.");
        for (Figures.Outcome outcome : figures.requests().kinds()) {
            out.sample(figures.requests().of(outcome), "status", outcome.label());
        }
        out.histogram(PREFIX + "response_latency_seconds", "Time from a request's head to the head of its answer, of answers that came through a tunnel.", figures.latencies());
        out.histogram(PREFIX + "request_duration_seconds", "Time from a request's head to the end of its answer, or to its 101.", figures.durations());
        out.histogram(PREFIX + "pool_wait_seconds", "Time that visitors have waited for a data connection; mostly none.", figures.waits());
        out.counter(PREFIX + "requests_resent_total", "Times that a request was given to a data connection once more, after the first was lost or did not run it.").sample(figures.resent().sum());
    }

    private static void traffic(Exposition out, Map<TunnelProtocol, Traffic> traffic) {
        out.counter(PREFIX + "exchanges_total", "Requests and sessions that tunnels have taken in.");
        traffic.forEach((protocol, moved) -> out.sample(moved.exchanges(), "protocol", protocol.wireName()));
        out.counter(PREFIX + "received_bytes_total", "Bytes of bodies and sessions from visitors.");
        traffic.forEach((protocol, moved) -> out.sample(moved.receivedBytes(), "protocol", protocol.wireName()));
        out.counter(PREFIX + "sent_bytes_total", "Bytes of bodies and sessions to visitors.");
        traffic.forEach((protocol, moved) -> out.sample(moved.sentBytes(), "protocol", protocol.wireName()));
    }

    private void refusals(Exposition out, Figures figures) {
        out.counter(PREFIX + "refusals_total", "Errors that visitors and agents were told, by code.");
        for (TunnelError error : figures.refusals().kinds()) {
            out.sample(figures.refusals().of(error), "code", error.wireName());
        }
        out.counter(PREFIX + "turned_away_total", "Connections and requests that came to nothing, by the event that the log has for them.");
        new TreeMap<>(observed.turnedAway()).forEach((who, away) -> add(out, who, away));
        out.counter(PREFIX + "handshakes_total", "TLS handshakes with visitors and agents.");
        add(out, figures.handshakes(), "result");
    }

    private static void add(Exposition out, String who, TurnedAway away) {
        away.told().forEach((event, count) -> out.sample(count, "who", who, "event", event));
    }

    private void resources(Exposition out) {
        Map<String, Ledger> parts = new TreeMap<>(observed.memory());
        out.gauge(PREFIX + "memory_used_bytes", "What is kept across a wait, by part; the program's is the whole, and sessions are among the connections.");
        parts.forEach((part, ledger) -> out.sample(ledger.used(), "part", part));
        out.gauge(PREFIX + "memory_capacity_bytes", "The most that each part may keep.");
        parts.forEach((part, ledger) -> out.sample(ledger.capacity(), "part", part));
        out.gauge(PREFIX + "visitor_connections", "Connections that may be visitors', and the sessions among them.")
                .sample(observed.callers().connections() - observed.callers().sessions(), "kind", "http").sample(observed.callers().sessions(), "kind", "session");
        out.gauge(PREFIX + "connections_limit", "The most connections of visitors and agents.").sample(observed.maxConnections());
        out.gauge(PREFIX + "tasks", "Tasks that have not ended, each on a virtual thread.").sample(observed.tasks().live());
    }
}
