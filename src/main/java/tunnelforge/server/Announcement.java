package tunnelforge.server;

import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import tunnelforge.cli.CommonOptions;
import tunnelforge.cli.Invocation;

/**
 * What the person who started a server is told beside the log: what to type for a tunnel. It may hold the token, so it is never logged.
 *
 * @param newToken whether nobody has seen the token so far
 * @param localAgents whether agents of the same user on this machine find the server by themselves
 */
record Announcement(Directions directions, Path stateDirectory, boolean newToken, boolean localAgents) {
    /**
     * In lines, each with its end. What a service prints is kept in files that others may read: a token that can be looked up is not among it.
     *
     * @param own addresses of this machine, the likeliest first
     * @param terminal whether a person reads it now
     */
    String text(List<InetAddress> own, boolean terminal) {
        boolean accounts = directions.token() == null;
        boolean showsToken = !accounts && (terminal || newToken);
        StringBuilder text = new StringBuilder("To give your service on port 8080 a public address, type");
        if (localAgents && !accounts) {
            text.append("\n  on this machine, as this user:  ").append(Invocation.of(onThisMachine()));
        }
        text.append("\n  on another machine:             ").append(directions.command(showsToken ? directions.token() : "TOKEN", own)).append('\n');
        if (accounts) {
            text.append("TOKEN is that of an account, which the accounts file does not hold; a new one, and its line for the file, is made by\n  ").append(Invocation.of(List.of("token", "NAME"))).append('\n');
        } else if (!showsToken) {
            text.append("TOKEN is shown on a terminal only; the line with it is printed by\n  ")
                    .append(Invocation.of(List.of("token", "show", "--state-dir", stateDirectory.toAbsolutePath().toString()))).append('\n');
        }
        if (directions.certificates()) {
            text.append("--cert and --key are the agent's own, from the CA of this server's --client-ca\n");
        }
        String note = directions.note(own);
        return text.append(note.isEmpty() ? "" : note + "\n").toString().replace("\n", System.lineSeparator());
    }

    private List<String> onThisMachine() {
        return Stream.of(List.of("agent", "8080"), CommonOptions.stateOption(stateDirectory), directions.ownCertificate()).flatMap(List::stream).toList();
    }
}
