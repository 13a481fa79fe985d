package tunnelforge.server;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tunnelforge.cli.HostPort;
import tunnelforge.cli.Invocation;
import tunnelforge.json.JsonException;
import tunnelforge.json.JsonObject;
import tunnelforge.json.JsonReader;
import tunnelforge.net.OwnAddresses;
import tunnelforge.net.Pin;
import tunnelforge.text.Addresses;

/**
 * How agents on other machines come to a server. Each start leaves it in the state directory, so that {@code token show} need not ask the server.
 *
 * @param domain tunnels get names below it
 * @param bind the address that is listened on; null for all
 * @param port the TLS port that agents connect to
 * @param token opens tunnels; null where each account has its own
 * @param pin of the certificate that they are shown; null when they need none
 * @param certificates whether they must show one themselves
 */
record Directions(String domain, InetAddress bind, int port, String token, Pin pin, boolean certificates) {
    static final String FILE = "directions.json";

    private static final String SOME_HOST = "HOST";

    /** What the last start has left; null when there was none. */
    static Directions read(Path stateDirectory) throws IOException {
        Path file = stateDirectory.resolve(FILE);
        try {
            JsonObject json = JsonReader.parseObject(Files.readString(file));
            String bind = json.string("bind", null);
            String pin = json.string("pin", null);
            return new Directions(json.string("domain"), bind == null ? null : Addresses.parse(bind), (int) json.integer("port", 1, 65535),
                    json.string("token", null), pin == null ? null : Pin.parse(pin),
                    json.bool("certificates", false));
        } catch (NoSuchFileException e) {
            return null;
        } catch (JsonException | IllegalArgumentException | CharacterCodingException e) {
            throw new IOException(file + " cannot be read: " + e.getMessage() + "; the server's next start writes it anew", e);
        }
    }

    JsonObject toJson() {
        return JsonObject.builder().put("domain", domain).putIfPresent("bind", bind == null ? null : Addresses.text(bind)).put("port", port).putIfPresent("token", token)
                .putIfPresent("pin", pin == null ? null : pin.toString()).put("certificates", certificates).build();
    }

    /** Names below such a domain are the visitor's or the agent's own machine, wherever that is. */
    static boolean isLocal(String domain) {
        return domain.equals("localhost") || domain.endsWith(".localhost");
    }

    /**
     * What to type on another machine.
     *
     * @param shownToken the token, or what stands for it
     * @param own addresses of this machine, the likeliest first
     */
    String command(String shownToken, List<InetAddress> own) {
        List<String> words = new ArrayList<>(List.of("agent", "8080", "--server", new HostPort(host(own), port).toString(), "--token", shownToken));
        if (pin != null) {
            words.addAll(List.of("--pin", pin.toString()));
        }
        words.addAll(ownCertificate());
        return Invocation.elsewhere(words);
    }

    /** The options for the agent's own certificate; none where it needs none. */
    List<String> ownCertificate() {
        return certificates ? List.of("--cert", "FILE", "--key", "FILE") : List.of();
    }

    private String host(List<InetAddress> own) {
        List<InetAddress> reachable = reachable(own);
        return !isLocal(domain) ? domain : reachable.isEmpty() ? SOME_HOST : Addresses.text(reachable.getFirst());
    }

    private List<InetAddress> reachable(List<InetAddress> own) {
        boolean all = bind == null || bind.isAnyLocalAddress();
        return all ? own : bind.isLoopbackAddress() ? List.of() : List.of(bind);
    }

    /** What is to be known about that command, in sentences; empty for nothing. */
    String note(List<InetAddress> own) {
        if (!isLocal(domain)) {
            return "";
        }
        return where(reachable(own))
                + "\nVisitors reach names below " + domain + " from the server's machine only; --domain NAME gives it names for everybody.";
    }

    private String where(List<InetAddress> reachable) {
        if (bind != null && bind.isLoopbackAddress()) {
            return "The server listens on " + Addresses.text(bind) + ", which no other machine reaches: HOST stands for what forwards a port to it.";
        }
        if (reachable.isEmpty()) {
            return "HOST stands for a name or address of the server's machine that others reach; none was found.";
        }
        List<InetAddress> others = reachable.subList(1, reachable.size());
        return Addresses.text(reachable.getFirst()) + " is the server's machine" + (others.isEmpty() ? "" : ", and so is " + OwnAddresses.text(others))
                + "; any name of it does as well, for the pin stands for the server's key.";
    }

    @Override
    public String toString() {
        return "Directions[" + domain + ":" + port + ", token hidden]";
    }
}
