package tunnelforge.agent.local;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.Set;
import tunnelforge.agent.tunnel.Responder;
import tunnelforge.http.Fields;
import tunnelforge.http.Framing;
import tunnelforge.http.HopByHop;
import tunnelforge.http.HttpException;
import tunnelforge.http.HttpReader;
import tunnelforge.http.HttpWriter;
import tunnelforge.http.RequestHead;
import tunnelforge.http.ResponseHead;
import tunnelforge.log.Log;
import tunnelforge.mux.Exchange;
import tunnelforge.mux.Outflow;
import tunnelforge.mux.ResetException;
import tunnelforge.net.Tasks;
import tunnelforge.wire.FrameBuffer;
import tunnelforge.wire.FrameType;
import tunnelforge.wire.Limits;
import tunnelforge.wire.ResetCode;

/**
 * One request served by the local service, on a task of its own: the request is written as it arrives, and the response is sent as it comes. A body that is
 * not here whole is carried by a second task.
 */
public final class LocalExchange {
    /** From the request to the head of the response. */
    static final Duration RESPONSE_LIMIT = Duration.ofMinutes(10);

    /** Safe to run twice (RFC 9110 section 9.2.2), so safe to send again on a new connection when a kept one was closed under it. */
    private static final Set<String> IDEMPOTENT = Set.of("GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE");

    /**
     * What all exchanges share.
     *
     * @param service where requests go
     * @param buffers for what exchanges send
     * @param hostHeader what it sees as Host
     * @param tasks where second tasks run
     * @param log for one line per failure
     */
    public record Setting(LocalService service, FrameBuffers buffers, HostHeader hostHeader, Tasks tasks, Log log) implements Responder {
        @Override
        public void serve(Exchange exchange, RequestHead request, Framing framing, boolean upgrade) {
            new LocalExchange(this, exchange, request, framing, upgrade).run();
        }

        @Override
        public void close() {
            service.close();
        }
    }

    private final Setting setting;
    private final Exchange exchange;
    private final RequestHead request;
    private final Framing framing;
    private final boolean upgrade;
    private final FrameBuffer frames;
    private LocalConnection local;
    private LocalRequestBody body;
    private volatile boolean answered;

    private LocalExchange(Setting setting, Exchange exchange, RequestHead request, Framing framing, boolean upgrade) {
        this.setting = setting;
        this.exchange = exchange;
        this.request = request;
        this.framing = framing;
        this.upgrade = upgrade;
        this.frames = setting.buffers().take();
    }

    private void run() {
        try {
            RequestHead head = LocalHeads.request(request, upgrade, framing, setting.hostHeader());
            local = setting.service().takeIdle();
            if (local == null || !serve(head)) {
                if (connect()) {
                    serve(head);
                }
            }
        } finally {
            if (local != null) {
                local.connection().kill();
            }
            if (body != null) {
                body.await();
            }
            exchange.close();
            setting.buffers().give(frames);
        }
    }

    private boolean connect() {
        try {
            local = setting.service().connect();
            return true;
        } catch (SocketTimeoutException e) {
            fail(ResetCode.UPSTREAM_TIMEOUT, "nothing answered at " + setting.service().target() + " within "
                    + LocalService.CONNECT_LIMIT.toSeconds() + " s", e);
        } catch (IOException e) {
            fail(ResetCode.UPSTREAM_REFUSED, "the agent could not connect to " + setting.service().target(), e);
        }
        return false;
    }

    /** False when a kept connection turned out to be closed and the request may be sent once more on another. */
    private boolean serve(RequestHead head) {
        exchange.onFailure(local.connection()::kill);
        try {
            send(head);
            receive();
        } catch (ResetException e) {
            setting.log().debug("exchange_ended", "an exchange has ended early", "reason", e.getMessage());
        } catch (HttpException e) {
            fail(ResetCode.UPSTREAM_INVALID, "what " + setting.service().target() + " answered is no valid HTTP: "
                    + e.getMessage(), e);
        } catch (IOException e) {
            if (local.reused() && !answered && !exchange.isOver() && !local.connection().late() && framing instanceof Framing.None && IDEMPOTENT.contains(request.method())) {
                local.connection().kill();
                return false;
            }
            failed(e);
        }
        return true;
    }

    private void failed(IOException e) {
        if (local.connection().late()) {
            fail(ResetCode.UPSTREAM_TIMEOUT, setting.service().target() + " did not answer within "
                    + RESPONSE_LIMIT.toMinutes() + " minutes", e);
        } else if (answered) {
            fail(ResetCode.BROKEN_OFF, setting.service().target() + " broke off its response", e);
        } else if (local.reused() && !IDEMPOTENT.contains(request.method())) {
            fail(ResetCode.OUTCOME_UNKNOWN, setting.service().target() + " closed the connection before it answered", e);
        } else {
            fail(ResetCode.UPSTREAM_INVALID, setting.service().target() + " closed the connection before it answered", e);
        }
    }

