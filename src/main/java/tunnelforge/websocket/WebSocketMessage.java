package tunnelforge.websocket;

import java.util.Objects;

/**
 * A whole message or a control frame, as received (RFC 6455, sections 5.5 and 5.6). Payloads are not copied: they are the
 * receiver's.
 */
public sealed interface WebSocketMessage {
    /** A text message. */
    record Text(String text) implements WebSocketMessage {
        /** Checks that there is a text. */
        public Text {
            Objects.requireNonNull(text, "text");
        }

        /** Names the length only: the text may hold a secret. */
        @Override
        public String toString() {
            return "Text[" + text.length() + " characters]";
        }
    }

    /** A binary message. */
    final class Binary implements WebSocketMessage {
        private final byte[] bytes;

        Binary(byte[] bytes) {
            this.bytes = bytes;
        }

        /** The payload. */
        public byte[] bytes() {
            return bytes;
        }

        @Override
        public String toString() {
            return "Binary[" + bytes.length + " bytes]";
        }
    }

    /** A Ping, to be answered by a Pong with the same payload (section 5.5.2). */
    final class Ping implements WebSocketMessage {
        private final byte[] payload;

        Ping(byte[] payload) {
            this.payload = payload;
        }

        /**
         * The payload.
         *
         * @return the array itself, at most 125 bytes
         */
        public byte[] payload() {
            return payload;
        }

        @Override
        public String toString() {
            return "Ping[" + payload.length + " bytes]";
        }
    }

    /** A Pong, asked for or not (section 5.5.3). */
    final class Pong implements WebSocketMessage {
        private final byte[] payload;

        Pong(byte[] payload) {
            this.payload = payload;
        }

        /**
         * The payload.
         *
         * @return the array itself, at most 125 bytes
         */
        public byte[] payload() {
            return payload;
        }

        @Override
        public String toString() {
            return "Pong[" + payload.length + " bytes]";
        }
    }

    /**
     * The peer's last message (section 5.5.1); to be answered by a Close unless we have sent one.
     *
     * @param code a code that {@link CloseCode#isValidOnWire} allows, or {@link CloseCode#NO_STATUS} when there was none
     * @param reason text chosen by the peer, at most 123 bytes of UTF-8; may be empty; not safe for a terminal or a log as it is
     */
    record Close(int code, String reason) implements WebSocketMessage {
        /** Checks that there is a reason. */
        public Close {
            Objects.requireNonNull(reason, "reason");
        }
    }
}
