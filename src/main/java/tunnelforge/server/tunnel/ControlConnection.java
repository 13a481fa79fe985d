package tunnelforge.server.tunnel;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import tunnelforge.json.JsonException;
import tunnelforge.log.Log;
import tunnelforge.net.Connection;
import tunnelforge.net.Tasks;
import tunnelforge.net.Ticker;
import tunnelforge.server.access.Presented;
import tunnelforge.server.access.Refusal;
import tunnelforge.server.access.TurnedAway;
import tunnelforge.text.Addresses;
import tunnelforge.websocket.CloseCode;
import tunnelforge.websocket.Role;
import tunnelforge.websocket.WebSocketException;
import tunnelforge.websocket.WebSocketMessage;
import tunnelforge.websocket.WebSocketReader;
import tunnelforge.wire.AgentMessage;
import tunnelforge.wire.Limits;
import tunnelforge.wire.PoolSize;
import tunnelforge.wire.ServerMessage;
import tunnelforge.wire.TunnelError;

/**
 * The server's end of one control connection. {@link #run} is its reading task, on the task of the TLS connection; a writer task sends
 * what any task has queued. The ticker pings and judges whether the agent is alive.
 */
public final class ControlConnection implements Ticker.Ticked, AgentHandle {
    public static final String PROTOCOL = "tunnelforge.v1";

    private static final int KEEP_ALIVE_SECONDS = 15;
    private static final long PING_EVERY_NANOS = Limits.CONTROL_PING_EVERY.toNanos();
    private static final long GIVEN_UP_NANOS = Limits.GIVEN_UP_AFTER.toNanos();

    private final Connection connection;
    private final Presented presented;
    private final WebSocketReader reader;
    private final ControlWriter writer;
    private final Runnable onRegistered;
    private final Registrar registrar;
    private final Tasks tasks;
    private final Ticker ticker;
    private final TurnedAway turnedAway;
    private final Log log;
    private volatile Tunnel tunnel;
    private volatile long pinged;
    private volatile boolean closing;
    /** The agent is told, and the connection ends with the next tick. */
    private volatile boolean silent;
    /** It has its tunnel no longer: what still comes here is not heeded. */
    private volatile boolean displaced;

    /**
     * @param presented what its agent has proved by a certificate; null when none is asked for
     * @param onRegistered it is an agent's that may have a tunnel
     */
    public ControlConnection(Connection connection, Presented presented, InputStream in, Runnable onRegistered, Registrar registrar, Tasks tasks, Ticker ticker,
            TurnedAway turnedAway, Log log) {
        this.connection = connection;
        this.presented = presented;
        this.reader = new WebSocketReader(in, Limits.CONTROL_MESSAGE, Role.SERVER, registrar.room());
        this.writer = new ControlWriter(connection);
        this.onRegistered = onRegistered;
        this.registrar = registrar;
        this.tasks = tasks;
        this.ticker = ticker;
        this.turnedAway = turnedAway;
        this.log = log;
        this.pinged = ticker.clock().nanos();
    }

    /** Serves the connection until it ends. */
    public void run() {
        Thread writing = tasks.start("control writer", writer::run);
        ticker.add(this);
        try {
            WebSocketMessage first = first();
            boolean more = !closing && receive(first);
            while (more && !displaced) {
                more = receive(reader.read());
            }
        } catch (WebSocketException e) {
            turnedAway.tell("control_refused", "a control connection broke the WebSocket protocol", connection.peer().getAddress(), "error", e.getMessage());
            writer.close(e.closeCode(), e.getMessage());
        } catch (IOException e) {
            log.debug("control_lost", "a control connection ended", "peer", peer(), "error", e.getMessage());
        } finally {
            end(writing);
        }
    }

    /** The first message; what only keeps a connection alive does not count. */
    private WebSocketMessage first() throws IOException {
        try (Connection.Total limit = connection.within(Limits.REGISTER_WITHIN, this::neverRegisters)) {
            WebSocketMessage message = reader.read();
            while (message instanceof WebSocketMessage.Ping || message instanceof WebSocketMessage.Pong) {
                receive(message);
                message = reader.read();
            }
            return message;
        }
    }

    /** By the ticker, while the reading task waits for the message. */
    private void neverRegisters() {
        closing = true;
        refuse(TunnelError.PROTOCOL, "no register_tunnel within " + Limits.REGISTER_WITHIN.toSeconds() + " s", true);
        // Not taken back: the agent may leave the reading task waiting.
        connection.within(Connection.CLOSE_LIMIT);
    }

