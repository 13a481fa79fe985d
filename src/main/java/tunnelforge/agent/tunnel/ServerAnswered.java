package tunnelforge.agent.tunnel;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import tunnelforge.http.Framing;
import tunnelforge.http.HttpReader;
import tunnelforge.http.ResponseHead;
import tunnelforge.json.JsonException;
import tunnelforge.json.JsonReader;
import tunnelforge.text.Printable;
import tunnelforge.wire.TunnelError;

/** Another answer than a control connection came: it says so by HTTP. */
public final class ServerAnswered extends IOException {
    private static final long serialVersionUID = 1L;
    private static final String ERROR_FIELD = "TunnelForge-Error";
    private static final int FORBIDDEN = 403;
    private static final int MAX_BODY = 8 * 1024;
    private static final int MAX_EXPLANATION = 500;

    private final int status;
    private final String error;
    private final String software;
    private final String explanation;

    private ServerAnswered(ResponseHead answer, String body) {
        super("HTTP status " + answer.status());
        this.status = answer.status();
        this.error = answer.fields().get(ERROR_FIELD);
        this.software = answer.fields().get("Server");
        this.explanation = explanation(body);
    }

    /** Reads what the answer says to a person. */
    static ServerAnswered instead(ResponseHead answer, HttpReader reader) {
        byte[] body = new byte[MAX_BODY];
        int length = 0;
        try {
            reader.startBody(Framing.ofResponse(answer, "GET"));
            for (int count; length < body.length && (count = reader.readBody(body, length, body.length - length)) >= 0;) {
                length += count;
            }
        } catch (IOException e) {
            // Then it says less.
        }
        return new ServerAnswered(answer, new String(body, 0, length, StandardCharsets.UTF_8));
    }

    private static String explanation(String body) {
        try {
            return Printable.line(Printable.cut(JsonReader.parseObject(body).string("message"), MAX_EXPLANATION));
        } catch (JsonException e) {
            return "it does not say why";
        }
    }

    /** The status code. */
    public int status() {
        return status;
    }

    /** The name of the error, where it is a TunnelForge server's; else null. */
    public String error() {
        return error;
    }

    /** What it says to be; null when it does not. */
    public String software() {
        return software;
    }

    /** What the answer says to a person. */
    String explanation() {
        return explanation;
    }

    /** Before anything else was told: it can only be the certificate of this end. */
    boolean refusesCertificate() {
        return status == FORBIDDEN && TunnelError.AUTH.wireName().equals(error);
    }
}
