package tunnelforge.mux;

/** The session that has a link for itself, and since when there has been none. */
final class SessionSlot {
    private volatile Session session;
    private volatile long freeSince;

    SessionSlot(long now) {
        freeSince = now;
    }

    /** Null when there is none. */
    Session session() {
        return session;
    }

    boolean isFree() {
        return session == null;
    }

    void occupy(Session begins) {
        session = begins;
    }

    void free(long now) {
        freeSince = now;
        session = null;
    }

    /** When the last session ended, or the link began; of no meaning while there is a session. */
    long freeSince() {
        return freeSince;
    }
}
