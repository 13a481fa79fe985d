package tunnelforge.trials;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tunnelforge.Message;
import tunnelforge.Peer;

/** 200 MB each way, byte for byte, through programs that have 64 MB of heap. */
final class LargeBodiesTrial {
    private static final long BYTES = 200_000_000;
    private static final int PIECE = 48_000;

    private static Rig rig;
    private static String expected;

    @BeforeAll
    static void start() throws Exception {
        rig = Rig.start("-Xmx64m");
        MessageDigest digest = BulkService.sha256();
        try (InputStream body = BulkService.body(BYTES)) {
            BulkService.update(digest, body, BYTES);
        }
        expected = BulkService.hex(digest);
    }

    @AfterAll
    static void close() throws Exception {
        rig.close();
    }

    @Test
    void downloadWithLength() throws Exception {
        try (Peer visitor = rig.visit()) {
            long start = System.nanoTime();
            visitor.send(Rig.request("GET /length/" + BYTES));
            assertEquals(String.valueOf(BYTES), visitor.readResponseHead().get("Content-Length"));
            MessageDigest digest = BulkService.sha256();
            BulkService.update(digest, visitor.in(), BYTES);
            finish("down, with length", start, visitor, BulkService.hex(digest));
        }
    }

    @Test
    void downloadInChunks() throws Exception {
        try (Peer visitor = rig.visit()) {
            long start = System.nanoTime();
            visitor.send(Rig.request("GET /chunked/" + BYTES));
            assertEquals("chunked", visitor.readResponseHead().get("Transfer-Encoding"));
            MessageDigest digest = BulkService.sha256();
            for (byte[] chunk = visitor.readChunk(); chunk.length > 0; chunk = visitor.readChunk()) {
                digest.update(chunk);
            }
            assertEquals("", visitor.readLine());
            finish("down, in chunks", start, visitor, BulkService.hex(digest));
        }
    }

    @Test
    void uploadWithLength() throws Exception {
        try (Peer visitor = rig.visit()) {
            long start = System.nanoTime();
            visitor.send(Rig.request("PUT /digest", "Content-Length: " + BYTES));
            send(visitor, false);
            finish("up, with length", start, visitor, visitor.readResponse().text());
        }
    }

    @Test
    void uploadInChunks() throws Exception {
        try (Peer visitor = rig.visit()) {
            long start = System.nanoTime();
            visitor.send(Rig.request("PUT /digest", "Transfer-Encoding: chunked"));
            send(visitor, true);
            visitor.send("0\r\n\r\n");
            finish("up, in chunks", start, visitor, visitor.readResponse().text());
        }
    }

    private static void send(Peer visitor, boolean chunked) throws IOException {
        byte[] piece = new byte[PIECE];
        try (InputStream body = BulkService.body(BYTES)) {
            for (int count = body.read(piece); count > 0; count = body.read(piece)) {
                BulkService.sendPiece(visitor, piece, count, chunked);
            }
        }
    }

    /** The connection must be fit for another request behind it. */
    private static void finish(String what, long start, Peer visitor, String digest) throws IOException {
        assertEquals(expected, digest);
        Figures.print("200 MB %s, heaps of 64 MB: %.0f MB/s", what, BYTES * 1e3 / (System.nanoTime() - start));
        Message small = visitor.send(Rig.request("GET /small")).readResponse();
        assertEquals(BulkService.SMALL, small.text());
    }
}
