package tunnelforge.agent.doctor;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import tunnelforge.agent.tunnel.Request;
import tunnelforge.agent.tunnel.Responder;
import tunnelforge.agent.tunnel.ResponseSink;
import tunnelforge.http.BodySource;
import tunnelforge.http.Fields;
import tunnelforge.http.ResponseHead;
import tunnelforge.wire.ResetCode;

/** The local service of the tunnel that is tried: answers every request with one text. */
record FixedAnswer(String text) implements Responder {
    @Override
    public void serve(Request request, ResponseSink sink) {
        byte[] body = text.getBytes(StandardCharsets.US_ASCII);
        Fields fields = new Fields();
        fields.add("Content-Type", "text/plain");
        fields.add("Content-Length", String.valueOf(body.length));
        try {
            sink.respond(new ResponseHead(200, "OK", 1, fields), new Body(new ByteArrayInputStream(body)));
        } catch (IOException e) {
            sink.fail(ResetCode.BROKEN_OFF, "the answer could not be sent");
        }
    }

    @Override
    public void close() {
    }

    private record Body(ByteArrayInputStream bytes) implements BodySource {
        @Override
        public int read(byte[] b, int off, int len) {
            return bytes.read(b, off, len);
        }

        @Override
        public boolean ready() {
            return true;
        }

        @Override
        public boolean ended() {
            return bytes.available() == 0;
        }

        @Override
        public Fields trailers() {
            return new Fields();
        }
    }
}
