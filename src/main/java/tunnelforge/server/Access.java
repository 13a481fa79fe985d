package tunnelforge.server;

import java.io.IOException;
import java.time.InstantSource;
import tunnelforge.log.Log;
import tunnelforge.net.Tasks;
import tunnelforge.net.Ticker;
import tunnelforge.server.access.Accounts;
import tunnelforge.server.access.AccountsWatch;
import tunnelforge.server.access.Audit;

/**
 * Who may open tunnels here, and the record of who did.
 *
 * @param watch of the file of accounts; null without one
 * @param token of the one account that there is without a file; null with one
 */
record Access(Accounts accounts, AccountsWatch watch, Audit audit, String token) implements AutoCloseable {
    /** Throws IOException when the accounts cannot be read. */
    static Access open(ServerConfig config, ServerState state, Tasks tasks, Ticker ticker, Log log) throws IOException {
        ServerConfig.Keys keys = config.keys();
        InstantSource wall = InstantSource.system();
        Audit audit = Audit.in(keys.stateDirectory(), ticker, log);
        if (keys.accounts() == null) {
            String token = keys.token() == null ? state.token() : keys.token();
            return new Access(Accounts.ofOne(token, config.domain(), ticker.clock(), wall, audit), null, audit, token);
        }
        try {
            AccountsWatch watch = new AccountsWatch(keys.accounts(), config.domain(), state, tasks, ticker, wall, audit, log);
            return new Access(watch.accounts(), watch, audit, null);
        } catch (IOException e) {
            audit.close();
            throw e;
        }
    }

    /** {@code review} asks about the tunnels that there are; without a file nothing changes. */
    void onLook(AccountsWatch.Review review) {
        if (watch != null) {
            watch.onLook(review);
        }
    }

    @Override
    public void close() {
        if (watch != null) {
            watch.close();
        }
        audit.close();
    }
}
