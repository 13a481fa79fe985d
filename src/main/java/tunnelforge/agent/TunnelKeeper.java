package tunnelforge.agent;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import tunnelforge.agent.files.FileResponder;
import tunnelforge.agent.local.CircuitBreaker;
import tunnelforge.agent.local.LocalResponder;
import tunnelforge.agent.local.LocalService;
import tunnelforge.agent.local.LocalSessions;
import tunnelforge.agent.local.Target;
import tunnelforge.agent.proxy.ProxyException;
import tunnelforge.agent.tunnel.AgentId;
import tunnelforge.agent.tunnel.Backoff;
import tunnelforge.agent.tunnel.ControlConnection;
import tunnelforge.agent.tunnel.ControlEvents.Event;
import tunnelforge.agent.tunnel.DataConnections;
import tunnelforge.agent.tunnel.DataConnector;
import tunnelforge.agent.tunnel.NextStep;
import tunnelforge.agent.tunnel.Reachability;
import tunnelforge.agent.tunnel.RecordedResponder;
import tunnelforge.agent.tunnel.RequestLog;
import tunnelforge.agent.tunnel.Responder;
import tunnelforge.agent.tunnel.Serving;
import tunnelforge.agent.tunnel.Trouble;
import tunnelforge.cli.ExitException;
import tunnelforge.log.Log;
import tunnelforge.mux.Resumption;
import tunnelforge.net.Ledger;
import tunnelforge.wire.AgentMessage;
import tunnelforge.wire.Limits;
import tunnelforge.wire.ServerMessage;
import tunnelforge.wire.TunnelError;

/**
 * Keeps one tunnel open: {@link #run} registers it, answers the server, and after a drop takes it up again, for as long as it takes, until
 * {@link #stop}. Data connections outlive the control connection that they were asked for on, so that a drop of that one harms no visitor.
 */
final class TunnelKeeper {
    /** Data connections that are open or being opened at once: the pool, those that drain, and as many again. */
    static final int MAX_DATA_CONNECTIONS = 64;
    /** The same where each session has one. */
    private static final int MAX_SESSIONS = 2_200;
    /** What a session costs at most, its local connection included. */
    private static final int BYTES_PER_SESSION = 256 * 1024;
    /** Of its memory so much, a quarter, is for answers that the server may not have. */
    private static final int ANSWERS_PART = 4;
    /** What a tunnel of HTTP may use of the program's memory. */
    private static final long MEMORY_BYTES = 64L * 1024 * 1024;

    /** From the registration until something has come on a data connection: it has to be asked for, and opened. */
    private static final Duration FIRST_DATA_LIMIT = Limits.DEAD_AFTER.multipliedBy(2);
    private static final Duration LOOK_EVERY = Duration.ofMillis(500);
    private static final Duration LOOK_AT_FILES_EVERY = Duration.ofSeconds(30);
    /** For the server to close the tunnel, when what is in flight has had its time. */
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

    private final AgentProgram program;
    private final AgentConfig.Tunnel config;
    private final Log log;
    private final Ledger memory;
    private final Responder responder;
    private final Serving serving;
    private final DataConnections data;
    private final Resumption resumption;
    private final Reachability reachability;
    /** Why there is no tunnel, until that is told. */
    private Trouble trouble;
    private final Registration registration;
    private final LocalService local;
    private final CompletableFuture<Void> stopping = new CompletableFuture<>();
    private volatile long stoppedAt;
    private final Supplier<AgentId> ids;
    /** While it runs, by its task; null to prove nothing. */
    private AgentId id;
    /** The server has asked to be left, at {@link #drainedAt}, and no other has been reached since. */
    private boolean returnsSoon;
    private long drainedAt;

