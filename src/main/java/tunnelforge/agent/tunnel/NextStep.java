package tunnelforge.agent.tunnel;

import tunnelforge.wire.TunnelError;

/** What a person can do when the server says no for good. */
public final class NextStep {
    private NextStep() {
    }

    /** A line behind the refusal; empty when its message says all. {@code error} is its name, {@code TF-AUTH}. */
    public static String after(String error) {
        return switch (TunnelError.of(error)) {
            case AUTH -> "\nthe line that 'token show' prints on the server's machine has the right token";
            case NAME_TAKEN -> "\nask for another name with --subdomain, or end the agent that has this one";
            case PORT_TAKEN -> "\nask for another port with --remote-port, or for any by leaving it out";
            case PROTOCOL, VERSION -> "\nserver and agent are of different versions: run the same on both sides";
            case null, default -> "";
        };
    }
}
