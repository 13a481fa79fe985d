package tunnelforge.agent;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import tunnelforge.agent.proxy.Proxy;
import tunnelforge.agent.tunnel.AgentId;
import tunnelforge.cli.ExitException;
import tunnelforge.log.Log;
import tunnelforge.net.Tasks;
import tunnelforge.net.Ticker;

/**
 * A running agent: a program, and for each of its tunnels a keeper on an essential task of its own. Which tunnels there are to be may change ({@link #keep}); all that
 * is done about it is done by the task that {@link #run runs} the agent, for which others leave an {@link Event}.
 */
final class Agent {
    private sealed interface Event {
        /** These tunnels are to be open, and no others. */
        record Wanted(List<AgentConfig.Tunnel> tunnels) implements Event {
        }

        /** {@code refused}: null when the keeper was stopped. */
        record Ended(Slot slot, ExitException refused) implements Event {
        }

        record Died(Throwable bug) implements Event {
        }

        record Stop() implements Event {
        }
    }

    /** What has one name. By the task that runs the agent. */
    private static final class Slot {
        final String name;
        /** Null when it is to be closed. */
        AgentConfig.Tunnel wanted;
        /** What the keeper keeps, or the last one kept. */
        AgentConfig.Tunnel kept;
        /** Null when none runs. */
        volatile TunnelKeeper keeper;
        /** Why what was kept was refused; null when it was not. */
        ExitException refused;

        Slot(String name) {
            this.name = name;
        }

        boolean isOpen() {
            return keeper != null;
        }
    }

    private final AgentProgram program;
    private final Function<AgentConfig.Tunnel, AgentId> ids;
    private final CopyOnWriteArrayList<Slot> slots = new CopyOnWriteArrayList<>();
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private boolean stopping;

    /** {@code onDeath} ends the process when a task dies that the agent cannot do without. */
    Agent(AgentConfig config, Function<AgentConfig.Tunnel, AgentId> ids, Log log, Consumer<Throwable> onDeath) throws IOException {
        this(config, ids, log, onDeath, Ticker::new);
    }

    /**
     * An agent that does nothing before it {@link #run runs}.
     *
     * @param ids what proves to the server that this is the agent that had a tunnel's name before; gives null to prove nothing. Asked by the tunnel's own task
     * @param clock makes the ticker, by whose clock all limits are judged
     */
    Agent(AgentConfig config, Function<AgentConfig.Tunnel, AgentId> ids, Log log, Consumer<Throwable> onDeath, BiFunction<Tasks, Log, Ticker> clock) throws IOException {
        this.ids = ids;
        program = new AgentProgram(config.server(), log, onDeath, clock);
        want(config.tunnels());
    }

    /**
     * Keeps all tunnels open until {@link #stop}. When one is refused for good the others go on, and this throws when they have ended.
     *
     * @throws ExitException why the first tunnel was refused that has not been replaced since
     */
    void run() throws ExitException {
        try {
            Proxy proxy = program.server().proxy();
            String way = proxy == null ? "" : " through the proxy " + proxy + " (" + proxy.source() + ")";
            program.log().show("connecting", "connecting to " + program.server().address() + way, "server", program.server().address());
            slots.forEach(this::settle);
            while (slots.stream().anyMatch(Slot::isOpen)) {
                handle(events.take());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            stopping = true;
            slots.forEach(this::settle);
            program.close();
            ended.countDown();
        }
        ExitException refused = slots.stream().map(slot -> slot.refused).filter(Objects::nonNull).findFirst().orElse(null);
        if (refused != null) {
            throw refused;
        }
        program.log().info("stopped", "stopped");
    }

    private void handle(Event event) {
        switch (event) {
            case Event.Wanted(List<AgentConfig.Tunnel> tunnels) -> want(tunnels);
            case Event.Ended(Slot slot, ExitException refused) -> ended(slot, refused);
            case Event.Stop() -> stopping = true;
            case Event.Died(Error error) -> throw error;
            case Event.Died(Throwable bug) -> throw (RuntimeException) bug;
        }
        slots.forEach(this::settle);
        slots.removeIf(slot -> !slot.isOpen() && slot.wanted == null);
    }

    private void want(List<AgentConfig.Tunnel> tunnels) {
        slots.forEach(slot -> slot.wanted = null);
        for (AgentConfig.Tunnel tunnel : tunnels) {
            Slot slot = slots.stream().filter(each -> Objects.equals(each.name, tunnel.name())).findFirst().orElse(null);
            if (slot == null) {
                slot = new Slot(tunnel.name());
                slots.add(slot);
            }
            slot.wanted = tunnel;
        }
    }

    private void ended(Slot slot, ExitException refused) {
        slot.keeper = null;
        slot.refused = refused == null || slot.name == null ? refused : new ExitException(refused.code(), "tunnel " + slot.name + ": " + refused.getMessage());
        if (refused != null && slots.stream().anyMatch(Slot::isOpen)) {
            program.log().error("tunnel_refused", slot.refused.getMessage().replace("\n", "; "), "tunnel", slot.name);
        } else if (refused == null && !stopping) {
            program.log().info("tunnel_closed", "tunnel " + slot.name + " is closed", "tunnel", slot.name);
        }
    }

    /** Closes what is not wanted as it is, and opens what is wanted: under one name, and at one address, one thing after the other, so that what is in flight is finished. */
    private void settle(Slot slot) {
        if (slot.isOpen()) {
            if (stopping || !slot.kept.equals(slot.wanted)) {
                slot.keeper.stop();
            }
        } else if (!stopping && slot.wanted != null && (slot.refused == null || !slot.wanted.equals(slot.kept)) && isFree(slot.wanted.asked().address())) {
            slot.refused = null;
            slot.kept = slot.wanted;
            slot.keeper = start(slot);
        }
    }

    /** The server would refuse it for good to whoever comes before the one that is being closed has gone. {@code address}: null for any. */
    private boolean isFree(String address) {
        return address == null || slots.stream().noneMatch(other -> other.isOpen() && address.equals(other.kept.asked().address()));
    }

    private TunnelKeeper start(Slot slot) {
        AgentConfig.Tunnel tunnel = slot.kept;
        TunnelKeeper keeper = new TunnelKeeper(program, tunnel, () -> ids.apply(tunnel));
        program.tasks().essential("tunnel keeper", () -> {
            try {
                keeper.run();
                events.add(new Event.Ended(slot, null));
            } catch (ExitException refused) {
                events.add(new Event.Ended(slot, refused));
            } catch (RuntimeException | Error bug) {
                events.add(new Event.Died(bug));
                throw bug;
            }
        });
        return keeper;
    }

    /** From now on these tunnels are to be open, and no others. Those that are as they were are left alone; others are closed, what is in flight first served. */
    void keep(List<AgentConfig.Tunnel> tunnels) {
        events.add(new Event.Wanted(List.copyOf(tunnels)));
    }

    /** Asks {@link #run} to close the tunnels and return; what is in flight is served first, for 30 seconds at most. */
    void stop() {
        events.add(new Event.Stop());
    }

    /** Waits until {@link #run} has returned, or for {@code limit}. */
    boolean awaitEnd(Duration limit) throws InterruptedException {
        return ended.await(limit.toNanos(), TimeUnit.NANOSECONDS);
    }

    AgentProgram program() {
        return program;
    }

    /** Those that run now. */
    List<TunnelKeeper> keepers() {
        return slots.stream().map(slot -> slot.keeper).filter(Objects::nonNull).toList();
    }
}
