package tunnelforge.agent.local;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import tunnelforge.http.Fields;

/** What a local service with a Host of its own is told of how visitors came. */
final class OriginsTest {
    private static String forwarded(String value) {
        Fields fields = new Fields();
        fields.add("Host", "fox.example");
        fields.add("Forwarded", value);
        Origins.of(fields, new HostHeader("localhost:3000"), new Target.Tcp("localhost", 3000, false)).toService(fields);
        return fields.get("Forwarded");
    }

    @Test
    void hostAndProtoAreTheServicesInEveryElement() {
        assertEquals("for=192.0.2.1;host=\"localhost:3000\";proto=http, for=10.0.0.1;Host=\"localhost:3000\";by=_x",
                forwarded("for=192.0.2.1;host=\"fox.example\";proto=https, for=10.0.0.1;Host=a;by=_x"));
    }

    /** A visitor's words, quoted by a load balancer, could have ended the quotes before. */
    @Test
    void whatIsQuotedIsNoParameter() {
        for (String value : List.of("for=\"x;host=a, host=b\", for=10.0.0.1", "x=\"\\\";host=a;\";for=\"[::1]\"", "ghost=a;x=host", "x=\" host=a\"", "", ";,=", "x=\"host=a")) {
            assertEquals(value, forwarded(value));
        }
    }
}
