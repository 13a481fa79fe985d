package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A visitor that has sent its request and ends its direction waits for the answer: it has not left. */
final class HalfClosedVisitorsTest {
    private static TunnelFixture tunnel;

    @BeforeAll
    static void start() throws Exception {
        tunnel = TunnelFixture.start(new TunnelFixture.Options().http());
    }

    @AfterEach
    void settle() throws IOException {
        tunnel.settle();
    }

    @AfterAll
    static void stop() throws IOException {
        tunnel.close();
    }

    private enum Ending {
        TLS_GOODBYE,
        /** Without a goodbye, which a program's TLS takes for a broken stream when it comes to it: so nothing is read behind the request before it is answered. */
        TLS_END,
        /** In TLS 1.2 a goodbye is for both directions, but an answer that is due may still come. */
        TLS_12_END,
        PLAIN_END
    }

    /** Of its own sockets, so that the raw one can be ended below TLS. */
    private record Visitor(Peer peer, Socket raw, Ending ending) implements AutoCloseable {
        static Visitor come(TunnelFixture to, Ending ending) throws IOException {
            if (ending == Ending.PLAIN_END) {
                Peer peer = to.plainVisitor();
                return new Visitor(peer, peer.socket(), ending);
            }
            Socket raw = new Socket(InetAddress.getLoopbackAddress(), to.server().port());
            SSLSocket tls = (SSLSocket) to.trust().getSocketFactory().createSocket(raw, to.host(), to.server().port(), true);
            SSLParameters parameters = tls.getSSLParameters();
            parameters.setServerNames(List.of(new SNIHostName(to.host())));
            parameters.setProtocols(new String[] {ending == Ending.TLS_12_END ? "TLSv1.2" : "TLSv1.3"});
            tls.setSSLParameters(parameters);
            tls.startHandshake();
            return new Visitor(new Peer(raw, tls), raw, ending);
        }

        void endsItsDirection() throws IOException {
            if (ending == Ending.TLS_GOODBYE) {
                peer.finish();
            } else {
                raw.shutdownOutput();
            }
        }

        boolean isRude() {
            return ending == Ending.TLS_END || ending == Ending.TLS_12_END;
        }

        @Override
        public void close() throws IOException {
            raw.close();
        }
    }

    @Test
    void theAnswerComesAlsoAfterMoreThanThreeSeconds() throws Exception {
        List<Visitor> visitors = new ArrayList<>();
        List<Peer> locals = new ArrayList<>();
        for (Ending ending : Ending.values()) {
            Visitor visitor = Visitor.come(tunnel, ending);
            visitors.add(visitor);
            visitor.peer().send(tunnel.head("POST /" + ending, "Content-Length: 4") + "body");
            Peer local = tunnel.service().accept();
            locals.add(local);
            assertEquals("/" + ending, local.readRequest().target());
            visitor.endsItsDirection();
        }
        locals.get(0).socket().setSoTimeout(3_500);
        assertThrows(SocketTimeoutException.class, () -> locals.get(0).read(1), "nothing ends meanwhile");
        for (int i = 0; i < locals.size(); i++) {
            ScriptedService.respond(locals.get(i), "answer " + i);
            assertEquals("answer " + i, visitors.get(i).peer().readResponse().text());
            visitors.get(i).close();
        }
    }

    @ParameterizedTest
    @EnumSource(Ending.class)
    void pipelinedRequestsAreAllAnswered(Ending ending) throws Exception {
        tunnel.service().serve((request, connection) -> {
            ScriptedService.respond(connection, request.target());
            return true;
        });
        try (Visitor visitor = Visitor.come(tunnel, ending)) {
            visitor.peer().send(tunnel.head("GET /1") + tunnel.head("GET /2") + tunnel.head("GET /3"));
            visitor.endsItsDirection();
            assertEquals("/1", visitor.peer().readResponse().text());
            assertEquals("/2", visitor.peer().readResponse().text());
            assertEquals("/3", visitor.peer().readResponse().text());
            assertTrue(visitor.peer().awaitClosed() || visitor.isRude());
        }
    }

    @ParameterizedTest
    @EnumSource(Ending.class)
    void aStreamOfPiecesGoesOn(Ending ending) throws Exception {
        try (Visitor visitor = Visitor.come(tunnel, ending)) {
            visitor.peer().send(tunnel.head("GET /"));
            Peer local = tunnel.service().accept();
            local.readRequest();
            local.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").sendChunk("some");
            visitor.peer().readResponseHead();
            assertEquals("some", new String(visitor.peer().readChunk(), StandardCharsets.US_ASCII));
            visitor.endsItsDirection();
            local.socket().setSoTimeout(1_500);
            assertThrows(SocketTimeoutException.class, () -> local.read(1));
            local.sendChunk("more").send("0\r\n\r\n");
            assertEquals("more", new String(visitor.peer().readChunk(), StandardCharsets.US_ASCII));
            assertEquals(0, visitor.peer().readChunk().length);
        }
    }

    /** RFC 9112 section 8. The local service does not take the half for the whole. */
    @ParameterizedTest
    @EnumSource(value = Ending.class, names = {"TLS_GOODBYE", "PLAIN_END"})
    void aBodyThatEndsTooEarlyIsABadRequest(Ending ending) throws Exception {
        try (Visitor visitor = Visitor.come(tunnel, ending)) {
            visitor.peer().send(tunnel.head("POST /", "Content-Length: 100000") + "half");
            Peer local = tunnel.service().accept();
            local.readRequestHead();
            assertEquals("half", local.readText(4));
            visitor.endsItsDirection();
            Message page = visitor.peer().readResponse();
            assertEquals(400, page.status());
            assertEquals("TF-BAD-REQUEST", page.get("TunnelForge-Error"));
            assertThrows(IOException.class, () -> local.read(1));
        }
    }

    @ParameterizedTest
    @EnumSource(value = Ending.class, names = {"TLS_GOODBYE", "PLAIN_END"})
    void aHeadThatEndsTooEarlyIsABadRequest(Ending ending) throws Exception {
        try (Visitor visitor = Visitor.come(tunnel, ending)) {
            visitor.peer().send("GET / HTTP/1.1\r\nHost: ");
            visitor.endsItsDirection();
            assertEquals(400, visitor.peer().readResponse().status());
        }
    }
}
