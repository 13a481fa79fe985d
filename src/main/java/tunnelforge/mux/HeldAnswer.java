package tunnelforge.mux;

import tunnelforge.net.Ledger;
import tunnelforge.wire.FrameBuffer;
import tunnelforge.wire.ResetCode;

/**
 * An agent's answer that may have to be sent again, on one data connection after another. It is held until the peer has all of it, or wants it no more, or there is no memory
 * for it. Under the exchange's lock, where nothing else is said.
 *
 * <pre>
 *   carried ──its connection is lost──▶ detached ──another carries it──▶ replayed ──all has left──▶ carried
 *                                           ▲                               │
 *                                           └───that one is lost as well────┘
 * </pre>
 */
final class HeldAnswer implements KeptAnswer.Owner {
    /** Who remembers an exchange for the peer, which may ask for its answer again. */
    interface Keeper {
        /** The local service is about to get the request. */
        void given();

        /** It will not ask any more; once. Called under the exchange's lock. */
        void unneeded();
    }

    private final ExchangeState state;
    private final KeptAnswer kept;
    private final Keeper keeper;
    private boolean held = true;
    private boolean detached;
    /** Null unless what was sent before is being sent again; what follows waits. */
    private Replay replay;
    /** How many connections have been lost under it, as far as the peer knew when it last asked for it. */
    private int losses;

    HeldAnswer(ExchangeState state, Ledger ledger, Keeper keeper) {
        this.state = state;
        this.kept = new KeptAnswer(this, ledger);
        this.keeper = keeper;
    }

    /** Without the lock. */
    void given() {
        keeper.given();
    }

    /** Whether all that has been sent can be sent again. */
    boolean isHeld() {
        return held;
    }

    boolean isDetached() {
        return detached;
    }

    boolean isReplayed() {
        return replay != null;
    }

    /** The task that waits for credit to send again, or null. */
    Thread takeReplayer() {
        return replay.takeWaiter();
    }

    /**
     * Keeps frames that are about to leave; where there is no memory for them the answer is held no more, and goes on as long as a connection carries it.
     *
     * @param last whether nothing follows
     * @return null when they are not kept
     */
    KeptAnswer.Piece keep(FrameBuffer frames, int dataBytes, boolean last) {
        if (!held) {
            return null;
        }
        KeptAnswer.Piece piece = kept.add(frames, dataBytes, last);
        if (!kept.isKept()) {
            unneeded();
        }
        return piece;
    }

    /** Takes the lock itself. */
    @Override
    public void acknowledged(KeptAnswer.Piece piece) {
        state.lock();
        try {
            if (held && kept.acknowledged(piece)) {
                unneeded();
            }
        } finally {
            state.unlock();
        }
    }

    /** The peer will not ask for it again, or would in vain. */
    void unneeded() {
        if (held) {
            held = false;
            detached = false;
            endReplay();
            kept.release();
            keeper.unneeded();
        }
    }

    /** The connection that carries it is lost. Returns whether another may carry it. */
    boolean detach() {
        if (held) {
            detached = true;
            endReplay();
        }
        return held;
    }

    /**
     * Another connection carries it from now on.
     *
     * @param from the byte of the body from which on the peer wants it
     * @param lost how many connections have been lost under it, as far as the peer knows: more of them are newer
     * @return null when that is not there any more, or a newer connection carries it
     */
    Replay moveTo(Attachment to, long from, int lost, SendWindow window) {
        if (!held || lost < losses || !kept.has(from)) {
            return null;
        }
        losses = lost;
        endReplay();
        detached = false;
        replay = new Replay(state, window, to, kept.cursor(to.id(), from), this::isCarried);
        return replay;
    }

    private void endReplay() {
        if (replay != null) {
            replay.end();
        }
    }

    private void isCarried() {
        replay = null;
        kept.closeCursor();
        state.sender.wake();
    }
}