    /** {@code ids}: what proves to the server that this is the agent that had the name before; gives null to prove nothing. */
    TunnelKeeper(AgentProgram program, AgentConfig.Tunnel config, Supplier<AgentId> ids) {
        this.program = program;
        this.config = config;
        this.ids = ids;
        this.log = config.name() == null ? program.log() : program.log().about("tunnel", config.name());
        this.memory = program.memory().part(config.carriesSessions() ? (long) MAX_SESSIONS * BYTES_PER_SESSION : MEMORY_BYTES);
        this.local = config.target() instanceof Target.Service service ? service(service) : null;
        this.registration = new Registration(program.server().token(), config, log);
        Responder changed = config.local().traffic().around(responder(), program.deflaters(), memory, program.ticker().clock());
        this.responder = config.tells().requests() ? new RequestLog(changed, program.ticker().clock(), log) : changed;
        int most = config.carriesSessions() ? MAX_SESSIONS : MAX_DATA_CONNECTIONS;
        this.serving = new Serving(new RecordedResponder(responder, program.ticker().clock()), program.memory(), most, program.tasks());
        this.resumption = new Resumption(memory.part(memory.capacity() / ANSWERS_PART), program.ticker());
        this.data = new DataConnections(new DataConnector(program.link().route(), memory, serving, config.carriesSessions() ? null : resumption), most, program.memory(), program.tasks(),
                program.ticker(), log);
        this.reachability = new Reachability(program.ticker().clock(), log);
    }

    private Responder responder() {
        return switch (config.target()) {
            case Target.Service service when config.carriesSessions() -> new LocalSessions(local, breaker(service), config.local().proxyProtocol(), log);
            case Target.Service service -> new LocalResponder(local, config.local().hostHeader(), config.local().traffic().toService(), breaker(service), program.tasks(), log);
            case Target.Directory directory -> new FileResponder(directory.path(), memory, log);
        };
    }

    private CircuitBreaker breaker(Target.Service service) {
        return new CircuitBreaker(config.local().failuresToSpare(), service, program.ticker().clock(), log);
    }

    private LocalService service(Target.Service target) {
        return new LocalService(target, config.local().verify(), !config.carriesSessions(), program.resolver(), program.ticker(), program.memory(), program.tasks(), log);
    }

    /**
     * Keeps the tunnel open until {@link #stop}.
     *
     * @throws ExitException when trying again is of no use
     */
    void run() throws ExitException {
        Backoff backoff = new Backoff(ThreadLocalRandom.current());
        id = ids.get();
        if (id != null) {
            resumption.writesTo(id.journal());
        }
        try {
            while (!isStopping()) {
                long started = program.ticker().clock().nanos();
                try (ControlConnection control = program.link().openControl(stopping)) {
                    program.reached();
                    Term term = new Term(control);
                    term.serve();
                    if (term.open) {
                        backoff.reached();
                    }
                } catch (IOException e) {
                    failed(e);
                } finally {
                    data.askedAnew();
                }
                if (program.ticker().clock().nanos() - started > Limits.RECONNECT_STABLE.toNanos()) {
                    backoff.reset();
                }
                pause(backoff);
            }
            finishInFlight();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            data.close();
            resumption.close();
            responder.close();
            if (id != null) {
                id.close();
            }
        }
    }

    /** The server waits for that before it closes the tunnel; but it may be away, or stopping as well. */
    private void finishInFlight() throws InterruptedException {
        resumption.forgetLost();
        serving.awaitNone(timeLeft());
        Duration left = timeLeft();
        data.finish(left.compareTo(CLOSE_LIMIT) < 0 ? left : CLOSE_LIMIT);
    }

    /** Of what {@link #stop} gives to what is in flight. */
    private Duration timeLeft() {
        return Limits.DRAIN_WITHIN.minusNanos(program.ticker().clock().nanos() - stoppedAt);
    }

    private void pause(Backoff backoff) throws InterruptedException {
        if (!isStopping()) {
            Duration pause = returnsSoon && program.ticker().clock().nanos() - drainedAt < Limits.DRAINED_SERVER_RETURNS_WITHIN.toNanos() ? backoff.soon() : backoff.next();
            if (trouble == null) {
                log.debug("reconnecting", "trying again soon", "pause_ms", pause.toMillis());
            } else {
                reachability.tell(trouble, pause);
                trouble = null;
            }
            awaitStop(pause);
        }
    }

