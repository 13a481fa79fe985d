package tunnelforge.cli;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where in files the options of a {@link CommandLine} stand that nobody typed. Messages about wrong options name them by their whole names, {@code --port}: by that
 * the place is found, so that whoever reads an option need not know of files.
 *
 * @param options by the option's name
 * @param whole of what is about none of them; null where nobody knows
 */
record Places(Map<String, Place> options, Place whole) {
    /** All was typed. */
    static final Places NONE = new Places(Map.of(), null);

    private static final Pattern OPTION = Pattern.compile("--[a-z0-9]+(-[a-z0-9]+)*");

    /** Puts a place in front of what is wrong there. */
    interface Place {
        String of(String problem);
    }

    /** These, and of {@code others} what is not {@code hidden}. */
    Places over(Places others, Predicate<String> hidden) {
        Map<String, Place> all = new HashMap<>(others.options);
        all.keySet().removeIf(hidden);
        all.putAll(options);
        return new Places(all, whole == null ? others.whole : whole);
    }

    /** The first option that the message names and that is {@code given} is what it is about. */
    UsageException located(UsageException wrong, Predicate<String> given) {
        String message = wrong.getMessage();
        for (Matcher named = OPTION.matcher(message); named.find();) {
            if (given.test(named.group())) {
                return options.containsKey(named.group()) ? at(options.get(named.group()), message) : wrong;
            }
        }
        return whole == null ? wrong : at(whole, message);
    }

    /** With the names that options have in files. */
    private UsageException at(Place place, String message) {
        return new UsageException(place.of(OPTION.matcher(message).replaceAll(found ->
                Matcher.quoteReplacement(options.containsKey(found.group()) ? "'" + OptionsFile.key(found.group()) + "'" : found.group()))));
    }
}
