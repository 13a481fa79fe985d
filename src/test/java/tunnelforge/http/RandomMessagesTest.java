package tunnelforge.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Seeded: what a writer writes a reader reads back, and a damaged message is refused or ends, never anything else. */
class RandomMessagesTest {
    private static final long SEED = 20_240_917L;
    private static final int ROUNDS = 400;
    private static final int MUTATIONS = 8_000;
    private static final String[] SPICE = {"\r", "\n", "\r\n", "\r\n\r\n", "\0", " ", "\t", ":", ",", ";", "0", "1", "f", "-", "\u007f", "\u00ff",
        "Content-Length: 1\r\n", "Transfer-Encoding: chunked\r\n", "Host: b\r\n", "chunked", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "0\r\n\r\n"};

    @Test
    void whatTheWriterWritesTheReaderReads() throws IOException {
        for (int round = 0; round < ROUNDS; round++) {
            Random random = new Random(SEED + round);
            ByteArrayOutputStream wire = new ByteArrayOutputStream();
            HttpWriter writer = new HttpWriter(wire, 64 + random.nextInt(500));
            StringBuilder expected = new StringBuilder();
            for (int messages = random.nextInt(4); messages >= 0; messages--) {
                writeMessage(random, writer, expected);
            }
            writer.flush();
            byte[] octets = wire.toByteArray();
            Pieces in = Pieces.ofSize(octets, 1 + random.nextInt(600));
            String got = Transcript.ofRequests(in, 1 + random.nextInt(600), 1 + random.nextInt(600));
            assertEquals(expected + "end", got, "seed " + (SEED + round));
        }
    }

    private static void writeMessage(Random random, HttpWriter writer, StringBuilder expected) throws IOException {
        Fields fields = new Fields();
        fields.add("Host", "a");
        int size = random.nextInt(3) == 0 ? 0 : random.nextInt(3000);
        Framing framing = switch (random.nextInt(3)) {
            case 0 -> Framing.NONE;
            case 1 -> new Framing.Length(size);
            default -> Framing.CHUNKED;
        };
        if (framing instanceof Framing.Chunked) {
            fields.add("Transfer-Encoding", "chunked");
        } else if (framing instanceof Framing.Length) {
            fields.add("Content-Length", "" + size);
        }
        for (int i = random.nextInt(5); i > 0; i--) {
            fields.add("X-" + random.nextInt(), "v".repeat(random.nextInt(90)));
        }
        RequestHead head = new RequestHead("PUT", "/" + random.nextInt(), 1, fields);
        expected.append(head.method()).append(' ').append(head.target()).append(" 1.1");
        Transcript.fields(fields, expected);
        writer.head(head);
        writer.startBody(framing);
        if (!(framing instanceof Framing.None)) {
            byte[] body = new byte[size];
            random.nextBytes(body);
            for (int at = 0; at < size;) {
                int n = Math.min(size - at, random.nextInt(1 + (random.nextBoolean() ? 20 : 900)));
                writer.body(body, at, n);
                at += n;
                if (random.nextInt(10) == 0) {
                    writer.flush();
                }
            }
            expected.append(" {").append(new String(body, ISO_8859_1)).append('}');
        }
        Fields trailers = new Fields();
        for (int i = random.nextInt(3); i > 0; i--) {
            trailers.add("T-" + random.nextInt(), "" + random.nextInt());
        }
        writer.endBody(random.nextBoolean() && trailers.size() == 0 ? null : trailers);
        if (framing instanceof Framing.Chunked) {
            Transcript.fields(trailers, expected);
        }
        expected.append('\n');
    }

    @Test
    void damagedMessagesAreReadAlikeHoweverTheyAreCutAndNeverHang() throws IOException {
        String[] good = Stream.concat(RequestTest.accepted(), RequestTest.refused()).map(RequestTest.Case::raw).toArray(String[]::new);
        for (int i = 0; i < MUTATIONS; i++) {
            long seed = SEED + i;
            Random random = new Random(seed);
            StringBuilder raw = new StringBuilder(good[random.nextInt(good.length)]).append(good[random.nextInt(good.length)]);
            for (int damage = 1 + random.nextInt(3); damage > 0; damage--) {
                int at = random.nextInt(raw.length() + 1);
                switch (random.nextInt(4)) {
                    case 0 -> raw.insert(at, SPICE[random.nextInt(SPICE.length)]);
                    case 1 -> raw.delete(at, Math.min(raw.length(), at + 1 + random.nextInt(4)));
                    case 2 -> raw.insert(at, (char) random.nextInt(256));
                    default -> raw.setLength(random.nextInt(3) == 0 ? at : raw.length());
                }
            }
            byte[] octets = Pieces.octets(raw.toString());
            try {
                // Anything but HttpException and EOFException comes through and fails the test.
                String whole = Transcript.ofRequests(Pieces.whole(octets), 4096, 4096);
                String cut = Transcript.ofRequests(Pieces.ofSize(octets, 1 + random.nextInt(9)), 1 + random.nextInt(40), 1 + random.nextInt(40));
                assertEquals(whole, cut, "seed " + seed);
                Transcript.ofResponses(Pieces.whole(octets), "GET", 64, 64);
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed + ": " + raw, e);
            }
        }
    }

    @Test
    void damagedResponsesAreReadAlikeHoweverTheyAreCut() throws IOException {
        ResponseTest.Case[] cases = ResponseTest.cases().toArray(ResponseTest.Case[]::new);
        for (int i = 0; i < MUTATIONS / 4; i++) {
            long seed = SEED + i;
            Random random = new Random(seed);
            ResponseTest.Case c = cases[random.nextInt(cases.length)];
            StringBuilder raw = new StringBuilder(c.raw());
            raw.insert(random.nextInt(raw.length() + 1), SPICE[random.nextInt(SPICE.length)]);
            raw.deleteCharAt(random.nextInt(raw.length()));
            byte[] octets = Pieces.octets(raw.toString());
            try {
                String whole = Transcript.ofResponses(Pieces.whole(octets), c.method(), 4096, 4096);
                assertEquals(whole, Transcript.ofResponses(Pieces.ofSize(octets, 1), c.method(), 1 + random.nextInt(40), 7), "seed " + seed);
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed + ": " + raw, e);
            }
        }
    }
}
