package tunnelforge.websocket;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** Frames written out in hexadecimal, the ways in which they may arrive, and what a reader makes of them. */
final class Wire {
    private static final byte[] KEY = {(byte) 0x37, (byte) 0xfa, (byte) 0x21, (byte) 0x3d};

    private Wire() {
    }

    static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", "").replace("|", ""));
    }

    /** The same frames as a client sends them; frames are told apart by {@code |}. Written without the code under test. */
    static byte[] masked(String frames) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (String hex : frames.split("\\|")) {
            byte[] frame = bytes(hex);
            int head = frame.length < 2 ? 2 : switch (frame[1] & 0x7F) {
                case 126 -> 4;
                case 127 -> 10;
                default -> 2;
            };
            for (int i = 0; i < frame.length; i++) {
                if (i == head) {
                    out.writeBytes(KEY);
                }
                out.write(i == 1 ? frame[i] | 0x80 : i < head ? frame[i] : frame[i] ^ KEY[(i - head) % 4]);
            }
            if (frame.length == head) {
                out.writeBytes(KEY);
            }
        }
        return out.toByteArray();
    }

    /** What a reader returns until it throws, one word or two each. */
    static List<String> readAll(InputStream in, int maxMessageBytes, Role role) {
        WebSocketReader reader = new WebSocketReader(in, maxMessageBytes, role);
        List<String> read = new ArrayList<>();
        while (true) {
            try {
                read.add(describe(reader.read()));
            } catch (SocketTimeoutException e) {
                continue;
            } catch (WebSocketException e) {
                read.add("error " + e.closeCode());
                return read;
            } catch (EOFException e) {
                read.add("eof");
                return read;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    static String describe(WebSocketMessage message) {
        return switch (message) {
            case WebSocketMessage.Text text -> "text " + text.text();
            case WebSocketMessage.Binary binary -> "binary " + HexFormat.of().formatHex(binary.bytes());
            case WebSocketMessage.Ping ping -> "ping " + HexFormat.of().formatHex(ping.payload());
            case WebSocketMessage.Pong pong -> "pong " + HexFormat.of().formatHex(pong.payload());
            case WebSocketMessage.Close close -> "close " + close.code() + " " + close.reason();
        };
    }

    /** A stream that gives a byte a call, and a timeout before each when asked to. */
    static InputStream byteByByte(byte[] bytes, boolean timeouts) {
        SocketTimeoutException timeout = new SocketTimeoutException("nothing yet");
        return new InputStream() {
            private int next;
            private boolean timedOut;

            @Override
            public int read() {
                throw new AssertionError("a byte alone is never asked for");
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                if (timeouts && !timedOut) {
                    timedOut = true;
                    throw timeout;
                }
                timedOut = false;
                if (next == bytes.length) {
                    return -1;
                }
                into[offset] = bytes[next++];
                return 1;
            }
        };
    }

    /** A stream that gives what comes before {@code split} in one call and the rest in others. */
    static InputStream splitAt(byte[] bytes, int split) {
        return new InputStream() {
            private int next;

            @Override
            public int read() {
                throw new AssertionError("a byte alone is never asked for");
            }

            @Override
            public int read(byte[] into, int offset, int length) {
                if (next == bytes.length) {
                    return -1;
                }
                int count = Math.min(length, (next < split ? split : bytes.length) - next);
                System.arraycopy(bytes, next, into, offset, count);
                next += count;
                return count;
            }
        };
    }
}
