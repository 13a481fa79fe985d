package tunnelforge.wire;

import java.util.List;
import java.util.Objects;
import tunnelforge.json.JsonArray;
import tunnelforge.json.JsonException;
import tunnelforge.json.JsonObject;
import tunnelforge.json.JsonReader;
import tunnelforge.json.JsonWriter;

/** What a server says on the control connection, one JSON object in each text message. */
public sealed interface ServerMessage {
    /** The message as text for the wire. */
    String toJson();

    /**
     * Reads one message. Unknown fields are ignored; an unknown type is a value, {@link Unknown}.
     *
     * @throws JsonException when it is not JSON, or a field is missing, of the wrong type or out of its range
     */
    static ServerMessage parse(String text) throws JsonException {
        JsonObject json = JsonReader.parseObject(text);
        String type = json.string("type");
        try {
            return switch (type) {
                case "tunnel_registered" -> TunnelRegistered.from(json);
                case "open_data_connection" ->
                        new OpenDataConnection(json.string("tunnel_id"), json.string("connection_id"));
                case "keep_alive" -> new KeepAlive(json.string("tunnel_id"), KeepAliveFields.sentAt(json));
                case "error" -> Error.from(json);
                case "drain" -> new Drain(json.string("reason", ""));
                default -> new Unknown(type);
            };
        } catch (IllegalArgumentException e) {
            throw new JsonException(e.getMessage());
        }
    }

    /**
     * The tunnel is open.
     *
     * @param tunnelId names the tunnel from now on
     * @param resumeToken the right to take the tunnel up again after a drop; kept out of {@link #toString}
     * @param keepAliveSeconds how often an agent that sends {@code keep_alive} should
     * @param pool how many data connections there will be
     * @param limits what both sides keep to
     * @param enforced those of the {@link VisitorAccess#fields} asked for that the server keeps to: not all where it does not know them
     */
    record TunnelRegistered(String tunnelId, String url, TunnelProtocol protocol, String resumeToken, int keepAliveSeconds,
            PoolSize pool, TunnelLimits limits, List<String> enforced) implements ServerMessage {
        private static final int MOST_SECONDS = 3600;

        /** Refuses what the wire does not allow: {@link IllegalArgumentException}. */
        public TunnelRegistered {
            Check.id("tunnel_id", tunnelId);
            Check.text("url", url, Limits.MAX_TEXT);
            Objects.requireNonNull(protocol, "protocol");
            Check.text("resume_token", resumeToken, Limits.MAX_TOKEN);
            Check.range("keep_alive_seconds", keepAliveSeconds, 1, MOST_SECONDS);
            Objects.requireNonNull(pool, "pool");
            Objects.requireNonNull(limits, "limits");
            enforced = List.copyOf(enforced);
        }

        private static TunnelRegistered from(JsonObject json) throws JsonException {
            return new TunnelRegistered(json.string("tunnel_id"), json.string("url"), TunnelProtocol.required(json.string("protocol")),
                    json.string("resume_token"), (int) json.integer("keep_alive_seconds", 1, MOST_SECONDS),
                    PoolSize.from(json.object("pool")), TunnelLimits.from(json.objectOrEmpty("limits")), json.strings("enforced"));
        }

        @Override
        public String toJson() {
            JsonObject.Builder json = JsonObject.builder().put("type", "tunnel_registered").put("tunnel_id", tunnelId)
                    .put("url", url).put("protocol", protocol.wireName()).put("resume_token", resumeToken)
                    .put("keep_alive_seconds", keepAliveSeconds).put("pool", pool.toJson())
                    .put("limits", limits.toJson());
            if (!enforced.isEmpty()) {
                json.put("enforced", JsonArray.ofStrings(enforced));
            }
            return JsonWriter.write(json.build());
        }

        @Override
        public String toString() {
            return "TunnelRegistered[tunnelId=" + tunnelId + ", url=" + url + ", protocol=" + protocol
                    + ", keepAliveSeconds=" + keepAliveSeconds + ", pool=" + pool + ", limits=" + limits + ", enforced=" + enforced + "]";
        }
    }

    /**
     * Asks for one data connection.
     *
     * @param connectionId 128 random bits for its first frame; good once, and for 10 s
     */
    record OpenDataConnection(String tunnelId, String connectionId) implements ServerMessage {
        /** Refuses what the wire does not allow: {@link IllegalArgumentException}. */
        public OpenDataConnection {
            Check.id("tunnel_id", tunnelId);
            Check.id("connection_id", connectionId);
        }

