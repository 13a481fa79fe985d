package tunnelforge.wire;

import java.util.Objects;
import tunnelforge.json.JsonException;
import tunnelforge.json.JsonObject;
import tunnelforge.json.JsonReader;
import tunnelforge.json.JsonWriter;

/** What an agent says on the control connection, one JSON object in each text message. */
public sealed interface AgentMessage {
    /** The message as text for the wire. */
    String toJson();

    /**
     * Reads one message. Unknown fields are ignored; an unknown type is a value, {@link Unknown}.
     *
     * @throws JsonException when it is not JSON, or a field is missing, of the wrong type or out of its range
     */
    static AgentMessage parse(String text) throws JsonException {
        JsonObject json = JsonReader.parseObject(text);
        String type = json.string("type");
        try {
            return switch (type) {
                case "register_tunnel" -> RegisterTunnel.from(json);
                case "keep_alive" -> new KeepAlive(json.string("tunnel_id"), KeepAliveFields.sentAt(json));
                case "close_tunnel" -> new CloseTunnel(json.string("tunnel_id"));
                default -> new Unknown(type);
            };
        } catch (IllegalArgumentException e) {
            throw new JsonException(e.getMessage());
        }
    }

    /**
     * Asks for a tunnel: the first message of every control connection.
     *
     * @param authToken the account's token; kept out of {@link #toString}
     * @param localPort the local service's port, for people to see; 0 when it is not a port
     * @param options what is asked for beyond that
     * @param agentId 128 random bits that name this agent, or null; kept out of {@link #toString}
     * @param agentVersion the agent's version, or null
     * @param tunnelId the tunnel to take up again, or null
     * @param resumeToken the right to do so; null exactly when {@code tunnelId} is; kept out of {@link #toString}
     */
    record RegisterTunnel(String authToken, TunnelProtocol protocol, int localPort, TunnelOptions options, String agentId,
            String agentVersion, String tunnelId, String resumeToken) implements AgentMessage {

        /** Refuses what the wire does not allow: {@link IllegalArgumentException}. */
        public RegisterTunnel {
            Check.text("auth_token", authToken, Limits.MAX_TOKEN);
            Objects.requireNonNull(protocol, "protocol");
            Check.range("local_port", localPort, 0, 65_535);
            Objects.requireNonNull(options, "options");
            Check.optional("agent_id", agentId, Limits.MAX_ID);
            Check.optional("agent_version", agentVersion, Limits.MAX_TEXT);
            Check.optional("tunnel_id", tunnelId, Limits.MAX_ID);
            Check.optional("resume_token", resumeToken, Limits.MAX_TOKEN);
            if (protocol.carriesSessions() && !options.visitors().users().isEmpty()) {
                throw new IllegalArgumentException("field 'auth' is for http and https tunnels; visitors of a " + protocol + " tunnel cannot be asked for a password");
            }
            if ((tunnelId == null) != (resumeToken == null)) {
                throw new IllegalArgumentException("fields 'tunnel_id' and 'resume_token' go together: one is missing");
            }
        }

        private static RegisterTunnel from(JsonObject json) throws JsonException {
            return new RegisterTunnel(json.string("auth_token"), TunnelProtocol.required(json.string("protocol")),
                    (int) json.integer("local_port", 0, 65_535), TunnelOptions.from(json.objectOrEmpty("options")),
                    json.string("agent_id", null), json.string("agent_version", null),
                    json.string("tunnel_id", null), json.string("resume_token", null));
        }

        @Override
        public String toJson() {
            JsonObject.Builder json = JsonObject.builder().put("type", "register_tunnel").put("auth_token", authToken)
                    .put("protocol", protocol.wireName()).put("local_port", localPort);
            JsonObject asked = options.toJson();
            if (!asked.members().isEmpty()) {
                json.put("options", asked);
            }
            json.putIfPresent("agent_id", agentId).putIfPresent("agent_version", agentVersion)
                    .putIfPresent("tunnel_id", tunnelId).putIfPresent("resume_token", resumeToken);
            return JsonWriter.write(json.build());
        }

        @Override
        public String toString() {
            return "RegisterTunnel[protocol=" + protocol + ", localPort=" + localPort + ", options=" + options
                    + ", agentVersion=" + agentVersion + ", tunnelId=" + tunnelId + "]";
        }
    }

    /**
     * Asks for an answer with the same fields, from which the agent learns its round trip.
     *
     * @param sentAt milliseconds by the agent's clock, or null
     */
    record KeepAlive(String tunnelId, Long sentAt) implements AgentMessage {
        /** Refuses what the wire does not allow: {@link IllegalArgumentException}. */
        public KeepAlive {
            Check.id("tunnel_id", tunnelId);
        }

        @Override
        public String toJson() {
            return KeepAliveFields.toJson(tunnelId, sentAt);
        }
    }

    /** Ends the tunnel when what is in flight is over. */
    record CloseTunnel(String tunnelId) implements AgentMessage {
        /** Refuses what the wire does not allow: {@link IllegalArgumentException}. */
        public CloseTunnel {
            Check.id("tunnel_id", tunnelId);
        }

        @Override
        public String toJson() {
            return JsonWriter.write(JsonObject.builder().put("type", "close_tunnel").put("tunnel_id", tunnelId).build());
        }
    }

    /** A message of a type that this version does not know; answered by an error, and the connection goes on. */
    record Unknown(String type) implements AgentMessage {
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
