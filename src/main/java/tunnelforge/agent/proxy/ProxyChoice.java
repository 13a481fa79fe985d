package tunnelforge.agent.proxy;

import java.util.List;
import java.util.Map;
import tunnelforge.cli.CommandLine;
import tunnelforge.cli.HostPort;
import tunnelforge.cli.Option;
import tunnelforge.cli.UsageException;

/** Which proxy a person means, by an option or by the environment. */
public final class ProxyChoice {
    /** The option. */
    public static final Option OPTION = Option.one("--proxy", "URL|none",
            "go out through this proxy: http://[USER:PASSWORD@]HOST:PORT, socks5://...; else what $HTTPS_PROXY or $ALL_PROXY names, unless $NO_PROXY covers the server; none for no proxy");

    /** As curl has them, the first that is set. */
    private static final List<String> VARIABLES = List.of("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY");
    private static final List<String> EXCEPTIONS = List.of("no_proxy", "NO_PROXY");
    private static final String NONE = "none";

    private ProxyChoice() {
    }

    /** The proxy to that server; null for none. A server on this machine is never asked for from a proxy of the environment's. */
    public static Proxy of(CommandLine line, Map<String, String> environment, HostPort server) throws UsageException {
        if (line.has(OPTION.name())) {
            return given(line);
        }
        String variable = variable(environment);
        String exceptions = firstSet(EXCEPTIONS, environment);
        if (variable == null || NoProxy.covers(exceptions == null ? "" : environment.get(exceptions), server)) {
            return null;
        }
        try {
            return Proxy.parse(environment.get(variable), "$" + variable);
        } catch (UsageException e) {
            throw new UsageException(e.getMessage() + "; " + OPTION.name() + " " + NONE + " goes without it");
        }
    }

    /** The proxy that the option names; null for none. */
    public static Proxy given(CommandLine line) throws UsageException {
        String given = line.value(OPTION.name(), NONE);
        return given.equals(NONE) ? null : Proxy.parse(given, OPTION.name());
    }

    /** The variable that names a proxy; null when there is none. */
    public static String variable(Map<String, String> environment) {
        return firstSet(VARIABLES, environment);
    }

    private static String firstSet(List<String> names, Map<String, String> environment) {
        return names.stream().filter(name -> !environment.getOrDefault(name, "").isBlank()).findFirst().orElse(null);
    }
}
