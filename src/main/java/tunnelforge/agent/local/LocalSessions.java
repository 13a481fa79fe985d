package tunnelforge.agent.local;

import java.io.IOException;
import java.time.Duration;
import tunnelforge.agent.tunnel.Request;
import tunnelforge.agent.tunnel.Responder;
import tunnelforge.agent.tunnel.ResponseSink;
import tunnelforge.log.Log;
import tunnelforge.mux.ResetException;
import tunnelforge.mux.Session;
import tunnelforge.net.Connection;
import tunnelforge.wire.ResetCode;
import tunnelforge.wire.SessionOpen;

/**
 * The sessions of a {@code tcp} or {@code tls} tunnel: each gets a connection to the local service of its own.
 *
 * @param breaker spares a service that fails
 * @param proxyProtocol the version of the header that tells the local service who has come
 */
public record LocalSessions(LocalService service, CircuitBreaker breaker, ProxyProtocol proxyProtocol, Log log) implements Responder {
    /** The server ends sessions that are idle for too long; here it is seen to that one whose local service reads nothing does not stay for ever. */
    private static final Duration IDLE_LIMIT = Duration.ofDays(1);

    @Override
    public void serve(Request request, ResponseSink sink) {
        sink.fail(ResetCode.PROTOCOL, "this tunnel carries sessions, and no HTTP");
    }

    @Override
    public void serve(Session session, SessionOpen open) {
        Connection local = connect(session);
        if (local == null) {
            return;
        }
        try {
            byte[] header = proxyProtocol.header(open);
            if (header.length > 0) {
                local.out().write(header);
            }
            session.run(local, IDLE_LIMIT);
            local.close();
        } catch (ResetException e) {
            log.debug("session_reset", "a session has ended early", "reason", e.getMessage());
        } catch (IOException e) {
            session.refuse(ResetCode.UPSTREAM_REFUSED, service.target() + " closed the connection at once");
        } catch (RuntimeException | Error bug) {
            session.refuse(ResetCode.BROKEN_OFF, "the agent has failed");
            throw bug;
        } finally {
            local.kill();
        }
    }

    /** Null when the session was refused. */
    private Connection connect(Session session) {
        LocalFailure known = breaker.refuses();
        if (known != null) {
            session.refuse(known.code(), known.reason());
            return null;
        }
        try {
            Connection local = service.open();
            breaker.succeeded();
            return local;
        } catch (IOException e) {
            LocalFailure failure = LocalFailure.toConnect(service.target(), e);
            breaker.failed(failure);
            if (!service.isTold(e)) {
                log.warn("upstream_failed", failure.reason(), "error", LocalFailure.why(e));
            }
            session.refuse(failure.code(), failure.reason());
            return null;
        }
    }

    @Override
    public void close() {
        service.close();
    }
}
