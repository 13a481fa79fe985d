package tunnelforge.mux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tunnelforge.net.Ledger;
import tunnelforge.wire.FrameBuffer;

/** What is kept of an answer, and for how long. */
final class KeptAnswerTest {
    private final Ledger ledger = new Ledger(1 << 20);
    private final KeptAnswer kept = new KeptAnswer(piece -> { }, ledger);

    private KeptAnswer.Piece add(String data, boolean last) {
        FrameBuffer frames = new FrameBuffer(64);
        byte[] bytes = data.getBytes(StandardCharsets.ISO_8859_1);
        frames.data(1, bytes, 0, bytes.length);
        return kept.add(frames, bytes.length, last);
    }

    /** The bytes of the frames that are sent again from {@code offset} on. */
    private int replayed(long offset, List<KeptAnswer.Piece> covered) {
        FrameBuffer to = new FrameBuffer(64);
        return kept.cursor(2, offset).fill(to, Integer.MAX_VALUE, covered);
    }

    @Test
    void whatTheServerHasIsKeptNoLonger() {
        KeptAnswer.Piece one = add("one", false);
        KeptAnswer.Piece two = add("two", false);
        add("three", false);
        assertFalse(kept.acknowledged(two));
        assertFalse(kept.has(5), "that was in the second");
        assertTrue(kept.has(6));
        assertFalse(kept.acknowledged(one), "the second was acknowledged before it: it came with it");
        assertEquals(5, replayed(6, new ArrayList<>()));
    }

    /** It was sent again, and the first time had come as well. */
    @Test
    void whatIsAcknowledgedTwiceTakesNothingElseWithIt() {
        KeptAnswer.Piece one = add("one", false);
        KeptAnswer.Piece last = add("two", true);
        assertFalse(kept.acknowledged(one));
        assertFalse(kept.acknowledged(one));
        assertTrue(kept.has(3));
        assertEquals(3, replayed(3, new ArrayList<>()));
        assertTrue(kept.acknowledged(last));
        assertEquals(0, ledger.used());
    }
}
