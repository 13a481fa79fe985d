package tunnelforge.server.access;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import tunnelforge.server.access.FairCount.Answer;

/** What one address may have of what all share. */
final class FairCountTest {
    private static final int MOST = 1_024;

    private final FairCount count = new FairCount(MOST);

    /** How many an address gets that wants all. */
    private int takeAll(AtomicInteger own) {
        int before = own.get();
        while (count.take(own) == Answer.TAKEN) {
            // Another one.
        }
        return own.get() - before;
    }

    @Test
    void oneAddressAloneGetsThreeQuartersAndTheNextFindsRoom() {
        assertEquals(768, takeAll(new AtomicInteger()));
        assertEquals(192, takeAll(new AtomicInteger()));
        assertEquals(48, takeAll(new AtomicInteger()));
    }

    @Test
    void whileHalfIsFreeNobodyIsAsked() {
        AtomicInteger own = new AtomicInteger();
        for (int i = 0; i < MOST / 2; i++) {
            assertEquals(Answer.TAKEN, count.take(own));
        }
        assertEquals(0, count.above(4));
        assertEquals(Answer.TAKEN, count.take(own));
        assertEquals(1, count.above(4));
    }

    @Test
    void manyAddressesWithAFewEachUseAllOfIt() {
        AtomicInteger last = new AtomicInteger();
        for (int i = 0; i < MOST; i++) {
            last = i % 6 == 0 ? new AtomicInteger() : last;
            assertEquals(Answer.TAKEN, count.take(last), "number " + i);
        }
        assertEquals(Answer.NONE_LEFT, count.take(new AtomicInteger()));
    }

    @Test
    void whatIsRefusedIsNotCounted() {
        AtomicInteger own = new AtomicInteger();
        takeAll(own);
        assertEquals(Answer.NOT_FOR_THIS_ADDRESS, count.take(own));
        assertEquals(768, own.get());
        assertEquals(768, count.taken());
        count.giveBack(own);
        assertEquals(Answer.TAKEN, count.take(own));
    }

    @Test
    void thoseThatWaitForOthersAreBeyondWhatIsShared() {
        FairCount waiting = new FairCount(10, 20);
        for (int i = 0; i < 30; i++) {
            assertEquals(Answer.TAKEN, waiting.take(new AtomicInteger()));
        }
        assertEquals(Answer.NONE_LEFT, waiting.take(new AtomicInteger()));
    }
}
