package tunnelforge.server.edge;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import tunnelforge.http.Fields;
import tunnelforge.http.RequestHead;
import tunnelforge.http.ResponseHead;
import tunnelforge.json.JsonObject;
import tunnelforge.json.JsonWriter;
import tunnelforge.text.Html;
import tunnelforge.wire.TunnelError;

/** What the server itself answers visitors: an error, as HTML or JSON by what the visitor accepts, a redirect, or what this is. */
final class Page {
    static final String ERROR_FIELD = "TunnelForge-Error";

    static final int UNAUTHORIZED = 401;

    private static final int RETRY_SECONDS = 5;
    private static final String HTML = "text/html; charset=utf-8";

    private final int status;
    private final String reason;
    private final Kind kind;
    private final String text;
    private final Fields fields = new Fields();

    private enum Kind { ERROR, REDIRECT, WELCOME, LAST_STOP }

    /**
     * What a visitor gets of a page, by its request.
     *
     * @param bodiless it has asked for a head only
     * @param json it prefers that to HTML
     */
    record Form(boolean bodiless, boolean json) {
        /** For a visitor whose request could not be read. */
        static final Form UNKNOWN = new Form(false, false);

        static Form of(RequestHead request) {
            String accept = request.fields().get("Accept");
            return new Form(request.method().equals("HEAD"), accept != null && accept.contains("json") && !accept.contains("text/html"));
        }
    }

    private Page(Kind kind, int status, String reason, String text) {
        this.kind = kind;
        this.status = status;
        this.reason = reason;
        this.text = text;
    }

    static Page error(TunnelError error, String reason) {
        return error(error, error.status(), reason);
    }

    /** An error with another status than its own. */
    static Page error(TunnelError error, int status, String reason) {
        Page page = new Page(Kind.ERROR, status, error.wireName(), reason);
        page.fields.add(ERROR_FIELD, error.wireName());
        if (error.status() == TunnelError.AGENT_AWAY.status() || error == TunnelError.RATE_LIMITED) {
            page.fields.add("Retry-After", Integer.toString(RETRY_SECONDS));
        }
        return page;
    }

    /** The visitor is to show a user name and a password (RFC 7617); {@code realm}: for what, without quotes. */
    static Page unauthorized(String realm, String reason) {
        Page page = error(TunnelError.VISITOR_REFUSED, UNAUTHORIZED, reason);
        page.fields.add("WWW-Authenticate", "Basic realm=\"" + realm + "\", charset=\"UTF-8\"");
        return page;
    }

    /** An error that is over after a while, told in whole seconds, one at least. */
    static Page tryLater(TunnelError error, String reason, Duration wait) {
        Page page = error(error, reason);
        page.fields.set("Retry-After", Long.toString(Math.max(1, wait.plusMillis(999).toSeconds())));
        return page;
    }

    /** What is here speaks another protocol, which it names (RFC 9110 section 15.5.22). */
    static Page upgradeRequired(String protocol, String reason) {
        Page page = error(TunnelError.VERSION, reason);
        page.fields.add("Upgrade", protocol);
        return page;
    }

    /** The same place by HTTPS, for every method. */
    static Page redirect(String location) {
        Page page = new Page(Kind.REDIRECT, 308, "Permanent Redirect", location);
        page.fields.add("Location", location);
        return page;
    }

    /** For whoever looks at the server's own name. */
    static Page welcome() {
        return new Page(Kind.WELCOME, 200, "OK", "This is a TunnelForge server: services on other machines have public addresses here.");
    }

    /** For whoever asks how far a request gets, and this is where: OPTIONS is answered, TRACE is not done here. */
    static Page lastStop(String method) {
        Page page = method.equals("OPTIONS") ? new Page(Kind.LAST_STOP, 200, "OK", "") : new Page(Kind.LAST_STOP, 405, "Method Not Allowed", "");
        page.fields.add("Allow", "GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS");
        return page;
    }

    int status() {
        return status;
    }

    /** The code of an error; null for what is none. */
    String error() {
        return kind == Kind.ERROR ? reason : null;
    }

    byte[] body(Form form) {
        String body = switch (kind) {
            case ERROR -> form.json ? json() : html(reason, text);
            case REDIRECT -> text + "\n";
            case WELCOME -> html("TunnelForge", text);
            case LAST_STOP -> "";
        };
        return body.getBytes(StandardCharsets.UTF_8);
    }

    /** The head for a body of that length. */
    ResponseHead head(Form form, int length) {
        Fields all = new Fields(fields);
        all.add("Content-Type", switch (kind) {
            case ERROR -> form.json ? "application/json" : HTML;
            case REDIRECT, LAST_STOP -> "text/plain; charset=utf-8";
            case WELCOME -> HTML;
        });
        all.add("Content-Length", Integer.toString(length));
        all.add("Cache-Control", "no-store");
        return new ResponseHead(status, reason, 1, all);
    }

    private String json() {
        return JsonWriter.write(JsonObject.builder().put("error", reason).put("status", status).put("message", text).build()) + "\n";
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
}
