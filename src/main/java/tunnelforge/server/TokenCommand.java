package tunnelforge.server;

import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import tunnelforge.cli.Command;
import tunnelforge.cli.CommandLine;
import tunnelforge.cli.CommonOptions;
import tunnelforge.cli.ExitException;
import tunnelforge.cli.Option;
import tunnelforge.cli.UsageException;
import tunnelforge.net.OwnAddresses;
import tunnelforge.server.access.Accounts;

/**
 * {@code token show}: the line to paste on another machine, from what the server's last start has left in the state directory. {@code token NAME}: a new token for an
 * account, and the line of the accounts file for it.
 */
public final class TokenCommand implements Command {
    private static final int FAILED = 1;
    private static final String SHOW = "show";
    private static final String TIER = "free";
    private static final List<String> OF_NEW_ONES = List.of("--tier", "--id", "--expires", "--may");

    private final PrintStream out;
    private final PrintStream err;

    /** The command. */
    public TokenCommand() {
        this(System.out, System.err);
    }

    TokenCommand(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    @Override
    public String name() {
        return "token";
    }

    @Override
    public String summary() {
        return "make a token for an account, or show that of a server without accounts";
    }

    @Override
    public String usage() {
        return "token NAME|show [options]";
    }

    @Override
    public int maxOperands() {
        return 1;
    }

    @Override
    public List<String> operandChoices() {
        return List.of(SHOW);
    }

    @Override
    public List<Option> options() {
        return List.of(
                Option.one("--tier", "TIER", "of a new account: free (unless given), pro, or one of the accounts file"),
                Option.one("--id", "NAME", "what logs call the new token"),
                Option.one("--expires", "DAY", "the day, such as 2027-01-31, from which the new token is not valid; none unless given"),
                Option.many("--may", "name:PATTERN|port:A-B", "all that the new token is for; what the account may unless given"),
                CommonOptions.STATE_DIR);
    }

    @Override
    public String description() {
        return """
                token NAME makes a token for the account NAME and prints it, once, with the line for the file that server --accounts reads. The file holds \
                the token's SHA-256 only. The server reads it again within seconds of a change.

                  token alice --tier pro
                  token alice --id build --expires 2027-01-31 --may 'name:demo-*' --may port:20000-20010

                  // accounts.json; comments are allowed
                  {
                    "tiers": {
                      "team": {"requests_per_second": 100, "burst": 300, "bytes_per_second": 5000000, "bytes_per_month": 1000000000000,
                               "connections": 500, "tunnels": 10, "tcp": true, "tls": false, "names": ["team-*"], "ports": ["20100-20199"]}
                    },
                    "accounts": [
                      {"name": "alice", "tier": "team", "names": ["alice", "app.example.org"], "tokens": [ ... ]}
                    ]
                  }

                What a tier does not say is not limited; free and pro are there and may be changed. Rates are of all visitors of an account \
                together; with visitor_ in front (visitor_requests_per_second, visitor_burst, visitor_bytes_per_second) of those of one address. \
                Names and ports are nobody else's. A token is revoked by taking its line out, an account by taking out its own: its \
                tunnels end. With certificate_names ["laptop"] an account's agents must also show such a certificate; it is enough alone where the account \
                has no tokens, or "certificate_alone": true.

                token show prints the line that opens a tunnel from another machine, with the token of the server that was started last with this \
                state directory, where it has no accounts. The server need not run. Whoever has the token can open tunnels.""";
    }

    @Override
    public int run(CommandLine line) throws UsageException, ExitException, IOException {
        if (line.operands().isEmpty()) {
            throw new UsageException("token takes one word: token NAME makes one for an account, token show prints the one of a server without accounts");
        }
        String word = line.operands().getFirst();
        return word.equals(SHOW) ? show(line) : make(word, line);
    }

    private int make(String account, CommandLine line) throws UsageException {
        for (String name : List.of(account, line.value("--tier", TIER), line.value("--id", "1"))) {
            if (!Accounts.isName(name)) {
                throw new UsageException("names of accounts, tiers and tokens are 1 to 64 letters, digits, '.', '_', '@' or '-', not '" + name + "'");
            }
        }
        for (String may : line.values("--may")) {
            try {
                Accounts.checkUse(may);
            } catch (IllegalArgumentException e) {
                throw new UsageException("--may: " + e.getMessage());
            }
        }
        LocalDate today = LocalDate.now(ZoneOffset.UTC);
        out.print(new NewToken(account, line.value("--tier", TIER), line.value("--id"), today, expires(line), line.values("--may"), new SecureRandom()).text());
        return 0;
    }

    private static LocalDate expires(CommandLine line) throws UsageException {
        try {
            return line.has("--expires") ? LocalDate.parse(line.value("--expires")) : null;
        } catch (DateTimeException e) {
            throw new UsageException("--expires takes a day, such as 2027-01-31, not '" + line.value("--expires") + "'");
        }
    }

    private int show(CommandLine line) throws UsageException, ExitException, IOException {
        for (String option : OF_NEW_ONES) {
            if (line.has(option)) {
                throw new UsageException(option + " is for a new token: token NAME");
            }
        }
        Path stateDirectory = CommonOptions.stateDirectory(line);
        Directions directions = Directions.read(stateDirectory);
        if (directions == null) {
            throw new ExitException(FAILED, "no server has been started with the state directory " + stateDirectory.toAbsolutePath()
                    + ": start one, or name its directory with --state-dir");
        }
        if (directions.token() == null) {
            throw new ExitException(FAILED, "the server of the state directory " + stateDirectory.toAbsolutePath()
                    + " has accounts, and keeps no token that could be shown: make a new one with token NAME");
        }
        List<InetAddress> own = OwnAddresses.reachable();
        // Alone on standard output, so that it can be handed on.
        out.println(directions.command(directions.token(), own));
        String note = directions.note(own);
        if (!note.isEmpty()) {
            err.println(note);
        }
        return 0;
    }
}
