package tunnelforge.server.access;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Something of which there is a limited number, so shared that visitors of one address cannot keep it from those of others. While half of it is free
 * anybody may take it: behind one address there may be a whole office. From then on an address that has more than three times what is left gets no
 * more, so that one alone ends at three quarters and the next one finds room. Any task may call it; nothing waits.
 */
public final class FairCount {
    /** What {@link #take} says. */
    public enum Answer {
        /** It is taken; {@link #giveBack} is due. */
        TAKEN,
        /** There is some left, but not for this address. */
        NOT_FOR_THIS_ADDRESS,
        /** There is none left for anybody. */
        NONE_LEFT
    }

    private static final int TIMES_WHAT_IS_LEFT = 3;
    /** So much, a browser's worth, an address may have also when hardly any is left. */
    private static final int FEW = 6;

    private final int most;
    private final int beyond;
    private final AtomicInteger taken = new AtomicInteger();

    public FairCount(int most) {
        this(most, 0);
    }

    /** {@code beyond}: so many more may be taken by those who wait for others to give back; what is fair is judged without them. */
    public FairCount(int most, int beyond) {
        this.most = most;
        this.beyond = beyond;
    }

    /** Takes one, counted in {@code own} as well, which counts what the address has. */
    public Answer take(AtomicInteger own) {
        int now = taken.incrementAndGet();
        int has = own.incrementAndGet();
        if (now > most + beyond) {
            giveBack(own);
            return Answer.NONE_LEFT;
        }
        if (!isFair(has, 1, now, most)) {
            giveBack(own);
            return Answer.NOT_FOR_THIS_ADDRESS;
        }
        return Answer.TAKEN;
    }

    /** Takes one whoever has how many: another is being given back for it. */
    public void takeAnyway(AtomicInteger own) {
        taken.incrementAndGet();
        own.incrementAndGet();
    }

    public void giveBack(AtomicInteger own) {
        taken.decrementAndGet();
        own.decrementAndGet();
    }

    /** Whether an address may have {@code has}, of {@code taken} of {@code most}; {@code one}: what a single one counts. */
    static boolean isFair(long has, long one, long taken, long most) {
        return taken <= most / 2 || has <= Math.max(FEW * one, TIMES_WHAT_IS_LEFT * (most - taken));
    }

    public int taken() {
        return taken.get();
    }

    /** How many are taken above so many eighths of all; 0 or less for none. */
    public int above(int eighths) {
        return taken.get() - (int) ((long) most * eighths / 8);
    }
}
