package tunnelforge.mux;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import tunnelforge.wire.FrameBuffer;
import tunnelforge.wire.Limits;
import tunnelforge.wire.ResetCode;

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
    public void sendReset(ResetCode code, String reason) {
        events.add("RESET " + code);
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
