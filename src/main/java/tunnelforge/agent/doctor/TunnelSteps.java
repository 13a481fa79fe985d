package tunnelforge.agent.doctor;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import tunnelforge.agent.tunnel.ControlConnection;
import tunnelforge.agent.tunnel.ControlEvents.Event;
import tunnelforge.agent.tunnel.DataConnector;
import tunnelforge.agent.tunnel.NextStep;
import tunnelforge.agent.tunnel.ServerAnswered;
import tunnelforge.agent.tunnel.Serving;
import tunnelforge.agent.tunnel.Trouble;
import tunnelforge.cli.ExitException;
import tunnelforge.cli.Launch;
import tunnelforge.http.Fields;
import tunnelforge.http.Framing;
import tunnelforge.http.HttpReader;
import tunnelforge.http.HttpWriter;
import tunnelforge.http.RequestHead;
import tunnelforge.http.ResponseHead;
import tunnelforge.mux.FrameLink;
import tunnelforge.net.Connection;
import tunnelforge.net.Ledger;
import tunnelforge.net.SeenCertificates;
import tunnelforge.net.ServerTrust;
import tunnelforge.text.Ids;
import tunnelforge.wire.AgentMessage;
import tunnelforge.wire.Limits;
import tunnelforge.wire.ServerMessage;
import tunnelforge.wire.TunnelError;
import tunnelforge.wire.TunnelOptions;
import tunnelforge.wire.TunnelProtocol;

/** A tunnel with a name that the server picks, from its registration to one request of a visitor there and back. {@link #close} ends it. */
final class TunnelSteps implements AutoCloseable {
    private static final String ERROR_FIELD = "TunnelForge-Error";
    private static final Duration VISIT_LIMIT = Duration.ofSeconds(15);
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(2);
    private static final int EXCHANGES = 4;
    private static final int HEAD_BUFFER = 16 * 1024;
    private static final long MEMORY_BYTES = 8L * 1024 * 1024;

    private final Means means;
    private final ServerSteps server;
    private final FixedAnswer answer = new FixedAnswer("TunnelForge doctor " + Ids.unique());
    private final SeenCertificates seen = new SeenCertificates();
    private final Queue<ServerMessage.OpenDataConnection> asked = new ArrayDeque<>();
    private ControlConnection control;
    private ServerMessage.TunnelRegistered tunnel;
    private Connection data;

    TunnelSteps(Means means, ServerSteps server) {
        this.means = means;
        this.server = server;
    }

    String control() throws StepFailed {
        try {
            control = means.link().openControl(new CompletableFuture<>());
            return "a TunnelForge server answers";
        } catch (IOException e) {
            Trouble trouble = Trouble.of(means.server().address(), e);
            if (trouble.isCertificate()) {
                throw new StepFailed(ExitException.UNTRUSTED, trouble.reason(), NextStep.after(trouble, means.server()));
            }
            if (e instanceof ServerAnswered answered) {
                throw another(answered);
            }
            CertificateException untrusted = Trouble.find(CertificateException.class, e);
            if (untrusted != null) {
                throw new StepFailed(ExitException.UNTRUSTED, untrusted.getMessage(), "the certificate is another one than a moment ago: several servers answer here");
            }
            throw new StepFailed(Trouble.reason(e), "what answers here speaks TLS, but no HTTP that could be a TunnelForge server's");
        }
    }

    private static StepFailed another(ServerAnswered answer) {
        if (answer.error() == null) {
            return new StepFailed("no TunnelForge server: it answered " + answer.status() + (answer.software() == null ? "" : ", Server: " + answer.software()),
                    "--server must be the TunnelForge server itself; what stands in front of it must pass TLS on undecrypted");
        }
        return new StepFailed("the server answered " + answer.status() + " (" + answer.error() + ")",
                "--server must have the server's own name, not a tunnel's; and the versions of agent and server must go together");
    }

    String token() throws StepFailed, InterruptedException {
        try {
            control.send(new AgentMessage.RegisterTunnel(means.server().token(), TunnelProtocol.HTTPS, 0, TunnelOptions.NONE, null, Launch.version(), null, null));
        } catch (IOException e) {
            throw lost(Trouble.reason(e));
        } catch (IllegalArgumentException e) {
            throw new StepFailed(e.getMessage(), "the token cannot be one of a TunnelForge server");
        }
        long began = means.ticker().clock().nanos();
        while (tunnel == null) {
            switch (next(began, Limits.REGISTER_WITHIN)) {
                case ServerMessage.TunnelRegistered registered -> tunnel = registered;
                case ServerMessage.Error error -> throw refused(error);
                case ServerMessage.Drain drain -> throw new StepFailed("the server is stopping", "try again when it runs");
                case ServerMessage.OpenDataConnection open -> asked.add(open);
                case ServerMessage.KeepAlive alive -> { }
                case ServerMessage.Unknown unknown -> { }
            }
        }
        return "accepted; the tunnel is " + tunnel.url();
    }

    private static StepFailed refused(ServerMessage.Error error) {
        return new StepFailed(error.retry() && TunnelError.of(error.name()) != TunnelError.LIMIT ? StepFailed.FAILED : ExitException.REFUSED, error.message() + " (" + error.name() + ")", NextStep.after(error));
    }

