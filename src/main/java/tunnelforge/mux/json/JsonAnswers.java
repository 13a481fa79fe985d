package tunnelforge.mux.json;

import java.util.List;
import tunnelforge.http.Fields;
import tunnelforge.http.ResponseHead;
import tunnelforge.wire.JsonExchange;

/** Turns an answer in the JSON encoding into the head that the binary encoding would have carried. */
final class JsonAnswers {
    private JsonAnswers() {
    }

    /** The head, with a Content-Length or Transfer-Encoding that says what body follows. */
    static ResponseHead head(JsonExchange.Response response, String method) {
        Fields fields = new Fields();
        List<String> headers = response.headers();
        for (int i = 0; i < headers.size(); i += 2) {
            fields.add(headers.get(i), headers.get(i + 1));
        }
        if (bodiless(response, method)) {
            if (response.contentLength() >= 0 && response.status() != 204) {
                fields.add("Content-Length", Long.toString(response.contentLength()));
            }
        } else if (response.bodyFollows()) {
            fields.add("Transfer-Encoding", "chunked");
        } else if (response.body() != null) {
            fields.add("Content-Length", Integer.toString(response.body().length));
        }
        return new ResponseHead(response.status(), "", 1, fields);
    }

    /** Whether HTTP allows no body here, whatever the agent has put into the message. */
    static boolean bodiless(JsonExchange.Response response, String method) {
        return method.equals("HEAD") || response.status() == 204 || response.status() == 304;
    }
}
