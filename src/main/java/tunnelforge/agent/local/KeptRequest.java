package tunnelforge.agent.local;

import java.io.IOException;
import tunnelforge.agent.tunnel.Request;
import tunnelforge.http.BodySink;
import tunnelforge.http.Fields;
import tunnelforge.http.Framing;
import tunnelforge.http.RequestHead;
import tunnelforge.http.Room;

/** A request that can be asked once more, as long as its content is short. */
final class KeptRequest implements Request, AutoCloseable {
    /** Content in octets, which has arrived whole. */
    static final int MAX_CONTENT = 8 * 1024;

    private final Request request;
    private final Room room;
    /** Who serves a request changes its fields. */
    private final Fields fields;
    private byte[] content;
    private int length;
    /** Null until all of the content is kept, be it by another task. */
    private volatile Fields trailers;

    /** {@code room}: asked for the content's memory; when it refuses, the content is not kept. */
    KeptRequest(Request request, Room room) {
        this.request = request;
        this.room = room;
        this.fields = new Fields(request.head().fields());
    }

    /** Whether {@link #again} has all of it. */
    boolean isRepeatable() {
        return request.framing().isEmpty() || trailers != null;
    }

    /** Of its head, as they have come. */
    Fields fields() {
        return fields;
    }

    /** The same request, untouched. */
    Request again() {
        return new Again(this);
    }

    @Override
    public void content(BodySink to) throws IOException {
        int whole = request.upgrade() ? -1 : request.wholeContent();
        if (whole >= 0 && whole <= MAX_CONTENT && room.take(whole)) {
            content = new byte[whole];
            request.content(new Keeping(to));
        } else {
            request.content(to);
        }
    }

    /** Gives the memory back. */
    @Override
    public void close() {
        if (content != null) {
            room.giveBack(content.length);
        }
    }

    @Override
    public RequestHead head() {
        return request.head();
    }

    @Override
    public Framing framing() {
        return request.framing();
    }

    @Override
    public boolean upgrade() {
        return request.upgrade();
    }

    @Override
    public int wholeContent() {
        return request.wholeContent();
    }

    @Override
    public void given() {
        request.given();
    }

    @Override
    public boolean isOver() {
        return request.isOver();
    }

    @Override
    public Hook onEnd(Runnable hook) {
        return request.onEnd(hook);
    }

    /** Passes content on, and keeps it. */
    private final class Keeping implements BodySink {
        private final BodySink to;

        Keeping(BodySink to) {
            this.to = to;
        }

        @Override
        public void write(byte[] b, int off, int len) throws IOException {
            System.arraycopy(b, off, content, length, len);
            length += len;
            to.write(b, off, len);
        }

        @Override
        public void flush() throws IOException {
            to.flush();
        }

        @Override
        public void end(Fields after) throws IOException {
            trailers = new Fields(after);
            to.end(after);
        }
    }

    /** The second time. */
    private record Again(KeptRequest kept) implements Request {
        @Override
        public RequestHead head() {
            RequestHead head = kept.request.head();
            return new RequestHead(head.method(), head.target(), head.minorVersion(), kept.fields);
        }

        @Override
        public Framing framing() {
            return kept.framing();
        }

        @Override
        public boolean upgrade() {
            return kept.upgrade();
        }

        @Override
        public int wholeContent() {
            return kept.length;
        }

        @Override
        public void content(BodySink to) throws IOException {
            to.write(kept.content, 0, kept.length);
            to.end(kept.trailers);
        }

        @Override
        public void given() {
            kept.given();
        }

        @Override
        public boolean isOver() {
            return kept.isOver();
        }

        @Override
        public Hook onEnd(Runnable hook) {
            return kept.onEnd(hook);
        }
    }
}