    private void awaitStop(Duration limit) throws InterruptedException {
        try {
            stopping.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            // As is usual.
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    private void failed(IOException e) throws ExitException {
        trouble = Trouble.of(program.server().address(), e);
        ProxyException proxy = Trouble.find(ProxyException.class, e);
        if (proxy != null && proxy.isLogin() && !program.hasReached()) {
            throw new ExitException(ExitException.REFUSED, "refused by the proxy " + proxy.proxy() + ": " + proxy.getMessage() + "\n" + proxy.next());
        }
        if (trouble.isTrust()) {
            String nextStep = NextStep.after(trouble, program.server());
            if (!program.hasReached()) {
                throw new ExitException(ExitException.UNTRUSTED, trouble.message() + ": " + trouble.reason() + "\n" + nextStep);
            }
            trouble = new Trouble(trouble.event(), trouble.message() + " (" + nextStep + ")", trouble.reason());
        }
    }

    /** What one control connection is used for, from the registration to its end. By the keeper's task alone. */
    private final class Term {
        private final ControlConnection control;
        private final long began = program.ticker().clock().nanos();
        private final Sleep sleep = new Sleep(System::currentTimeMillis, program.ticker().clock());
        private long keptAlive = began;
        private long looked = began;
        private long opened;
        private boolean open;
        private boolean closing;
        private long closeBy;

        Term(ControlConnection control) {
            this.control = control;
        }

        /** Returns when another control connection is to be opened, or none. */
        void serve() throws IOException, ExitException, InterruptedException {
            control.send(registration.message(id == null ? null : id.value()));
            while (receive(control.next(LOOK_EVERY)) && keepUp(program.ticker().clock().nanos())) {
                // Until one of them says that it is over.
            }
        }

        /** False when nothing more is to be done on this control connection. */
        private boolean receive(Event event) throws IOException, ExitException {
            switch (event) {
                case null -> { }
                case Event.Ended(String reason) -> {
                    if (!closing) {
                        trouble = Trouble.lost(reason);
                    }
                    return false;
                }
                case Event.Received(ServerMessage.TunnelRegistered message) -> {
                    ExitException exposed = registration.exposed(message, program.server().address());
                    if (exposed != null) {
                        control.send(new AgentMessage.CloseTunnel(message.tunnelId()));
                        throw exposed;
                    }
                    open = true;
                    opened = program.ticker().clock().nanos();
                    opened(message);
                }
                case Event.Received(ServerMessage.Error error) -> {
                    return survives(error);
                }
                case Event.Received(ServerMessage.OpenDataConnection ask) -> data.open(ask, control.tls());
                // Then it closes the tunnel when all is served, as it was asked to.
                case Event.Received(ServerMessage.Drain drain) when closing -> { }
                case Event.Received(ServerMessage.Drain drain) -> {
                    log.info("draining", "the server is stopping; reconnecting", "reason", drain.reason());
                    returnsSoon = true;
                    drainedAt = program.ticker().clock().nanos();
                    return false;
                }
                case Event.Received(ServerMessage.KeepAlive answer) -> learnRoundTrip(answer);
                case Event.Received(ServerMessage.Unknown unknown) -> { }
            }
            return true;
        }

        /** Does what is due by now; false as for {@link #receive}. */
        private boolean keepUp(long now) throws IOException {
            if (id != null) {
                id.adopt();
            }
            if (!open && now - began > Limits.REGISTER_WITHIN.toNanos()) {
                throw new IOException("the server did not answer within " + Limits.REGISTER_WITHIN.toSeconds() + " s");
            }
            if (control.silent() && !closing) {
                data.serverIsSilent(now);
                throw new IOException("the server has been silent for " + Limits.DEAD_AFTER.toSeconds() + " s");
            }
            if (closing) {
                if (now - closeBy > 0) {
                    log.warn("close_unanswered", "the server has not closed the tunnel in time");
                }
                return now - closeBy <= 0;
            }
            if (!isStopping()) {
                keepAlive(now);
                return !sleptThrough() && isUp(now) && !isOutdated(now);
            }
            if (open) {
                close(now);
            }
            return open;
        }

        /** Data connections show the certificate of their control connection: with an old one there would soon be none. */
        private boolean isOutdated(long now) {
            if (!open || now - looked < LOOK_AT_FILES_EVERY.toNanos()) {
                return false;
            }
            looked = now;
            return program.link().isOutdated(control.tls());
        }

        /** Whether it is better to connect anew at once than to wait until what has ended meanwhile shows by its silence. */
        private boolean sleptThrough() {
            boolean slept = sleep.isOver();
            if (slept) {
                log.info("woke_up", "this machine has slept; reconnecting");
            }
            return slept;
        }

        /** That the control connection stands says nothing of those that carry visitors. */
        private boolean isUp(long now) {
            if (!open) {
                return true;
            }
            long heard = data.heard(now);
            if (heard - opened > 0) {
                reachability.carries();
            }
            if (now - heard > Limits.DEAD_AFTER.toNanos() && now - opened > FIRST_DATA_LIMIT.toNanos()) {
                trouble = Trouble.withoutData(data.failure());
                return false;
            }
            return true;
        }

        private void keepAlive(long now) throws IOException {
            if (open && now - keptAlive > TimeUnit.SECONDS.toNanos(registration.granted().keepAliveSeconds())) {
                keptAlive = now;
                control.send(new AgentMessage.KeepAlive(registration.granted().tunnelId(), System.currentTimeMillis()));
            }
        }

        private void close(long now) throws IOException {
            closing = true;
            closeBy = now + Limits.DRAIN_WITHIN.plus(CLOSE_LIMIT).toNanos();
            log.info("stopping", "stopping; what is in flight is finished first");
            control.send(new AgentMessage.CloseTunnel(registration.granted().tunnelId()));
        }

        /** False when the server does not take the tunnel now. */
        private boolean survives(ServerMessage.Error error) throws ExitException {
            // Once it is open, TF-PROTOCOL says no more than that one message was not understood.
            TunnelError known = TunnelError.of(error.name());
            if (!error.retry() && (!open || known != null && known != TunnelError.PROTOCOL)) {
                throw new ExitException(ExitException.REFUSED, "refused by " + program.server().address() + ": " + error.message() + " ("
                        + error.name() + ")\n" + NextStep.after(error));
            }
            if (!open) {
                trouble = Trouble.of(program.server().address(), error);
                return false;
            }
            log.warn("server_error", error.message(), "error", error.name());
            return true;
        }
    }

    private void opened(ServerMessage.TunnelRegistered message) {
        boolean first = registration.granted() == null;
        reachability.registered();
        returnsSoon = false;
        registration.granted(message);
        if (first && local != null && config.tells().upstream()) {
            local.look();
        }
    }

    private void learnRoundTrip(ServerMessage.KeepAlive answer) {
        if (answer.sentAt() != null) {
            log.debug("keep_alive", "the server answered", "round_trip_ms", System.currentTimeMillis() - answer.sentAt());
        }
    }

    /** Asks {@link #run} to close the tunnel and return; what is in flight is served first, for 30 seconds at most. */
    void stop() {
        if (!isStopping()) {
            stoppedAt = program.ticker().clock().nanos();
        }
        stopping.complete(null);
    }

    /** What is kept of answers that the server may not have, in bytes. */
    long answersKept() {
        return resumption.memory().used();
    }

    /** What the tunnel has in use of the program's memory. */
    Ledger memory() {
        return memory;
    }

    private boolean isStopping() {
        return stopping.isDone();
    }
}
