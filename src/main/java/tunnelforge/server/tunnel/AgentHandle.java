package tunnelforge.server.tunnel;

import java.net.InetAddress;
import tunnelforge.server.access.Presented;
import tunnelforge.server.access.Refusal;

/** What a tunnel knows of its agent: a control connection on which it can be told something. Nothing here blocks. */
interface AgentHandle {
    /** What it has proved by a certificate; null when none was asked for. */
    Presented presented();

    /** Where its control connection comes from. */
    InetAddress address();

    /** Asks for a data connection; false when the control connection is ending. */
    boolean invite(String connectionId);

    /** Asks the agent to register anew elsewhere, or here when the server is back; nothing happens before it is {@link Tunnel#ready}. */
    void drain(String reason);

    /** It has its tunnel no longer: another has taken its place, or it may not have it any more. */
    void ended(Refusal why);
}
