package tunnelforge.http;

import java.util.function.IntConsumer;
import java.util.function.IntPredicate;

/**
 * Memory for what a peer sends. A reader asks for it before it makes an array, and gives it back when it has dropped the array, so
 * that everything that peers can make a program keep is counted in one place. Neither method waits. For any number of tasks.
 */
public interface Room {
    /** Gives whatever is asked for; for what is bounded otherwise. */
    Room UNLIMITED = of(bytes -> true, bytes -> { });

    /** Gives nothing: a reader stays within the buffer it began with. */
    Room NONE = of(bytes -> false, bytes -> { });

    /** A room made of two methods, a ledger's for example. */
    static Room of(IntPredicate take, IntConsumer giveBack) {
        return new Room() {
            @Override
            public boolean take(int bytes) {
                return take.test(bytes);
            }

            @Override
            public void giveBack(int bytes) {
                giveBack.accept(bytes);
            }
        };
    }

    /** Whether that many more bytes may be used now; false takes nothing. */
    boolean take(int bytes);

    /** Returns what was taken, once, in whatever pieces. */
    void giveBack(int bytes);
}
