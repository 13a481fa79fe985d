package tunnelforge;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tunnelforge.agent.TestAgent;

/** Mistakes that people make in their first hour: what the program answers, with which exit code, and what it says to do next. */
final class FirstHourTest {
    private static final String PIN = "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

    private static TunnelFixture tunnel;
    private static ServerSocket busy;
    /** Has an agent.json with a mistake. */
    @TempDir
    private static Path mistaken;
    @TempDir
    private static Path empty;
    private static Typed typed;

    @BeforeAll
    static void start() throws Exception {
        tunnel = TunnelFixture.start();
        tunnel.startAgent("127.0.0.1:" + tunnel.service().port(), new TestAgent.Options().subdomain("taken")).url();
        busy = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Files.writeString(mistaken.resolve("agent.json"), "{\n  \"sever\": \"tunnel.example.com\"\n}\n");
        typed = new Typed(empty, Map.of("SERVER", "--server 127.0.0.1:" + tunnel.server().port(), "CA", "--ca " + tunnel.server().caFile(), "TOKEN", "--token " + tunnel.server().token(),
                "PIN", PIN, "BUSY", String.valueOf(busy.getLocalPort()), "MISTAKEN", mistaken.toString(), "EMPTY", empty.toString(),
                "USED", tunnel.server().caFile().getParent().toString()));
    }

    @AfterAll
    static void stop() throws IOException {
        busy.close();
        tunnel.close();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            # what was typed                                       | exit | what it says                                              | and what to do
            agent                                                  | 2    | the local service is missing                              | write agent 8080
            8080                                                   | 2    | unknown command '8080'                                    | did you mean: agent 8080
            http 8080                                              | 2    | unknown command 'http'                                    | did you mean: agent 8080
            agent http 8080                                        | 2    | unexpected argument '8080'                                | did you mean: agent 8080
            agent tcp 22                                           | 2    | unexpected argument '22'                                  | did you mean: agent tcp://localhost:22
            agent 80800                                            | 2    | '80800' is no port                                        | 1 to 65535
            agent 8080 --sever x:443                               | 2    | unknown option --sever                                    | did you mean --server?
            agent 8080 --server https://x.test                     | 2    | address 'https://x.test'                                  | only a host and a port are wanted, as in example.com:443
            agent 8080                                             | 2    | no server                                                 | give --server HOST:PORT, or start a server
            agent 8080 --server x.test                             | 2    | no token                                                  | give --token
            agent 8080 --state-dir {MISTAKEN}                      | 1    | agent.json:2:3: field 'sever' is not known  | did you mean server?
            agent 8080 {SERVER} {CA} --token tf_wrong              | 3    | the token is not one of this server's (TF-AUTH)           | 'token show' prints
            agent 8080 {SERVER} {CA} {TOKEN} --subdomain taken     | 3    | taken.tunnel.localhost is taken                           | ask for another name with --subdomain
            agent 8080 {SERVER} {CA} {TOKEN} --subdomain a.b       | 3    | TF-NAME-INVALID                                           | one label
            agent 8080 {SERVER} {TOKEN}                            | 4    | is not vouched for by any CA that Java trusts             | says with --pin what to trust
            agent 8080 {SERVER} {TOKEN} --pin {PIN}                | 4    | expected {PIN}                                            | 'token show' on the server's machine prints the line
            agent 8080 {SERVER} {CA} {TOKEN} --server-name a*b     | 2    | --server-name: 'a*b' is neither a host name               | nor an IP address
            agent 8080 --server my_host:443 {TOKEN}                | 2    | address 'my_host:443'                                     | a host name has letters, digits, hyphens and dots only
            agent 8080 {SERVER} {CA} {TOKEN} --server-name x.test  | 4    | expected 'x.test'                                         | --server-name says which name
            agent https://x:8443 {SERVER} {TOKEN} --protocol tls   | 2    | a tls tunnel passes the visitor's TLS on as it is         | write tcp://x:8443
            agent 8080 {SERVER} {CA} {TOKEN} --remote-port 22000   | 2    | --remote-port is for tcp tunnels                          | this one is https
            server --port {BUSY} --bind 127.0.0.1                  | 1    | port {BUSY} is in use                                     | choose another with --port, or end what uses it
            server --port 0 --bind 203.0.113.9                     | 1    | --bind 203.0.113.9: this machine has no such address      | without --bind the server listens on all
            token show                                             | 1    | no server has been started with the state directory       | start one, or name its directory with --state-dir
            server --port 0 --cert none.pem                        | 2    | each --cert needs its --key                               | there are 1 and 0
            server --port 0 --cert none.pem --key none.pem         | 1    | no such file or directory                                 | none.pem
            server --port 0 --domain https://x.test                | 2    | --domain takes a name                                     | such as tunnel.example.com
            server --port 0 --state-dir {USED}                     | 1    | another server uses the state directory                   | give this one its own with --state-dir
            """)
    void eachMistakeIsAnsweredWithANextStep(String line, int exitCode, String message, String nextStep) throws Exception {
        typed.fails(line, exitCode, message, nextStep);
    }
}
