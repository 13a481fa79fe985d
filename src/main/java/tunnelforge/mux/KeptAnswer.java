package tunnelforge.mux;

import java.util.List;
import tunnelforge.net.Ledger;
import tunnelforge.wire.FrameBuffer;
import tunnelforge.wire.FrameReader;
import tunnelforge.wire.FrameType;
import tunnelforge.wire.Limits;

/**
 * What an agent has sent of an answer and the server may not have got, so that it can be sent again on another data connection: the head, and the rest of the body from
 * {@link #from} on. Charged as it grows; where there is no memory for it the answer is kept no longer. Under the exchange's lock.
 */
final class KeptAnswer {
    /** An object and an array, beside the bytes. */
    private static final int PIECE_BYTES = 64;
    /** {@code HTTP/1.1 1xx}: where the first digit of a status stands in a head. */
    private static final int STATUS_AT = Limits.FRAME_HEADER + "HTTP/1.1 ".length();

    /** Whose answer it is. */
    interface Owner {
        /** The server has all up to this piece. */
        void acknowledged(Piece piece);
    }

    /** Frames that left together. */
    static final class Piece {
        private final Owner owner;
        private final byte[] frames;
        private final int dataBytes;
        private final boolean last;
        private int charge;
        private Piece next;
        private boolean had;

        private Piece(Owner owner, byte[] frames, int dataBytes, boolean last) {
            this.owner = owner;
            this.frames = frames;
            this.dataBytes = dataBytes;
            this.last = last;
            this.charge = frames.length + PIECE_BYTES;
        }

        /** The server has it. */
        void acknowledged() {
            owner.acknowledged(this);
        }
    }

    private final Owner owner;
    private final Ledger ledger;
    /** RESPONSE, when what it was part of is not kept any more. */
    private byte[] head;
    private Piece first;
    private Piece end;
    private long from;
    /** Null unless the answer is being sent again. */
    private Cursor cursor;
    private long charged;
    private boolean released;

    KeptAnswer(Owner owner, Ledger ledger) {
        this.owner = owner;
        this.ledger = ledger;
    }

    /**
     * Keeps a copy of frames that are about to leave.
     *
     * @param last whether nothing follows: END or RESET is the last of them
     * @return null when they need not be kept, or cannot
     */
    Piece add(FrameBuffer frames, int dataBytes, boolean last) {
        if (released || isInformational(frames) || !charge(frames.length() + PIECE_BYTES)) {
            return null;
        }
        byte[] copy = new byte[frames.length()];
        System.arraycopy(frames.array(), 0, copy, 0, copy.length);
        Piece piece = new Piece(owner, copy, dataBytes, last);
        if (end != null) {
            // Also where the server has that one: it may be the last that a cursor has gone through.
            end.next = piece;
        }
        if (first == null) {
            first = piece;
        }
        end = piece;
        return piece;
    }

    private static boolean isInformational(FrameBuffer frames) {
        return frames.length() > STATUS_AT && frames.array()[4] == FrameType.RESPONSE && frames.array()[STATUS_AT] == '1';
    }

    private boolean charge(long bytes) {
        if (!ledger.tryGrow(bytes)) {
            release();
            return false;
        }
        charged += bytes;
        return true;
    }

    /** The server has all up to this piece: it may be told so twice, for what was sent again. Returns whether that is the whole answer. */
    boolean acknowledged(Piece piece) {
        while (first != null && !piece.had) {
            Piece next = first;
            first = next.next;
            next.had = true;
            if (head == null && next.frames[4] == FrameType.RESPONSE) {
                int length = Limits.FRAME_HEADER + FrameReader.payloadLength(next.frames, 0);
                head = new byte[length];
                System.arraycopy(next.frames, 0, head, 0, length);
                next.charge -= length;
            }
            from += next.dataBytes;
            charged -= next.charge;
            ledger.release(next.charge);
        }
        forgetEnd();
        return first == null && piece.had && piece.last;
    }

    /** The last piece is needed to find what follows it, where a cursor has come so far. */
    private void forgetEnd() {
        if (first == null && cursor == null) {
            end = null;
        }
    }

    /** False when there was no memory for it. */
    boolean isKept() {
        return !released;
    }

    /** Whether it can be sent again from that byte of the body on. */
    boolean has(long offset) {
        long to = from;
        for (Piece piece = first; piece != null; piece = piece.next) {
            to += piece.dataBytes;
        }
        return !released && offset >= from && offset <= to;
    }

    /** Nothing of it is needed any more. */
    void release() {
        released = true;
        first = null;
        end = null;
        head = null;
        ledger.release(charged);
        charged = 0;
    }

    /** Goes through it from a byte of the body on, which {@link #has} was asked for, with that id, until {@link #closeCursor}. */
    Cursor cursor(int id, long offset) {
        cursor = new Cursor(id, offset - from);
        return cursor;
    }

    void closeCursor() {
        cursor = null;
        forgetEnd();
    }

    /** Where it is being sent again; what is added meanwhile comes as well. */
    final class Cursor {
        private final int id;
        private long skip;
        private boolean headDue = head != null;
        private Piece piece = first;
        /** Where the next frame of the piece begins. */
        private int at;

        private Cursor(int id, long skip) {
            this.id = id;
            this.skip = skip;
        }

        /** Whether it is through with all that there is; there may be more later. */
        boolean isThrough() {
            return !headDue && !hasMore();
        }

        /** Goes on to the piece that is next; false when there is none. */
        private boolean hasMore() {
            if (piece == null) {
                // There was none so far.
                piece = first;
            } else if (at == piece.frames.length && piece.next != null) {
                piece = piece.next;
                at = 0;
            }
            return piece != null && at < piece.frames.length;
        }

        /**
         * Adds the next frames.
         *
         * @param credit bytes of DATA that may be among them
         * @param covered gets the pieces that have been added to their end
         * @return the bytes of DATA among them
         */
        int fill(FrameBuffer to, int credit, List<Piece> covered) {
            if (headDue) {
                headDue = false;
                to.frame(id, FrameType.RESPONSE, head, Limits.FRAME_HEADER, head.length - Limits.FRAME_HEADER);
            }
            int data = 0;
            while (to.length() < Limits.MAX_DATA && hasMore()) {
                int type = piece.frames[at + 4];
                int length = FrameReader.payloadLength(piece.frames, at);
                if (type != FrameType.DATA) {
                    to.frame(id, type, piece.frames, at + Limits.FRAME_HEADER, length);
                } else {
                    int skipped = (int) Math.min(skip, length);
                    int count = Math.min(length - skipped, credit - data);
                    if (count > 0) {
                        to.frame(id, FrameType.DATA, piece.frames, at + Limits.FRAME_HEADER + skipped, count);
                        data += count;
                    }
                    if (skipped + count < length) {
                        // The rest waits for credit.
                        skip = skipped + count;
                        return data;
                    }
                    skip -= skipped;
                }
                at += Limits.FRAME_HEADER + length;
                if (at == piece.frames.length) {
                    covered.add(piece);
                }
            }
            return data;
        }
    }
}
