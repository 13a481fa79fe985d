package tunnelforge.server.edge;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import tunnelforge.http.Fields;
import tunnelforge.http.Framing;
import tunnelforge.http.HttpWriter;
import tunnelforge.http.RequestHead;
import tunnelforge.http.ResponseHead;
import tunnelforge.json.JsonObject;
import tunnelforge.json.JsonWriter;
import tunnelforge.text.Html;
import tunnelforge.wire.TunnelError;

/**
 * What the server itself answers visitors: errors, as HTML or JSON by what the visitor accepts, a redirect, and a page that says what this is.
 */
final class Page {
    static final String ERROR_FIELD = "TunnelForge-Error";

    private static final int RETRY_SECONDS = 5;

    private final int status;
    private final String reason;
    private final String type;
    private final byte[] body;
    private final Fields fields = new Fields();

    private Page(int status, String reason, String type, String body) {
        this.status = status;
        this.reason = reason;
        this.type = type;
        this.body = body.getBytes(StandardCharsets.UTF_8);
    }

    /**
     * An error page.
     *
     * @param request what is answered; null when it could not be read
     * @param status mostly the error's own
     */
    static Page error(RequestHead request, TunnelError error, int status, String reason) {
        boolean json = request != null && prefersJson(request.fields().get("Accept"));
        Page page = json
                ? new Page(status, error.wireName(), "application/json", JsonWriter.write(JsonObject.builder()
                        .put("error", error.wireName()).put("status", status).put("message", reason).build()) + "\n")
                : new Page(status, error.wireName(), "text/html; charset=utf-8", html(error.wireName(), reason));
        page.fields.add(ERROR_FIELD, error.wireName());
        if (error.status() == TunnelError.AGENT_AWAY.status()) {
            page.fields.add("Retry-After", Integer.toString(RETRY_SECONDS));
        }
        return page;
    }

    /** The same place by HTTPS, for every method. */
    static Page redirect(String location) {
        Page page = new Page(308, "Permanent Redirect", "text/plain; charset=utf-8", location + "\n");
        page.fields.add("Location", location);
        return page;
    }

    /** What this is, for whoever looks at the server's own name. */
    static Page welcome() {
        return new Page(200, "OK", "text/html; charset=utf-8", html("TunnelForge",
                "This is a TunnelForge server: services on other machines have public addresses here."));
    }

    private static boolean prefersJson(String accept) {
        return accept != null && accept.contains("json") && !accept.contains("text/html");
    }

    private static String html(String title, String text) {
        return """
                <!doctype html>
                <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
                <title>%s</title>
                <style>body{font:1rem/1.5 system-ui,sans-serif;max-width:36rem;margin:15vh auto;padding:0 1rem}\
                h1{font-size:1.25rem}</style></head>
                <body><h1>%s</h1><p>%s</p></body></html>
                """.formatted(title, title, Html.escape(text));
    }

    /** Writes the page, without its body to a HEAD, and flushes. */
    void write(HttpWriter writer, RequestHead request, boolean keepAlive) throws IOException {
        boolean bodiless = request != null && request.method().equals("HEAD");
        fields.add("Content-Type", type);
        fields.add("Content-Length", Integer.toString(body.length));
        fields.add("Cache-Control", "no-store");
        fields.add("Connection", keepAlive ? "keep-alive" : "close");
        writer.head(new ResponseHead(status, reason, 1, fields));
        writer.startBody(bodiless ? new Framing.None() : new Framing.Length(body.length));
        if (!bodiless) {
            writer.body(body, 0, body.length);
        }
        writer.endBody(null);
        writer.flush();
    }
}
