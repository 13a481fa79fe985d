package tunnelforge.agent.tunnel;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** A request that an agent has answered, for the JDK's flight recorder. */
@Name("tunnelforge.LocalExchange")
@Label("Local Exchange")
@Description("A request from when it came to the agent to the end of its answer")
@Category("TunnelForge")
@StackTrace(false)
final class LocalExchangeEvent extends Event {
    /** Says whether such events are recorded, so that none is made while they are not. */
    private static final LocalExchangeEvent ASKED = new LocalExchangeEvent();

    @Label("Host")
    private String host;
    @Label("Method")
    private String method;
    @Label("Status")
    @Description("0 where the local service has given no answer")
    private int status;
    @Label("Bytes")
    @Description("Of the answer's content")
    @DataAmount
    private long bytes;
    @Label("Upstream")
    @Description("Until the head of the local service's answer was here")
    @Timespan
    private long upstreamTime;
    @Label("Request ID")
    private String requestId;

    /** Whether such events are recorded at this moment. */
    static boolean isRecorded() {
        return ASKED.isEnabled();
    }

    LocalExchangeEvent(String host, String method, String requestId) {
        this.host = host;
        this.method = method;
        this.requestId = requestId;
    }

    private LocalExchangeEvent() {
    }

    /** {@code upstreamNanos}: 0 where there was no answer. */
    void over(int answer, long content, long upstreamNanos) {
        end();
        if (shouldCommit()) {
            status = answer;
            bytes = content;
            upstreamTime = upstreamNanos;
            commit();
        }
    }
}
