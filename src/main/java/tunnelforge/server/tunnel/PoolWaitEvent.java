package tunnelforge.server.tunnel;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import tunnelforge.wire.PublicAddress;

/** A visitor that had to wait for a data connection, for the JDK's flight recorder. */
@Name("tunnelforge.PoolWait")
@Label("Pool Wait")
@Description("A visitor waited for a place on a data connection, because none was free or the agent was away")
@Category("TunnelForge")
@StackTrace(false)
final class PoolWaitEvent extends Event {
    @Label("Tunnel")
    private String tunnel;
    @Label("Served")
    @Description("Whether it got a place")
    private boolean served;

    /** Its wait is over. */
    void over(PublicAddress address, boolean place) {
        end();
        if (shouldCommit()) {
            tunnel = address.toString();
            served = place;
            commit();
        }
    }
}
