package tunnelforge.server.edge;

import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import tunnelforge.http.BodySink;
import tunnelforge.http.BodySource;
import tunnelforge.http.Framing;
import tunnelforge.http.RequestHead;
import tunnelforge.http.ResponseHead;
import tunnelforge.net.Cancellation;
import tunnelforge.net.Connection;

/**
 * One request of a visitor and the way to answer it, whatever carries it. One task answers: {@link #informational} as often as wanted, then
 * one of {@link #respond}, {@link #upgrade} and {@link #answer}; another task may read the content meanwhile. Whoever made the stream
 * closes it.
 */
interface VisitorStream {
    /** A response's body on its way to the visitor; of its trailers what {@link ForwardedHeads#trailers} leaves. */
    interface Response extends BodySink, AutoCloseable {
        /** Without an {@link #end} before it the response breaks off, in a way that no visitor takes for its end. Never throws. */
        @Override
        void close();
    }

    /** What follows a 101: bytes both ways. Ending {@code to} is a half-close. */
    record Switched(BodySource from, Response to) {
    }

    /** The head, in origin form, for the one who sends it on: the stream does not keep it, so that a large one costs nothing afterwards. */
    RequestHead takeHead();

    String method();

    /** The protocols that it asks to leave HTTP for, so that {@link #upgrade} may be the answer; null when it does not. */
    String upgradeTo();

    default boolean asksToUpgrade() {
        return upgradeTo() != null;
    }

    /** What comes behind the head; of its trailers what {@link ForwardedHeads#trailers} leaves. */
    RequestContent content();

    /** Waits until all content of a request that {@link #asksToUpgrade} is here: it goes ahead of what the visitor says in the new protocol. */
    void collectContent() throws IOException;

    InetAddress address();

    /** Whether the visitor asks by https, as far as is known: somebody believed may have taken TLS off. */
    boolean https();

    /** Whether what it says of those for whom it asks is believed: it is a load balancer. */
    boolean believed();

    /** What carries this request, and those before and behind it. */
    VisitorConnection connection();

    /** What is noted of this request, for those who want to know what became of it. */
    RequestNotes notes();

    /** Cancelled when the visitor has left. Watched from the first call on. */
    Cancellation gone();

    /** A limit for everything until it is closed: past it the visitor is cut off. */
    Connection.Total within(Duration limit);

    /** A limit for reading the content, until it is closed: past it a visitor that has no answer yet is told so, and cut off. */
    Connection.Total contentWithin(Duration limit);

    /** The content is wanted: a visitor that waits with it for a 100 gets one. */
    void inviteContent() throws IOException;

    /** Whether the visitor does not wait for a 100 before it sends the content. By any task. */
    boolean contentInvited();

    /** No further request is wanted on what carries this one. By any task. */
    void last();

    /** A 1xx head but 101, if this visitor understands such. */
    void informational(ResponseHead head) throws IOException;

    /**
     * Begins the final response.
     *
     * @param head without hop-by-hop fields, but perhaps with Upgrade; changed
     * @param framing {@code None}, a length, or {@code Chunked} for one that is not known
     */
    Response respond(ResponseHead head, Framing framing) throws IOException;

    /** Answers with a 101. From now on the end of what the visitor sends is not its leaving; a reset still is. */
    Switched upgrade(ResponseHead head) throws IOException;

    /** Answers with a page of the server's own. */
    void answer(Page page) throws IOException;
}