    private ServerMessage next(long began, Duration limit) throws StepFailed, InterruptedException {
        Duration left = limit.minusNanos(means.ticker().clock().nanos() - began);
        return switch (control.next(left.isNegative() ? Duration.ZERO : left)) {
            case null -> throw lost("no answer within " + limit.toSeconds() + " s");
            case Event.Ended(String reason) -> throw lost(reason);
            case Event.Received(ServerMessage message) -> message;
        };
    }

    private static StepFailed lost(String reason) {
        return new StepFailed("the control connection has ended: " + reason, "look at the server's log; what stands between must let WebSockets live");
    }

    String data() throws StepFailed, InterruptedException {
        long began = means.ticker().clock().nanos();
        while (asked.isEmpty()) {
            if (next(began, Limits.CONNECTION_ID_LIFE) instanceof ServerMessage.OpenDataConnection open) {
                asked.add(open);
            }
        }
        ServerMessage.OpenDataConnection ask = asked.remove();
        Ledger part = means.memory().part(MEMORY_BYTES);
        DataConnector connector = new DataConnector(means.link().route(), part, new Serving(answer, means.memory(), EXCHANGES, means.tasks()), null);
        try {
            data = connector.connect();
            FrameLink link = connector.agree(data, control.tls(), ask.tunnelId(), ask.connectionId());
            means.tasks().start("data connection", () -> serve(link));
        } catch (IOException e) {
            throw new StepFailed(Trouble.reason(e), "control connections pass, data connections do not: what stands between must not look into TLS");
        }
        return "accepted";
    }

    private void serve(FrameLink link) {
        try {
            link.run(means.tasks(), means.ticker());
        } catch (IOException e) {
            // The visit fails, and is told of.
        }
    }

    /** As a visitor: at the server's address, with the tunnel's name. The answer is known to nobody else, so it proves more than a certificate. */
    String visit() throws StepFailed {
        URI url = url();
        try (Connection visitor = server.connect();
                Connection.Total all = visitor.within(VISIT_LIMIT)) {
            visitor.startTlsClient(seen.context(), null, url.getHost(), means.server().address().port());
            HttpWriter writer = new HttpWriter(visitor.out(), HEAD_BUFFER);
            Fields fields = new Fields();
            fields.add("Host", url.getRawAuthority());
            fields.add("Accept", "application/json");
            writer.head(new RequestHead("GET", "/", 1, fields));
            writer.flush();
            HttpReader reader = new HttpReader(visitor.in(), HEAD_BUFFER);
            ResponseHead head = reader.readResponse(HEAD_BUFFER);
            if (head.fields().contains(ERROR_FIELD)) {
                throw new StepFailed("the server answered " + head.status() + " (" + head.fields().get(ERROR_FIELD) + ")", "look at the server's log");
            }
            reader.startBody(Framing.ofResponse(head, "GET"));
            if (head.status() != 200 || !answer.text().equals(body(reader))) {
                throw new StepFailed("the answer (" + head.status() + ") is not the one that went into the tunnel", "what stands between must not change answers");
            }
        } catch (IOException e) {
            throw new StepFailed(Trouble.reason(e), "visitors are cut off: look at the server's log, and at what stands between");
        }
        return "a request to " + url + " came through the tunnel and back";
    }

    private URI url() throws StepFailed {
        try {
            URI url = URI.create(tunnel.url());
            if (url.getHost() != null) {
                return url;
            }
        } catch (IllegalArgumentException e) {
            // No address of a site either.
        }
        throw new StepFailed("the server gave the tunnel an address that is none: " + tunnel.url(), "the server is no TunnelForge server of this kind");
    }

    /** One octet more than the answer is enough to see that it is another one. */
    private String body(HttpReader reader) throws IOException {
        byte[] body = new byte[answer.text().length() + 1];
        int length = 0;
        for (int count; length < body.length && (count = reader.readBody(body, length, body.length - length)) >= 0;) {
            length += count;
        }
        return new String(body, 0, length, StandardCharsets.ISO_8859_1);
    }

    /** What visitors will see that is no fault of the server's: the certificate in a browser's eyes, and the name in the DNS. */
    void remarks(Report report) throws StepFailed {
        String host = url().getHost();
        try {
            new ServerTrust(null, List.of(), host).checkServerTrusted(seen.chain(), seen.authType());
            report.note("browsers trust what visitors are shown, as far as Java's list of CAs tells");
        } catch (CertificateException e) {
            report.note("browsers warn visitors: " + e.getMessage());
        }
        String found = server.lookUp(host);
        if (found != null) {
            report.note(found);
        }
    }

    @Override
    public void close() throws InterruptedException {
        if (control != null) {
            if (tunnel != null) {
                closeTunnel();
            }
            control.close();
        }
        if (data != null) {
            data.kill();
        }
    }

    /** So that its name is free at once. */
    private void closeTunnel() throws InterruptedException {
        try {
            control.send(new AgentMessage.CloseTunnel(tunnel.tunnelId()));
            long began = means.ticker().clock().nanos();
            while (next(began, CLOSE_LIMIT) != null) {
                // Until the server has closed it, which ends the control connection.
            }
        } catch (IOException | StepFailed e) {
            // It is over.
        }
    }
}
