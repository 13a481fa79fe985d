package tunnelforge.server.edge;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** A request of a visitor, for the JDK's flight recorder. */
@Name("tunnelforge.Exchange")
@Label("Exchange")
@Description("A request of a visitor, from its first octet to the end of its answer")
@Category("TunnelForge")
@StackTrace(false)
final class ExchangeEvent extends Event {
    /** Says whether such events are recorded, so that none is made while they are not. */
    private static final ExchangeEvent ASKED = new ExchangeEvent();

    @Label("Host")
    private String host;
    @Label("Method")
    private String method;
    @Label("Status")
    private int status;
    @Label("Error")
    private String error;
    @Label("Bytes In")
    @DataAmount
    private long bytesIn;
    @Label("Bytes Out")
    @DataAmount
    private long bytesOut;
    @Label("Wait")
    @Description("For a data connection")
    @Timespan
    private long waitTime;
    @Label("Agent")
    @Description("From the place on a data connection to the head of the answer")
    @Timespan
    private long agentTime;
    @Label("Sent Again")
    private int resent;
    @Label("Request ID")
    private String requestId;

    /** One that has begun; null while none are recorded. */
    static ExchangeEvent begun() {
        if (!ASKED.isEnabled()) {
            return null;
        }
        ExchangeEvent event = new ExchangeEvent();
        event.begin();
        return event;
    }

    void over(Served served) {
        end();
        if (!shouldCommit()) {
            return;
        }
        host = served.host();
        method = served.request().method();
        status = served.status();
        error = served.error();
        bytesIn = served.bytesIn();
        bytesOut = served.bytesOut();
        waitTime = served.waitNanos();
        agentTime = served.agentNanos();
        resent = served.resent();
        requestId = served.requestId();
        commit();
    }
}
