package tunnelforge.agent.local;

import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import tunnelforge.agent.tunnel.Request;
import tunnelforge.agent.tunnel.ResponseSink;
import tunnelforge.http.BodySink;
import tunnelforge.http.ConnectionLogin;
import tunnelforge.http.FieldChanges;
import tunnelforge.http.Framing;
import tunnelforge.http.HttpBodies;
import tunnelforge.http.HttpException;
import tunnelforge.http.HttpReader;
import tunnelforge.http.RequestHead;
import tunnelforge.http.ResponseHead;
import tunnelforge.http.Upgrade;
import tunnelforge.log.Log;
import tunnelforge.mux.ResetException;
import tunnelforge.net.Connection;
import tunnelforge.net.Tasks;
import tunnelforge.text.Printable;
import tunnelforge.wire.Limits;
import tunnelforge.wire.ResetCode;

/**
 * One request served by the local service, on a task of its own: the request is written as it arrives, and the response is sent as it
 * comes. Content that is not here whole is carried by a second task.
 */
final class LocalExchange {
    /** While the answer is waited for: with nothing moving either way. */
    static final Duration RESPONSE_LIMIT = Duration.ofMinutes(10);

    /** Safe to run twice (RFC 9110 section 9.2.2). */
    private static final Set<String> IDEMPOTENT = Set.of("GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE");

    /** What all exchanges share. */
    record Setting(LocalService service, HostHeader hostHeader, FieldChanges toService, CircuitBreaker breaker, Tasks tasks, Log log) {
    }

    private final Setting setting;
    private final Request request;
    private final ResponseSink sink;
    private Origins origins = Origins.SAME;
    /** Null when the visitor asks for no other protocol. */
    private final String upgradeTo;
    private final String visitorConnection;
    /** Whether the request takes a step of a login that holds for the connection. */
    private final boolean logsIn;
    private LocalRequestBody body;
    private boolean answered;

    LocalExchange(Setting setting, Request request, ResponseSink sink) {
        this.setting = setting;
        this.request = request;
        this.sink = sink;
        visitorConnection = LocalHeads.visitorConnection(request.head());
        logsIn = ConnectionLogin.isIn(request.head());
        upgradeTo = request.upgrade() ? Upgrade.asked(request.head(), request.framing()) : null;
    }

    void run() {
        LocalFailure known = setting.breaker().refuses();
        if (known != null) {
            sink.fail(known.code(), known.reason());
            return;
        }
        try {
            origins = Origins.of(request.head().fields(), setting.hostHeader(), setting.service().target());
            RequestHead head = LocalHeads.request(request.head(), upgradeTo, request.framing(), origins);
            setting.toService().apply(head.fields());
            LocalLease kept = setting.service().takeKept(visitorConnection);
            if (kept == null || !serve(kept, head)) {
                LocalLease made = connect();
                if (made != null) {
                    serve(made, head);
                }
            }
        } finally {
            if (body != null) {
                body.await();
            }
        }
    }

    /** Null when the exchange has failed. */
    private LocalLease connect() {
        try {
            return connectUnlessOver();
        } catch (IOException e) {
            LocalFailure failure = LocalFailure.toConnect(setting.service().target(), e);
            fail(failure.code(), failure.reason(), e);
            return null;
        }
    }

    /** An exchange that ends early interrupts its task, so that neither a task nor a socket stays behind. */
    private LocalLease connectUnlessOver() throws IOException {
        try (Request.Hook hook = request.onEnd(Thread.currentThread()::interrupt)) {
            return setting.service().connect();
        } finally {
            // The hook is closed: what interrupts from now on is meant otherwise.
            Thread.interrupted();
        }
    }

    /** False when a kept connection turned out to be closed and the request may be sent once more on another. */
    private boolean serve(LocalLease lease, RequestHead head) {
        try (lease; Request.Hook hook = request.onEnd(lease::kill)) {
            send(lease, head);
            receive(lease);
        } catch (ResetException e) {
            setting.log().debug("exchange_ended", "an exchange has ended early", "reason", e.getMessage());
        } catch (HttpException e) {
            boolean overloaded = e.status() == HttpException.OVERLOADED;
            fail(overloaded ? ResetCode.OVERLOADED : ResetCode.UPSTREAM_INVALID, "what " + setting.service().target() + " answered "
                    + (overloaded ? "is too much for now: " : "is no valid HTTP: ") + e.getMessage(), e);
        } catch (IOException e) {
            if (maySendAgain(lease)) {
                return false;
            }
            failed(lease, e);
        }
        return true;
    }

