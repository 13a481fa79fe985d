package tunnelforge.server.edge;

import tunnelforge.http.Heads;
import tunnelforge.http.HttpException;
import tunnelforge.http.RequestHead;
import tunnelforge.http.Room;
import tunnelforge.server.access.Refusal;
import tunnelforge.wire.FrameBuffer;
import tunnelforge.wire.FrameType;
import tunnelforge.wire.Limits;
import tunnelforge.wire.TunnelError;

/**
 * A request in frames: the one form in which its head is kept while it waits for a place, and afterwards only while it may have to be sent again. A large one is
 * charged. For one task.
 */
final class RequestFrames implements AutoCloseable {
    /** Up to here it is part of what the visitor's connection costs. */
    private static final int SMALL = 8 * 1024;

    private final Room room;
    private final int headLength;
    private final int dataBytes;
    private final boolean ended;
    private FrameBuffer frames;
    private int charged;

    private RequestFrames(Room room, int headLength, int dataBytes, boolean ended, FrameBuffer frames, int charged) {
        this.room = room;
        this.headLength = headLength;
        this.dataBytes = dataBytes;
        this.ended = ended;
        this.frames = frames;
        this.charged = charged;
    }

    /**
     * Encodes a request.
     *
     * @param head as the agent is to get it
     * @param content leaves together with the head where it is here already
     * @throws Refusal when there is no room for a large one
     */
    static RequestFrames encode(RequestHead head, RequestContent content, boolean upgrade, Room room) throws Refusal {
        byte[] body = content instanceof RequestContent.Whole whole ? whole.bytes() : new byte[0];
        boolean ended = !upgrade && (content instanceof RequestContent.Whole || content instanceof RequestContent.None);
        int length = Heads.length(head);
        int size = length + body.length + 3 * Limits.FRAME_HEADER;
        int charged = size > SMALL ? size : 0;
        if (charged > 0 && !room.take(charged)) {
            throw Refusal.passing(TunnelError.OVERLOADED, "this server has no memory left for such a large request");
        }
        FrameBuffer frames = new FrameBuffer(size);
        int header = frames.begin(0, FrameType.REQUEST);
        frames.advance(Heads.write(head, frames.array(), frames.length()));
        frames.finish(header);
        frames.data(0, body, 0, body.length);
        if (ended) {
            frames.end(0);
        }
        return new RequestFrames(room, length, body.length, ended, frames, charged);
    }

    /** REQUEST, and DATA and END when they leave together with it. */
    FrameBuffer frames() {
        return frames;
    }

    /** Bytes of DATA in the frames. */
    int dataBytes() {
        return dataBytes;
    }

    /** Whether nothing has to follow the frames. */
    boolean ended() {
        return ended;
    }

    /** The head again, for another encoding. */
    RequestHead head() {
        try {
            return Heads.forwardedRequest(frames.array(), Limits.FRAME_HEADER, headLength);
        } catch (HttpException e) {
            throw new IllegalStateException("a head that was written cannot be read", e);
        }
    }

    /** The request is not sent any more. */
    @Override
    public void close() {
        frames = null;
        if (charged > 0) {
            room.giveBack(charged);
            charged = 0;
        }
    }
}
