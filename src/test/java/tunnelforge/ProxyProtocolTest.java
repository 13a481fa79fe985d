package tunnelforge;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tunnelforge.agent.TestAgent;
import tunnelforge.server.TestServer;
import tunnelforge.wire.ProxyHeader;

/** Who has come, told by the PROXY protocol: to the local service, and by a load balancer in front of the server, which is 127.0.0.2 here. */
final class ProxyProtocolTest {
    private static final String BALANCER = "127.0.0.2";
    private static final String V1 = "PROXY TCP4 203.0.113.9 198.51.100.7 40000 443\r\n";

    private final ScriptedService service = new ScriptedService();
    private TestServer server;
    private TestAgent agent;

    ProxyProtocolTest() throws IOException {
    }

    private URI start(TestServer.Options options, TestAgent.Options agentOptions) throws Exception {
        server = TestServer.start(options);
        agent = TestAgent.start("127.0.0.1:" + service.port(), server.port(), server.token(), agentOptions.ca(server.caFile()));
        return URI.create(agent.url());
    }

    @AfterEach
    void end() throws Exception {
        service.close();
        agent.close();
        agent.stop();
        server.close();
        assertEquals(0, server.liveTasks());
    }

    private static Peer connect(String from, int port) throws IOException {
        Socket socket = new Socket();
        socket.bind(new InetSocketAddress(from, 0));
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        return new Peer(socket, socket);
    }

    private ProxyHeader.Proxied header(Peer local) throws IOException {
        return (ProxyHeader.Proxied) ProxyHeader.read(local.in());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void theLocalServiceLearnsTheVisitorsAddressBeforeItsBytes(int version) throws Exception {
        int port = start(new TestServer.Options(), new TestAgent.Options().protocol("tcp").proxyProtocol(version)).getPort();
        try (Peer visitor = connect("127.0.0.3", port).send("hello")) {
            Peer local = service.accept();
            local.in().mark(1);
            assertEquals(version == 1 ? 'P' : '\r', local.in().read());
            local.in().reset();
            ProxyHeader.Proxied header = header(local);
            assertEquals("127.0.0.3", header.source().getHostAddress());
            assertEquals(visitor.socket().getLocalPort(), header.sourcePort());
            assertEquals("127.0.0.1", header.destination().getHostAddress());
            assertEquals(port, header.destinationPort());
            assertEquals("hello", local.readText(5));
        }
    }

    @Test
    void aLoadBalancerIsBelieved() throws Exception {
        int port = start(new TestServer.Options().acceptProxyFrom(BALANCER), new TestAgent.Options().protocol("tcp").proxyProtocol(2)).getPort();
        try (Peer visitor = connect(BALANCER, port).send(V1 + "hello")) {
            Peer local = service.accept();
            ProxyHeader.Proxied header = header(local);
            assertEquals("203.0.113.9", header.source().getHostAddress());
            assertEquals(40_000, header.sourcePort());
            assertEquals("198.51.100.7", header.destination().getHostAddress());
            assertEquals(443, header.destinationPort());
            assertEquals("hello", local.readText(5));
            local.send("bye");
            assertEquals("bye", visitor.readText(3));
        }
    }

    @Test
    void nobodyElseIs() throws Exception {
        int port = start(new TestServer.Options().acceptProxyFrom(BALANCER), new TestAgent.Options().protocol("tcp")).getPort();
        try (Peer visitor = connect("127.0.0.1", port).send(V1 + "hello")) {
            assertEquals(V1 + "hello", service.accept().readText(V1.length() + 5));
            visitor.send("more");
        }
    }

    @Test
    void aLoadBalancerThatSaysNothingIsNotServed() throws Exception {
        int port = start(new TestServer.Options().acceptProxyFrom(BALANCER), new TestAgent.Options().protocol("tcp")).getPort();
        try (Peer visitor = connect(BALANCER, port).send("GET / HTTP/1.1\r\n\r\n")) {
            visitor.awaitClosed();
        }
        assertEquals(BALANCER, server.log().await("proxy_header_refused", Peer.LIMIT).fields().get("peer"));
        assertEquals(0, service.accepted());
    }

    @Test
    void localServicesOfHttpTunnelsLearnItToo() throws Exception {
        URI url = start(new TestServer.Options().http().acceptProxyFrom(BALANCER), new TestAgent.Options().protocol("http"));
        try (Peer visitor = connect(BALANCER, server.httpPort()).send(V1 + "GET / HTTP/1.1\r\nHost: " + url.getAuthority() + "\r\n\r\n")) {
            Peer local = service.accept();
            Message request = local.readRequest();
            assertEquals("203.0.113.9", request.get("X-Forwarded-For"));
            ScriptedService.respond(local, "yes");
            assertEquals("yes", visitor.readResponse().text());
        }
    }

    @Test
    void andWhatComesByTls() throws Exception {
        URI url = start(new TestServer.Options().acceptProxyFrom(BALANCER), new TestAgent.Options());
        // The header goes before the ClientHello: what follows here is none, and is answered as such.
        try (Peer visitor = connect(BALANCER, server.port()).send(V1 + "GET / HTTP/1.1\r\nHost: " + url.getAuthority() + "\r\n\r\n")) {
            assertEquals(400, visitor.readResponse().status());
        }
        assertEquals("203.0.113.9", server.log().await("not_tls", Peer.LIMIT).fields().get("peer"));
    }
}
