package tunnelforge.agent;

import java.util.List;
import tunnelforge.cli.CommandLine;
import tunnelforge.cli.UsageException;
import tunnelforge.text.AddressRange;
import tunnelforge.wire.Limits;
import tunnelforge.wire.TunnelProtocol;
import tunnelforge.wire.VisitorAccess;

/** The options that say who may visit. No message shows a password. */
final class VisitorOptions {
    static final String BASIC_AUTH_VARIABLE = "TUNNELFORGE_BASIC_AUTH";

    private static final String BASIC_AUTH = "--basic-auth";
    /** What the JDK makes of an octet that is no letter in the locale's encoding. */
    private static final char UNREADABLE = '\ufffd';

    private VisitorOptions() {
    }

    /** {@code fromEnvironment}: the variable with users, one a line, for where the command line names none; null for none. */
    static VisitorAccess of(CommandLine line, String fromEnvironment, TunnelProtocol protocol) throws UsageException {
        // In a file nobody may be said as well: [].
        boolean given = line.has(BASIC_AUTH) || line.isFromFile(BASIC_AUTH);
        List<String> users = given ? line.values(BASIC_AUTH) : fromEnvironment == null ? List.of() : fromEnvironment.lines().filter(user -> !user.isBlank()).toList();
        check(users, given ? BASIC_AUTH : "$" + BASIC_AUTH_VARIABLE, protocol);
        return new VisitorAccess(users, ranges(line, "--allow"), ranges(line, "--deny"));
    }

    private static void check(List<String> users, String where, TunnelProtocol protocol) throws UsageException {
        if (!users.isEmpty() && protocol.carriesSessions()) {
            throw new UsageException(where + " is for http and https tunnels: visitors of a " + protocol + " tunnel cannot be asked for a password");
        }
        if (users.stream().anyMatch(user -> user.indexOf(UNREADABLE) >= 0)) {
            throw new UsageException(where + " has letters that this locale does not have; a UTF-8 locale (LC_ALL=C.UTF-8) does");
        }
        try {
            new VisitorAccess(users, List.of(), List.of());
        } catch (IllegalArgumentException e) {
            throw new UsageException(where + " takes USER:PASSWORD, at most " + Limits.MAX_VISITOR_USERS + " of them: " + e.getMessage());
        }
    }

    private static List<AddressRange> ranges(CommandLine line, String option) throws UsageException {
        List<AddressRange> ranges = line.values(option, AddressRange::parse);
        if (ranges.size() > Limits.MAX_ADDRESS_RANGES) {
            throw new UsageException(option + " may be given " + Limits.MAX_ADDRESS_RANGES + " times, not " + ranges.size());
        }
        return ranges;
    }
}
