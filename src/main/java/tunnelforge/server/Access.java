package tunnelforge.server;

import java.io.IOException;
import java.time.InstantSource;
import tunnelforge.log.Log;
import tunnelforge.net.Tasks;
import tunnelforge.net.Ticker;
import tunnelforge.server.access.Accounts;
import tunnelforge.server.access.Audit;

/**
 * Who may open tunnels here, and the record of who did.
 *
 * @param token of the one account that there is without a file of accounts; null with one
 */
record Access(Accounts accounts, Audit audit, String token) implements AutoCloseable {
    /** Throws IOException when the accounts cannot be read. */
    static Access open(ServerConfig config, ServerState state, Tasks tasks, Ticker ticker, Log log) throws IOException {
        ServerConfig.Keys keys = config.keys();
        Audit audit = Audit.in(keys.stateDirectory(), ticker);
        Accounts.Means with = new Accounts.Means(tasks, ticker, InstantSource.system(), audit, log);
        if (keys.accounts() == null) {
            String token = keys.token() == null ? state.token() : keys.token();
            return new Access(Accounts.ofOne(token, config.domain(), with), audit, token);
        }
        try {
            return new Access(Accounts.of(keys.accounts(), config.domain(), state, with), audit, null);
        } catch (IOException e) {
            audit.close();
            throw e;
        }
    }

    @Override
    public void close() {
        accounts.close();
        audit.close();
    }
}
