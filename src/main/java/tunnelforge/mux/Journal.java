package tunnelforge.mux;

import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Which requests an agent has given to its local service, in a mapped file. What is written there stays when the process is killed (not when the machine fails), so the agent's
 * next process knows which of the requests that were lost with it have not run. Where nothing is known of a request, it may have run.
 */
public final class Journal {
    /** Data connections at once, those of the last process and those that were lost a moment ago included; of further ones nothing is written. */
    static final int CONNECTIONS = 256;
    /** Of a connection so many ids are known, the latest. */
    static final int IDS = 4096;
    private static final int ID_BYTES = 32;
    private static final int STATE = 0;
    private static final int HIGHEST = 4;
    private static final int ID = 8;
    private static final int BITS = ID + ID_BYTES;
    private static final int RECORD_BYTES = BITS + IDS / Byte.SIZE;
    private static final long LAYOUT = 0x5446_4a00_0000_0001L;
    private static final int BOOT_BYTES = 40;
    private static final int HEADER = Long.BYTES + BOOT_BYTES;
    private static final int FILE_BYTES = HEADER + CONNECTIONS * RECORD_BYTES;
    private static final int USED = 1;

    private final MappedByteBuffer file;
    private final Queue<Integer> free = new ConcurrentLinkedQueue<>();
    private final List<Record> ofLastProcess = new ArrayList<>();

    /**
     * Maps the file.
     *
     * @param file for reading and writing; nobody else uses it. It need not stay open.
     * @param boot identifies this run of the machine, in 40 characters at most: what was written in another may have been lost on its way to the disk
     */
    public Journal(FileChannel file, String boot) throws IOException {
        if (file.size() != FILE_BYTES) {
            // All of it, so that a full disk shows here and not when the mapped memory is written.
            ByteBuffer empty = ByteBuffer.allocate(FILE_BYTES);
            file.truncate(0);
            while (empty.hasRemaining()) {
                file.write(empty, empty.position());
            }
        }
        this.file = file.map(FileChannel.MapMode.READ_WRITE, 0, FILE_BYTES);
        boolean known = this.file.getLong(0) == LAYOUT && boot.equals(text(Long.BYTES, BOOT_BYTES));
        this.file.putLong(0, LAYOUT);
        this.file.put(Long.BYTES, Arrays.copyOf(boot.getBytes(StandardCharsets.ISO_8859_1), BOOT_BYTES));
        for (int i = 0; i < CONNECTIONS; i++) {
            int at = HEADER + i * RECORD_BYTES;
            if (known && this.file.getInt(at + STATE) == USED) {
                ofLastProcess.add(new Record(at));
            } else {
                this.file.putInt(at + STATE, 0);
                free.add(at);
            }
        }
    }

    private String text(int at, int length) {
        byte[] bytes = new byte[length];
        file.get(at, bytes);
        return new String(bytes, StandardCharsets.ISO_8859_1).replace("\0", "");
    }

    /** What the last process has left; each is freed like one's own. */
    List<Record> ofLastProcess() {
        return ofLastProcess;
    }

    /** Begins to write of a data connection; null when there is no room for it, or its id is none of the usual kind. */
    Record begin(String connectionId) {
        byte[] id = connectionId.getBytes(StandardCharsets.ISO_8859_1);
        Integer at = id.length == ID_BYTES ? free.poll() : null;
        if (at == null) {
            return null;
        }
        file.put(at + BITS, new byte[IDS / Byte.SIZE]);
        file.putInt(at + HIGHEST, 0);
        file.put(at + ID, id);
        // A process that is killed here has either no record or a whole one.
        VarHandle.releaseFence();
        file.putInt(at + STATE, USED);
        return new Record(at);
    }

    /** What is written of one data connection. Its owner sees to it that one task at a time uses it. */
    final class Record {
        private final int at;
        private boolean freed;

        private Record(int at) {
            this.at = at;
        }

        String connectionId() {
            return text(at + ID, ID_BYTES);
        }

        /** The local service is about to get the request with that id. */
        void given(int id) {
            if (freed) {
                return;
            }
            int highest = file.getInt(at + HIGHEST);
            for (int next = Math.max(highest + 1, id - IDS + 1); next <= id; next++) {
                write(next, false);
            }
            write(id, true);
            VarHandle.releaseFence();
            if (id > highest) {
                file.putInt(at + HIGHEST, id);
            }
        }

        private void write(int id, boolean given) {
            int place = at + BITS + id % IDS / Byte.SIZE;
            int bit = 1 << id % Byte.SIZE;
            file.put(place, (byte) (given ? file.get(place) | bit : file.get(place) & ~bit));
        }

        /** Whether the local service may have got it. */
        boolean mayHaveBeenGiven(int id) {
            int highest = file.getInt(at + HIGHEST);
            if (freed || id <= highest - IDS) {
                return true;
            }
            return id <= highest && (file.get(at + BITS + id % IDS / Byte.SIZE) & 1 << id % Byte.SIZE) != 0;
        }

        /** Nobody asks for its requests any more. */
        void free() {
            if (!freed) {
                freed = true;
                file.putInt(at + STATE, 0);
                free.add(at);
            }
        }
    }
}
