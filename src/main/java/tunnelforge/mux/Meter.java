package tunnelforge.mux;

import java.io.IOException;

/** Is told of bytes that move, and may hold them up. By any task. */
public interface Meter {
    /** Lets everything pass. */
    Meter NONE = new Meter() {
        @Override
        public int piece() {
            return Integer.MAX_VALUE;
        }

        @Override
        public void comes(int bytes) {
        }

        @Override
        public void goes(int bytes) {
        }
    };

    /** How many bytes are best moved at once, so that others who share a limit get their turn; at least 1. */
    int piece();

    /**
     * So many have come from the peer, and are about to go on. May wait, for as long as those for whom they are can.
     *
     * @throws IOException when no more may move
     */
    void comes(int bytes) throws IOException;

    /** As {@link #comes}, of those that are about to go to the peer. */
    void goes(int bytes) throws IOException;
}
