package tunnelforge.server.edge;

import java.util.List;
import tunnelforge.http.Room;
import tunnelforge.log.Log;
import tunnelforge.net.Ledger;
import tunnelforge.net.Tasks;
import tunnelforge.server.access.Figures;
import tunnelforge.server.access.TurnedAway;
import tunnelforge.server.tls.Certificates;
import tunnelforge.server.tunnel.PublicAddresses;
import tunnelforge.text.AddressRange;

/**
 * What all visitors share.
 *
 * @param entrance what agents come for
 * @param sessions where TLS goes that is not for this server to decrypt
 * @param certificates what is shown in TLS
 * @param addresses for redirects and cookies
 * @param believed who is believed in what it says of those for whom it asks by HTTP
 * @param hsts the Strict-Transport-Security of answers over https; null for none
 * @param maxBody bytes of a request's body at most
 * @param figures count what becomes of visitors
 * @param turnedAway is told of those that cannot be served
 * @param served is told what became of each request; null for nobody
 */
public record Edge(Router router, Entrance entrance, SessionEdge sessions, Certificates certificates, PublicAddresses addresses, List<AddressRange> believed,
        String hsts, long maxBody, Passages passages, Room room, Figures figures, Tasks tasks, TurnedAway turnedAway, ServedListener served, Log log) {
    /** Large requests of all visitors together get this part of a program's memory, so that there is always some for others. */
    private static final int SHARE = 8;

    /** Asks visitors of HTTP whether they may visit. */
    Doorkeeper doorkeeper() {
        return new Doorkeeper(turnedAway);
    }

    /** As the other, for a server that has just begun. */
    public Edge(Router router, Entrance entrance, SessionEdge sessions, Certificates certificates, PublicAddresses addresses, List<AddressRange> believed, String hsts, long maxBody,
            Room room, Figures figures, Tasks tasks, TurnedAway turnedAway, ServedListener served, Log log) {
        this(router, entrance, sessions, certificates, addresses, believed, hsts, maxBody, new Passages(), room, figures, tasks, turnedAway, served, log);
    }

    /** Room for large requests. */
    public static Room room(Ledger program) {
        Ledger part = program.part(program.capacity() / SHARE);
        return Room.of(part::tryReserve, part::release);
    }
}
