package tunnelforge.agent;

import java.util.List;
import java.util.Set;
import tunnelforge.agent.local.Target;
import tunnelforge.cli.UsageException;

/** The words by which programs like this one open a tunnel, put into ours: {@code http 8080}, {@code tcp 22}, or a target alone. */
final class OtherWords {
    private static final Set<String> SAME_AS_AGENT = Set.of("start", "client", "connect", "expose", "forward", "share", "tunnel", "open", "up", "run", "serve");
    private static final String EXAMPLE = "8080";

    private OtherWords() {
    }

    /** Null when the words mean no agent. {@code command}: its name. */
    static String meant(List<String> words, String command) {
        if (words.getFirst().equals(command)) {
            String rest = words.size() < 2 ? null : byProtocol(words.subList(1, words.size()));
            return rest == null ? null : command + " " + rest;
        }
        if (isTarget(words.getFirst())) {
            return command + " " + words.getFirst();
        }
        boolean another = SAME_AS_AGENT.contains(words.getFirst());
        List<String> rest = another ? words.subList(1, words.size()) : words;
        String asked = rest.isEmpty() ? null : byProtocol(rest);
        if (asked != null) {
            return command + " " + asked;
        }
        if (words.getFirst().equals(AgentOptions.START) && !rest.isEmpty() && (rest.getFirst().equals("--all") || !rest.getFirst().startsWith("-") && !isTarget(rest.getFirst()))) {
            return command + " " + String.join(" ", words);
        }
        return another ? command + " " + (rest.isEmpty() ? EXAMPLE : target(rest)) : null;
    }

    /** For a protocol and what is behind it; null when the first word is none. */
    private static String byProtocol(List<String> words) {
        List<String> behind = words.subList(1, words.size());
        return switch (words.getFirst()) {
            case "http" -> target(behind);
            case "https" -> withScheme("https://", target(behind));
            case "tcp" -> withScheme("tcp://", target(behind));
            case "tls" -> target(behind) + " --protocol tls";
            default -> null;
        };
    }

    private static String target(List<String> words) {
        return words.isEmpty() || !isTarget(words.getFirst()) ? EXAMPLE : words.getFirst();
    }

    private static String withScheme(String scheme, String target) {
        if (target.contains("://")) {
            return target;
        }
        return scheme + (target.contains(":") ? "" : "localhost:") + target;
    }

    static boolean isTarget(String word) {
        try {
            Target.parse(word);
            return true;
        } catch (UsageException e) {
            return false;
        }
    }
}
