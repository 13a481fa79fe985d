package tunnelforge.http;

/** Gives up to a limit and counts what is taken; for one task. */
public final class CountedRoom implements Room {
    private final int limit;
    private int used;
    private int most;

    public CountedRoom(int limit) {
        this.limit = limit;
    }

    @Override
    public boolean take(int bytes) {
        if (bytes > limit - used) {
            return false;
        }
        used += bytes;
        most = Math.max(most, used);
        return true;
    }

    @Override
    public void giveBack(int bytes) {
        used -= bytes;
        if (used < 0) {
            throw new AssertionError("more was given back than taken: " + used);
        }
    }

    public int used() {
        return used;
    }

    public int most() {
        return most;
    }
}