    private void end(Thread writing) {
        Tunnel served = tunnel;
        if (served != null) {
            served.detach(this);
            log.info("control_ended", silent ? "the agent was silent for too long: its control connection has ended" : "the agent's control connection has ended",
                    "url", served.url());
        }
        closing = true;
        reader.release();
        // Ends the writer, where nothing more particular does: who is displaced is told why, and by another task.
        if (!displaced) {
            writer.close(CloseCode.NORMAL, "");
        }
        try (Connection.Total limit = connection.within(Connection.CLOSE_LIMIT)) {
            writing.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        ticker.remove(this);
        connection.linger(Connection.CLOSE_LIMIT, Connection.CLOSE_LIMIT);
        connection.close();
    }

    private boolean receive(WebSocketMessage message) {
        switch (message) {
            case WebSocketMessage.Text text -> {
                return receiveText(text.text());
            }
            case WebSocketMessage.Binary binary when tunnel == null -> {
                return refuse(TunnelError.PROTOCOL, "messages are text", false);
            }
            case WebSocketMessage.Binary binary -> sendError(TunnelError.PROTOCOL, "messages are text", true);
            case WebSocketMessage.Ping ping -> writer.pong(ping.payload());
            case WebSocketMessage.Pong pong -> { }
            case WebSocketMessage.Close close -> {
                writer.close(CloseCode.NORMAL, "");
                return false;
            }
        }
        return true;
    }

    private boolean receiveText(String text) {
        AgentMessage message;
        try {
            message = AgentMessage.parse(text);
        } catch (JsonException e) {
            return tunnel == null ? refuse(TunnelError.PROTOCOL, e.getMessage(), false)
                    : complain("this message cannot be understood: " + e.getMessage());
        }
        if (tunnel == null && !(message instanceof AgentMessage.RegisterTunnel)) {
            return refuse(TunnelError.PROTOCOL, "the first message must be register_tunnel", false);
        }
        return switch (message) {
            case AgentMessage.RegisterTunnel register when tunnel == null -> register(register);
            case AgentMessage.RegisterTunnel register -> complain("this connection has its tunnel already");
            case AgentMessage.KeepAlive keepAlive when keepAlive.tunnelId().equals(tunnel.id()) -> {
                send(new ServerMessage.KeepAlive(keepAlive.tunnelId(), keepAlive.sentAt()));
                yield true;
            }
            case AgentMessage.CloseTunnel close when close.tunnelId().equals(tunnel.id()) -> closeTunnel();
            case AgentMessage.KeepAlive keepAlive -> complain("this connection has another tunnel_id");
            case AgentMessage.CloseTunnel close -> complain("this connection has another tunnel_id");
            case AgentMessage.Unknown unknown -> complain("messages of type '" + unknown.type() + "' are not known");
        };
    }

    private boolean register(AgentMessage.RegisterTunnel ask) {
        Tunnel given;
        try {
            given = registrar.register(ask, presented, connection.peer().getAddress());
        } catch (Refusal e) {
            return refuse(e.error(), e.getMessage(), e.retry());
        }
        onRegistered.run();
        log.info("tunnel_opened", "an agent has opened a tunnel", "url", given.url(), "tunnel_id", given.id(), "peer", peer());
        if (!given.attach(this, ask.options().visitors())) {
            return refuse(TunnelError.AGENT_AWAY, "the tunnel has just ended; register anew", true);
        }
        if (displaced) {
            return false;
        }
        send(new ServerMessage.TunnelRegistered(given.id(), given.url(), given.protocol(), registrar.resumeToken(given),
                KEEP_ALIVE_SECONDS, new PoolSize(Limits.POOL_MIN, Limits.POOL_MAX), ServerLimits.promised(), ask.options().visitors().fields()));
        // Only now may data connections be asked for: the agent is to learn first what for.
        tunnel = given;
        given.ready(this);
        return true;
    }

    private boolean closeTunnel() {
        if (displaced) {
            return false;
        }
        closing = true;
        registrar.closes(tunnel);
        AgentHandle last = tunnel.stop();
        if (last != null && last != this) {
            // It has taken the tunnel up in this moment.
            last.ended(Refusal.passing(TunnelError.AGENT_AWAY, "the tunnel has just ended; register anew"));
        }
        tunnel.awaitQuiet(Limits.DRAIN_WITHIN);
        tunnel.close();
        log.info("tunnel_closed", "the agent has closed its tunnel", "url", tunnel.url());
        writer.close(CloseCode.NORMAL, "the tunnel is closed");
        return false;
    }

    private boolean refuse(TunnelError error, String reason, boolean retry) {
        turnedAway.tell("tunnel_refused", reason, connection.peer().getAddress(), "error", error.wireName());
        sendError(error, reason, retry);
        writer.close(CloseCode.POLICY_VIOLATION, error.wireName());
        return false;
    }

    private boolean complain(String reason) {
        sendError(TunnelError.PROTOCOL, reason, false);
        return true;
    }

    private void sendError(TunnelError error, String reason, boolean retry) {
        registrar.figures().refusals().add(error);
        send(ServerMessage.Error.of(error, reason, retry));
    }

    @Override
    public Presented presented() {
        return presented;
    }

    @Override
    public InetAddress address() {
        return connection.peer().getAddress();
    }

    @Override
    public boolean invite(String connectionId) {
        Tunnel served = tunnel;
        return !closing && served != null && send(new ServerMessage.OpenDataConnection(served.id(), connectionId));
    }

    @Override
    public void drain(String reason) {
        if (tunnel != null) {
            // Otherwise it is told when it has been told of its tunnel.
            send(new ServerMessage.Drain(reason));
        }
    }

    @Override
    public void ended(Refusal why) {
        displaced = true;
        // Both may be the same agent's, which is not to give up when it has not even been told that it had the tunnel.
        sendError(why.error(), why.getMessage(), why.retry() || tunnel == null);
        writer.close(CloseCode.POLICY_VIOLATION, why.error().wireName());
        // Not taken back: the agent may leave the reading task waiting.
        connection.within(Connection.CLOSE_LIMIT);
    }

    /** Never blocks. */
    private boolean send(ServerMessage message) {
        return writer.text(message.toJson());
    }

    @Override
    public void tick(long now) {
        if (silent) {
            // What it was told has left by now, if anything leaves.
            connection.kill();
        } else if (closing) {
            return;
        } else if (connection.silence(now) > GIVEN_UP_NANOS) {
            silent = true;
            if (tunnel != null) {
                tunnel.agentIsSilent(now);
            }
            writer.close(CloseCode.POLICY_VIOLATION, "nothing has come for " + Limits.DEAD_AFTER.toSeconds() + " s");
        } else if (now - pinged > PING_EVERY_NANOS) {
            pinged = now;
            writer.ping();
        }
    }

    private String peer() {
        return Addresses.text(connection.peer().getAddress());
    }
}
