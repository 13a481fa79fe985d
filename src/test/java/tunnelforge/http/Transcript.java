package tunnelforge.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/** Everything a reader makes of a stream, in one line of text per message; how the octets were cut must never show in it. */
final class Transcript {
    static final int MAX_HEAD = 2048;
    private static final int MAX_STEPS = 100_000;

    private Transcript() {
    }

    static String ofRequests(InputStream in, int bufferSize, int readSize) throws IOException {
        StringBuilder out = new StringBuilder();
        HttpReader reader = new HttpReader(in, bufferSize);
        try {
            while (true) {
                RequestHead head = reader.readRequest(MAX_HEAD);
                if (head == null) {
                    return out.append("end").toString();
                }
                out.append(head.method()).append(' ').append(head.target()).append(" 1.").append(head.minorVersion());
                fields(head.fields(), out);
                body(reader, Framing.ofRequest(head), readSize, out);
            }
        } catch (HttpException e) {
            return out.append(e.status()).toString();
        } catch (EOFException e) {
            return out.append("eof").toString();
        }
    }

    static String ofResponses(InputStream in, String method, int bufferSize, int readSize) throws IOException {
        StringBuilder out = new StringBuilder();
        HttpReader reader = new HttpReader(in, bufferSize);
        try {
            while (reader.fill()) {
                ResponseHead head = reader.readResponse(MAX_HEAD);
                out.append(head.status()).append(" <").append(head.reason()).append("> 1.").append(head.minorVersion());
                fields(head.fields(), out);
                body(reader, Framing.ofResponse(head, method), readSize, out);
            }
            return out.append("end").toString();
        } catch (HttpException e) {
            return out.append(e.status()).toString();
        } catch (EOFException e) {
            return out.append("eof").toString();
        }
    }

    static void fields(Fields fields, StringBuilder out) {
        for (int i = 0; i < fields.size(); i++) {
            out.append(" [").append(fields.name(i)).append('=').append(fields.value(i)).append(']');
        }
    }

    private static void body(HttpReader reader, Framing framing, int readSize, StringBuilder out) throws IOException {
        reader.startBody(framing);
        ByteArrayOutputStream gathered = new ByteArrayOutputStream();
        byte[] dst = new byte[readSize];
        try {
            for (int steps = 0;; steps++) {
                if (steps > MAX_STEPS) {
                    throw new AssertionError("the reader makes no progress");
                }
                boolean ended = reader.bodyEnded();
                boolean readable = reader.bodyReadable();
                int n = reader.readBody(dst, 0, dst.length);
                if (ended && (n != -1 || !readable)) {
                    throw new AssertionError("said to have ended, but " + n + " came, readable " + readable);
                }
                if (n == 0) {
                    throw new AssertionError("no octet came");
                }
                if (n < 0) {
                    break;
                }
                gathered.write(dst, 0, n);
            }
        } finally {
            if (!(framing instanceof Framing.None)) {
                out.append(" {").append(gathered.toString(ISO_8859_1)).append('}');
            }
        }
        if (!reader.bodyEnded()) {
            throw new AssertionError("ended, but says it has not");
        }
        fields(reader.trailers(), out);
        out.append('\n');
    }
}
