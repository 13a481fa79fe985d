package tunnelforge.mux;

import java.io.IOException;
import java.util.function.BooleanSupplier;
import tunnelforge.wire.FrameBuffer;
import tunnelforge.wire.ResetCode;

/** Where an exchange is carried: a data connection, and the id that it has there. */
interface Attachment {
    int id();

    /** Whether {@code link} delivers what comes for it. */
    boolean isOn(Object link);

    /** The most DATA in one frame, in bytes. */
    int maxFrame();

    /**
     * Sends frames of the exchange behind its earlier ones; waits while the connection's queue is full.
     *
     * @param wanted asked when their turn has come
     * @return false when they were not wanted any more, and were dropped
     */
    boolean send(FrameBuffer frames, BooleanSupplier wanted) throws IOException;

    /** As the other, with frames that are kept until the peer has got them. */
    boolean send(FrameBuffer frames, BooleanSupplier wanted, KeptAnswer.Piece piece) throws IOException;

    /** Sends RESET behind the exchange's other frames. Waits for nothing; on a connection that is gone nothing happens. */
    void sendReset(FrameBuffer frame);

    /** These frames were sent, and are kept until the peer has got them. */
    void isSent(KeptAnswer.Piece piece);

    /** Announces credit, ahead of other frames. On a connection that is gone nothing happens. */
    void sendWindow(int credit);

    /** The exchange no longer occupies the connection. */
    void forget();
}
