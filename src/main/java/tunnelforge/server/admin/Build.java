package tunnelforge.server.admin;

import tunnelforge.cli.Launch;
import tunnelforge.cli.VersionCommand;

/** Which program this is. */
record Build(String version, String commit, String java) {
    static final Build CURRENT = new Build(Launch.version(), VersionCommand.commit(), System.getProperty("java.version"));
}