        @Override
        public String toJson() {
            return JsonWriter.write(JsonObject.builder().put("type", "open_data_connection").put("tunnel_id", tunnelId)
                    .put("connection_id", connectionId).build());
        }
    }

    /**
     * The answer to the agent's {@code keep_alive}.
     *
     * @param sentAt the agent's, or null
     */
    record KeepAlive(String tunnelId, Long sentAt) implements ServerMessage {
        /** Refuses what the wire does not allow: {@link IllegalArgumentException}. */
        public KeepAlive {
            Check.id("tunnel_id", tunnelId);
        }

        @Override
        public String toJson() {
            return KeepAliveFields.toJson(tunnelId, sentAt);
        }
    }

    /**
     * Something was refused or failed. On a control connection it is the server's; as a MESSAGE of a data connection it is
     * either side's, and there an agent need not give a name.
     *
     * @param code a number like an HTTP status
     * @param name {@code TF-…}, or null
     * @param message for a person, cut at {@link Limits#MAX_REASON} characters
     * @param retry is another try useful?
     */
    record Error(int code, String name, String message, boolean retry) implements ServerMessage, JsonExchange.Answer {
        /** Refuses what the wire does not allow: {@link IllegalArgumentException}. */
        public Error {
            Check.range("code", code, 100, 999);
            Check.optional("name", name, Limits.MAX_ID);
            message = Check.cut(Check.text("message", message, Integer.MAX_VALUE), Limits.MAX_REASON);
        }

        /**
         * An error with its usual code.
         *
         * @param retry is another try useful?
         */
        public static Error of(TunnelError error, String message, boolean retry) {
            return new Error(error.status(), error.wireName(), message, retry);
        }

        /**
         * Reads an {@code error} MESSAGE of a data connection.
         *
         * @throws JsonException when it is another message, or a field is missing, of the wrong type or out of its range
         */
        public static Error parse(String text) throws JsonException {
            JsonObject json = DataMessage.ofType(DataMessage.ERROR, text);
            try {
                return from(json);
            } catch (IllegalArgumentException e) {
                throw new JsonException(e.getMessage());
            }
        }

        /**
         * What the error means as the answer to one exchange, so that it and a RESET lead to the same page.
         *
         * @return what the name says; without one, what 413, 502, 503 or 504 says; else {@link ResetCode#UPSTREAM_INVALID}
         */
        public ResetCode asReset() {
            TunnelError named = TunnelError.of(name);
            return switch (named == null ? byCode() : named) {
                case UPSTREAM_REFUSED -> ResetCode.UPSTREAM_REFUSED;
                case UPSTREAM_TIMEOUT -> ResetCode.UPSTREAM_TIMEOUT;
                case OUTCOME_UNKNOWN -> ResetCode.OUTCOME_UNKNOWN;
                case TOO_LARGE -> ResetCode.TOO_LARGE;
                case OVERLOADED -> ResetCode.OVERLOADED;
                default -> ResetCode.UPSTREAM_INVALID;
            };
        }

        private TunnelError byCode() {
            return switch (code) {
                case 413 -> TunnelError.TOO_LARGE;
                case 502 -> TunnelError.UPSTREAM_REFUSED;
                case 503 -> TunnelError.OVERLOADED;
                case 504 -> TunnelError.UPSTREAM_TIMEOUT;
                default -> TunnelError.UPSTREAM_INVALID;
            };
        }

        static Error from(JsonObject json) throws JsonException {
            return new Error((int) json.integer("code", 100, 999), json.string("name", null), json.string("message"),
                    json.bool("retry", false));
        }

        @Override
        public String toJson() {
            return JsonWriter.write(JsonObject.builder().put("type", DataMessage.ERROR).put("code", code)
                    .putIfPresent("name", name).put("message", message).put("retry", retry).build());
        }
    }

    /**
     * The agent is to register anew on another control connection; the old data connections go on until they are empty.
     *
     * @param reason {@code shutdown} or {@code reconnect}
     */
    record Drain(String reason) implements ServerMessage {
        /** Cuts a long reason. */
        public Drain {
            reason = Check.cut(Check.text("reason", reason, Integer.MAX_VALUE), Limits.MAX_REASON);
        }

        @Override
        public String toJson() {
            return JsonWriter.write(JsonObject.builder().put("type", "drain").put("reason", reason).build());
        }
    }

    /** A message of a type that this version does not know; agents ignore it. */
    record Unknown(String type) implements ServerMessage {
        /** Takes any type. */
        public Unknown {
            Objects.requireNonNull(type, "type");
        }

        @Override
        public String toJson() {
            return JsonWriter.write(JsonObject.builder().put("type", type).build());
        }
    }
}