    /** A kept connection that was closed without a byte of an answer has most likely been closed before the request came. */
    private boolean maySendAgain(LocalLease lease) {
        return isRepeatable() && lease.kept() && !lease.answerBegan() && !request.isOver() && !lease.connection().late();
    }

    private boolean isRepeatable() {
        return IDEMPOTENT.contains(request.head().method()) && request.framing().isEmpty();
    }

    private void failed(LocalLease lease, IOException e) {
        String target = setting.service().target().toString();
        if (lease.connection().late()) {
            fail(ResetCode.UPSTREAM_TIMEOUT, target + " did not answer within " + RESPONSE_LIMIT.toMinutes() + " minutes", e);
        } else if (answered) {
            fail(ResetCode.BROKEN_OFF, target + " broke off its response", e);
        } else {
            // It may have run, on a new connection as well.
            fail(isRepeatable() ? ResetCode.UPSTREAM_INVALID : ResetCode.OUTCOME_UNKNOWN, target + " closed the connection before it answered", e);
        }
    }

    private void fail(ResetCode code, String reason, IOException cause) {
        if (!request.isOver()) {
            setting.breaker().failed(new LocalFailure(code, reason));
        }
        if (!request.isOver() && !setting.service().isTold(cause)) {
            setting.log().warn("upstream_failed", reason, "error", LocalFailure.why(cause), "request", request.head().method() + " " + request.head().path());
        }
        sink.fail(code, reason);
    }

    private void send(LocalLease lease, RequestHead head) throws IOException {
        Framing framing = request.framing();
        if (logsIn) {
            lease.belongsTo(visitorConnection);
        }
        lease.connection().idleLimit(RESPONSE_LIMIT);
        request.given();
        lease.writer().head(head);
        lease.writer().startBody(framing);
        if (framing.isEmpty()) {
            // Without a task for the body, which might still be there when the request is sent once more.
            lease.writer().flush();
            return;
        }
        BodySink to = setting.toService().around(HttpBodies.sink(lease.writer()));
        LocalRequestBody carried = new LocalRequestBody(request, to, lease.connection()::finish);
        int whole = request.wholeContent();
        if (request.upgrade() || whole >= 0 && whole <= Limits.INITIAL_WINDOW) {
            // That of an upgrade is about to be here: what follows belongs to the session.
            carried.run();
        } else {
            to.flush();
            setting.tasks().start("local request body", carried);
        }
        body = carried;
    }

    private boolean requestSent() {
        return body == null || body.sent();
    }

    private void receive(LocalLease lease) throws IOException {
        HttpReader reader = lease.reader();
        ResponseHead head = reader.readResponse(Limits.MAX_SERVICE_HEAD);
        for (int informational = 1; head.status() < 200 && head.status() != 101; informational++) {
            if (informational > Limits.MAX_INFORMATIONAL) {
                throw new HttpException(502, "more than " + Limits.MAX_INFORMATIONAL + " informational responses");
            }
            sink.informational(LocalHeads.response(head, Framing.NONE, origins));
            head = reader.readResponse(Limits.MAX_SERVICE_HEAD);
        }
        answered = true;
        setting.breaker().succeeded();
        if (ConnectionLogin.isIn(head)) {
            lease.belongsTo(visitorConnection);
        }
        lease.connection().idleLimit(Connection.NO_LIMIT);
        if (head.status() == 101) {
            if (!Upgrade.isGranted(upgradeTo, head)) {
                throw new HttpException(502, "a 101 to " + Printable.quotedOctets(String.join(", ", head.fields().all("Upgrade"))) + ", which was not asked for");
            }
            sink.upgrade(LocalHeads.response(head, Framing.NONE, origins), HttpBodies.rawSource(reader),
                    HttpBodies.rawSink(lease.writer(), lease.connection()::finish));
            return;
        }
        Framing framing = Framing.ofService(head, request.head().method());
        LocalResponseBody from = new LocalResponseBody(lease, head, framing, this::requestSent);
        sink.respond(LocalHeads.response(head, framing, origins), from);
    }
}
