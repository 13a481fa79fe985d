package tunnelforge.mux;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import tunnelforge.wire.FrameBuffer;
import tunnelforge.wire.Limits;
import tunnelforge.wire.ResetCode;
import tunnelforge.wire.WireException;

/** A data connection that keeps what one exchange does with it. */
class RecordedAttachment implements Attachment {
    /** In order: {@code send N}, {@code RESET code}, {@code WINDOW N}, {@code forget}, {@code dropped}. */
    final List<String> events = new CopyOnWriteArrayList<>();
    /** Runs while frames wait for their turn. */
    volatile Runnable whileWaiting = () -> { };
    volatile boolean lost;

    @Override
    public int id() {
        return 1;
    }

    @Override
    public boolean isOn(Object link) {
        return true;
    }

    @Override
    public int maxFrame() {
        return Limits.MAX_DATA;
    }

    @Override
    public boolean send(FrameBuffer frames, BooleanSupplier wanted) throws IOException {
        whileWaiting.run();
        if (lost) {
            throw new IOException("the data connection is gone");
        }
        events.add(wanted.getAsBoolean() ? "send " + frames.length() : "dropped");
        return wanted.getAsBoolean();
    }

    @Override
    public boolean send(FrameBuffer frames, BooleanSupplier wanted, KeptAnswer.Piece piece) throws IOException {
        return send(frames, wanted);
    }

    @Override
    public void isSent(KeptAnswer.Piece piece) {
        events.add("kept");
    }

    @Override
    public void sendReset(FrameBuffer frame) {
        try {
            events.add("RESET " + ResetCode.of(FrameBuffer.resetCode(frame.array(), Limits.FRAME_HEADER, 2)));
        } catch (WireException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void sendWindow(int credit) {
        events.add("WINDOW " + credit);
    }

    @Override
    public void forget() {
        events.add("forget");
    }
}
