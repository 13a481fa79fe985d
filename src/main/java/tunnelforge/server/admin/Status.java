package tunnelforge.server.admin;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.LongStream;
import tunnelforge.json.JsonArray;
import tunnelforge.json.JsonNumber;
import tunnelforge.json.JsonObject;
import tunnelforge.json.JsonValue;
import tunnelforge.metrics.Histogram;
import tunnelforge.server.access.Figures;
import tunnelforge.server.access.Traffic;
import tunnelforge.server.tunnel.Tunnel;
import tunnelforge.server.tunnel.TunnelStatus;
import tunnelforge.text.Addresses;
import tunnelforge.wire.TunnelError;
import tunnelforge.wire.TunnelProtocol;

/** The server and its tunnels as JSON: what the dashboard asks for, and scripts. */
record Status(Observed observed) {
    /** {@code {"tunnels":[...]}}, by address. */
    JsonObject tunnels() {
        List<JsonValue> all = observed.directory().tunnels().stream().map(Tunnel::status).sorted(Comparator.comparing(TunnelStatus::url)).map(Status::tunnel).toList();
        return JsonObject.builder().put("tunnels", new JsonArray(all)).build();
    }

    private static JsonValue tunnel(TunnelStatus tunnel) {
        return JsonObject.builder().put("id", tunnel.id()).put("url", tunnel.url()).put("protocol", tunnel.protocol().wireName()).put("account", tunnel.account())
                .putIfPresent("agent", tunnel.agent() == null ? null : Addresses.text(tunnel.agent()))
                .put("since", Instant.now().minus(tunnel.age()).truncatedTo(ChronoUnit.SECONDS).toString())
                .put("data_connections", tunnel.pool().open()).put("exchanges_in_flight", tunnel.pool().exchanges()).put("waiting", tunnel.waiting())
                .put("exchanges", tunnel.traffic().exchanges()).put("received_bytes", tunnel.traffic().receivedBytes()).put("sent_bytes", tunnel.traffic().sentBytes()).build();
    }

    /** What the dashboard draws; what only grows since the server began is told as it stands. */
    JsonObject figures() {
        Figures figures = observed.figures();
        Census census = Census.of(observed.directory().tunnels());
        return JsonObject.builder().put("millis", figures.clock().nanos() / 1_000_000).put("version", Build.CURRENT.version()).put("ready", observed.ready().getAsBoolean())
                .put("tunnels", tunnels(census)).put("data_connections", census.busy() + census.idle()).put("waiting", census.waiting())
                .put("requests_in_flight", observed.requests().count()).put("sessions", observed.callers().sessions()).put("connections", observed.callers().connections())
                .put("requests", requests(figures)).put("latency", histogram(figures.latencies())).put("wait", histogram(figures.waits()))
                .put("received_bytes", figures.traffic().values().stream().mapToLong(Traffic::receivedBytes).sum())
                .put("sent_bytes", figures.traffic().values().stream().mapToLong(Traffic::sentBytes).sum())
                .put("refusals", refusals(figures)).put("memory", memory()).put("heap_used_bytes", ProcessFigures.heapUsed()).put("heap_max_bytes", Runtime.getRuntime().maxMemory())
                .build();
    }

    private static JsonObject tunnels(Census census) {
        JsonObject.Builder tunnels = JsonObject.builder();
        for (TunnelProtocol protocol : TunnelProtocol.values()) {
            tunnels.put(protocol.wireName(), census.attached(protocol) + census.away(protocol));
        }
        return tunnels.build();
    }

    private static JsonObject requests(Figures figures) {
        JsonObject.Builder requests = JsonObject.builder();
        figures.requests().kinds().forEach(outcome -> requests.put(outcome.label(), figures.requests().of(outcome)));
        return requests.build();
    }

    /** Bounds in microseconds. */
    private static JsonObject histogram(Histogram histogram) {
        Histogram.Reading reading = histogram.read();
        return JsonObject.builder().put("bounds", numbers(Arrays.stream(reading.bounds()).map(nanos -> nanos / 1_000))).put("counts", numbers(LongStream.of(reading.counts()))).build();
    }

    private static JsonArray numbers(LongStream values) {
        return new JsonArray(values.mapToObj(JsonNumber::of).map(JsonValue.class::cast).toList());
    }

    /** Those that there have been. */
    private static JsonObject refusals(Figures figures) {
        JsonObject.Builder refusals = JsonObject.builder();
        for (TunnelError error : figures.refusals().kinds()) {
            long count = figures.refusals().of(error);
            if (count > 0) {
                refusals.put(error.wireName(), count);
            }
        }
        return refusals.build();
    }

    private JsonObject memory() {
        JsonObject.Builder parts = JsonObject.builder();
        new TreeMap<>(observed.memory()).forEach((part, ledger) -> parts.put(part, JsonObject.builder().put("used", ledger.used()).put("capacity", ledger.capacity()).build()));
        return parts.build();
    }
}
