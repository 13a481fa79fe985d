package tunnelforge.server.access;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import tunnelforge.metrics.Counts;
import tunnelforge.metrics.Histogram;
import tunnelforge.net.Clock;
import tunnelforge.wire.TunnelError;
import tunnelforge.wire.TunnelProtocol;

/**
 * What a server counts from its start on, where it happens. What there is at a moment is not here: whoever has it is asked.
 *
 * @param clock by which times are measured
 * @param traffic of all tunnels of each protocol
 * @param requests of tunnels that have been answered, by their answers
 * @param latencies from a request's head to the head of its answer, of answers that came through a tunnel
 * @param durations from a request's head to the end of its answer
 * @param waits of visitors for a data connection
 * @param resent requests that were given to a data connection once more
 * @param refusals that visitors and agents were told
 * @param handshakes of TLS on the server's port
 * @param registrations of agents
 * @param ends of tunnels
 */
public record Figures(Clock clock, Map<TunnelProtocol, Traffic> traffic, Counts<Outcome> requests, Histogram latencies, Histogram durations, Histogram waits, LongAdder resent,
        Counts<TunnelError> refusals, Counts<Handshake> handshakes, Counts<Registration> registrations, Counts<End> ends) {
    /** What has become of a request. */
    public enum Outcome {
        /** 101: it is a session now. */
        SWITCHED("1xx"),
        /** 2xx. */
        SUCCESS("2xx"),
        /** 3xx. */
        REDIRECTION("3xx"),
        /** 4xx. */
        CLIENT_ERROR("4xx"),
        /** 5xx. */
        SERVER_ERROR("5xx"),
        /** It got no answer, or not all of it: the visitor left, or the answer broke off. */
        BROKEN("broken");

        private static final int CLASS = 100;

        private final String label;

        Outcome(String label) {
            this.label = label;
        }

        /** Of an answer that was given whole. */
        public static Outcome of(int status) {
            return switch (status / CLASS) {
                case 1 -> SWITCHED;
                case 2 -> SUCCESS;
                case 3 -> REDIRECTION;
                case 4 -> CLIENT_ERROR;
                default -> SERVER_ERROR;
            };
        }

        /** For a person: {@code 2xx}. */
        public String label() {
            return label;
        }
    }

    /** How a TLS handshake went. */
    public enum Handshake { OK, FAILED }

    /** What an agent has got. */
    public enum Registration {
        /** A new tunnel. */
        OPENED,
        /** The one that it had. */
        RESUMED,
        /** The address of another run of the same agent. */
        TAKEN_OVER,
        /** Nothing yet: the tunnel is the last run's, and waits for its agent. */
        RESTORED
    }

    /** Why a tunnel is no more. */
    public enum End {
        /** Its agent has closed it. */
        CLOSED,
        /** Its agent did not come back. */
        EXPIRED,
        /** Another run of its agent has its address. */
        DISPLACED,
        /** Its account may not have it any longer. */
        REVOKED,
        /** The server's operator has closed it. */
        REMOVED
    }

    /** Nothing has been counted. */
    public static Figures begin(Clock clock) {
        Map<TunnelProtocol, Traffic> traffic = new EnumMap<>(TunnelProtocol.class);
        for (TunnelProtocol protocol : TunnelProtocol.values()) {
            traffic.put(protocol, new Traffic());
        }
        return new Figures(clock, traffic, new Counts<>(Outcome.class), Histogram.ofLatencies(), Histogram.ofLatencies(), Histogram.ofLatencies(), new LongAdder(),
                new Counts<>(TunnelError.class), new Counts<>(Handshake.class), new Counts<>(Registration.class), new Counts<>(End.class));
    }
}