    private void fail(ResetCode code, String reason, IOException cause) {
        if (!exchange.isOver()) {
            setting.log().warn("upstream_failed", reason, "error", why(cause), "request", request.method() + " " + path());
        }
        exchange.reset(code, reason);
    }

    /** What went wrong, for a person. */
    static String why(IOException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateException) {
                return cause.getMessage() + "; --upstream-insecure accepts any";
            }
        }
        return e.getMessage() == null ? "end of stream" : e.getMessage();
    }

    /** Without the query, which may hold secrets. */
    private String path() {
        int query = request.target().indexOf('?');
        return query < 0 ? request.target() : request.target().substring(0, query);
    }

    private void send(RequestHead head) throws IOException {
        HttpWriter writer = local.writer();
        local.connection().sendDeadline(LocalRequestBody.STALL_LIMIT);
        writer.head(head);
        writer.startBody(framing);
        int rest = framing instanceof Framing.None ? 0 : exchange.wholeRest();
        if (rest >= 0 && rest <= Limits.INITIAL_WINDOW) {
            for (int count; rest > 0 && (count = exchange.awaitData()) > 0; rest -= count) {
                writer.body(exchange.data(), exchange.dataOffset(), count);
                exchange.taken(count);
            }
            writer.endBody(framing instanceof Framing.Chunked ? exchange.trailers() : null);
            writer.flush();
            local.connection().noSendDeadline();
            expectAnswer();
        } else {
            writer.flush();
            local.connection().noSendDeadline();
            body = new LocalRequestBody(exchange, local, framing, this::expectAnswer);
            setting.tasks().start("local request body", body);
        }
    }

    /** The local service has the whole request: from now on its answer is waited for. Called by the task that has sent it. */
    private void expectAnswer() {
        local.connection().deadline(RESPONSE_LIMIT);
        if (answered) {
            local.connection().noDeadline();
        }
    }

    private void receive() throws IOException {
        HttpReader reader = local.reader();
        frames.clear();
        ResponseHead head = reader.readResponse(Limits.MAX_RESPONSE_HEAD);
        for (int informational = 1; head.status() < 200 && head.status() != 101; informational++) {
            if (informational > Limits.MAX_INFORMATIONAL) {
                throw new HttpException(502, "more than " + Limits.MAX_INFORMATIONAL + " informational responses");
            }
            appendHead(LocalHeads.response(head, new Framing.None()));
            exchange.send(frames, 0, false);
            frames.clear();
            head = reader.readResponse(Limits.MAX_RESPONSE_HEAD);
        }
        answered = true;
        local.connection().noDeadline();
        if (head.status() == 101) {
            if (!upgrade) {
                throw new HttpException(502, "a 101 to a request that asked for no upgrade");
            }
            exchange.beginSession();
            appendHead(LocalHeads.response(head, new Framing.None()));
            exchange.send(frames, 0, false);
            new LocalUpgradedSession(exchange, local, frames, setting.tasks()).run();
            return;
        }
        Framing responseFraming = Framing.ofResponse(head, request.method());
        boolean keep = HopByHop.persists(head, responseFraming);
        String keepAlive = head.fields().get("Keep-Alive");
        appendHead(LocalHeads.response(head, responseFraming));
        int last = sendBody(reader, responseFraming);
        // Before the server can know that all is answered, so that its next request finds the connection.
        if (keep && local.reader().buffered() == 0 && isRequestSent()) {
            keepConnection(keepAlive);
        }
        exchange.send(frames, last, true);
    }

    /** What has come of the body whole is on its way, or a local service that has answered already does not read it. */
    private boolean isRequestSent() {
        return body == null || exchange.wholeRest() >= 0 && body.sent();
    }

    private void keepConnection(String keepAlive) {
        exchange.onFailure(null);
        LocalConnection kept = local;
        local = null;
        setting.service().give(kept, keepAlive);
    }

    private void appendHead(ResponseHead head) throws HttpException {
        Outflow.head(frames, exchange.id(), head);
    }

    /**
     * Sends the head and the body as they come, but for what the last frames are: those are left in {@link #frames}, with END behind them.
     *
     * @return how many bytes of DATA are left there
     */
    private int sendBody(HttpReader reader, Framing responseFraming) throws IOException {
        reader.startBody(responseFraming);
        int left = 0;
        while (!reader.bodyEnded()) {
            int credit = exchange.awaitCredit();
            if (credit == 0) {
                throw new EOFException("the exchange is over");
            }
            if (frames.length() > 0 && !reader.bodyReadable()) {
                exchange.send(frames, 0, false);
                frames.clear();
            }
            int header = frames.begin(exchange.id(), FrameType.DATA);
            frames.ensure(credit);
            left = Math.max(0, reader.readBody(frames.array(), frames.length(), credit));
            frames.advance(left);
            frames.finish(header);
            if (!reader.bodyEnded()) {
                exchange.send(frames, left, false);
                frames.clear();
                left = 0;
            }
        }
        Fields trailers = reader.trailers();
        trailers.removeIf(LocalHeads::isOurs);
        Outflow.end(frames, exchange.id(), trailers, 502);
        return left;
    }
}
