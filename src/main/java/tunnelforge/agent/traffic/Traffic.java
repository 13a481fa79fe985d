package tunnelforge.agent.traffic;

import tunnelforge.agent.tunnel.Responder;
import tunnelforge.http.FieldChanges;
import tunnelforge.net.Clock;
import tunnelforge.net.Ledger;

/**
 * What is done to the requests and responses of a tunnel on their way. Responses are changed first, as if whoever answers had said so; then compressed; then the time is told.
 *
 * @param toService changes of requests, for the local service
 * @param toVisitor changes of responses
 * @param compression whether responses are compressed where the visitor takes that
 * @param serverTiming whether responses tell how long they took
 */
public record Traffic(FieldChanges toService, FieldChanges toVisitor, boolean compression, boolean serverTiming) {
    /** Passes as it is. */
    public static final Traffic UNCHANGED = new Traffic(FieldChanges.NONE, FieldChanges.NONE, false, false);

    /** The responder with what its responses go through; itself when that is nothing. {@code toService} is not looked at. */
    public Responder around(Responder responder, Deflaters deflaters, Ledger memory, Clock clock) {
        Responder last = responder;
        if (!toVisitor.isEmpty()) {
            last = new ChangedHeads(last, toVisitor);
        }
        if (compression) {
            last = new Compression(last, deflaters, memory);
        }
        return serverTiming ? new ServerTiming(last, clock) : last;
    }
}
