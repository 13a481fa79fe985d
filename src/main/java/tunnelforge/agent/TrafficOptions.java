package tunnelforge.agent;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import tunnelforge.agent.local.Target;
import tunnelforge.agent.traffic.Traffic;
import tunnelforge.cli.CommandLine;
import tunnelforge.cli.Option;
import tunnelforge.cli.UsageException;
import tunnelforge.http.FieldChanges;
import tunnelforge.http.FieldRole;
import tunnelforge.http.Fields;
import tunnelforge.text.Printable;
import tunnelforge.wire.TunnelProtocol;

/** The options that change requests and responses on their way. No message shows a value: it may be a secret. */
final class TrafficOptions {
    private static final String REQUEST_ADD = "--request-header-add";
    private static final String REQUEST_REMOVE = "--request-header-remove";
    private static final String RESPONSE_ADD = "--response-header-add";
    private static final String RESPONSE_REMOVE = "--response-header-remove";
    private static final String COMPRESSION = "--compression";
    private static final String SERVER_TIMING = "--server-timing";

    static final List<Option> ALL = List.of(
            Option.many(REQUEST_REMOVE, "NAME", "take this field out of requests, for the local service; before any is added"),
            Option.many(REQUEST_ADD, "NAME:VALUE", "add this field to requests, for the local service"),
            Option.many(RESPONSE_REMOVE, "NAME", "take this field out of responses, for visitors; before any is added"),
            Option.many(RESPONSE_ADD, "NAME:VALUE", "add this field to responses, for visitors"),
            Option.flag(COMPRESSION, "compress (gzip) what visitors take compressed: text, JSON, event streams and the like, of 1 KiB or more"),
            Option.flag(SERVER_TIMING, "tell in each response how long the local service took for its head (Server-Timing)"));

    /** Of each option. */
    private static final int MAX_FIELDS = 32;
    /** Of the lines that one option adds, in octets: so much more than a local service's head may go into a frame. */
    private static final int MAX_BYTES = 4 * 1024;
    /** What the JDK makes of an octet that is no letter in the locale's encoding. */
    private static final char UNREADABLE = '\ufffd';

    private TrafficOptions() {
    }

    static Traffic of(CommandLine line, TunnelProtocol protocol, Target target) throws UsageException {
        for (Option option : ALL) {
            if (line.has(option.name()) && protocol.carriesSessions()) {
                throw new UsageException(option.name() + " is for http and https tunnels; what a " + protocol + " tunnel carries is not looked into");
            }
        }
        FieldChanges toService = new FieldChanges(removed(line, REQUEST_REMOVE), added(line, REQUEST_ADD));
        if (!toService.isEmpty() && target instanceof Target.Directory) {
            throw new UsageException((line.has(REQUEST_ADD) ? REQUEST_ADD : REQUEST_REMOVE) + " is for a local service; a directory has none");
        }
        return new Traffic(toService, new FieldChanges(removed(line, RESPONSE_REMOVE), added(line, RESPONSE_ADD)), line.has(COMPRESSION), line.has(SERVER_TIMING));
    }

    private static List<String> removed(CommandLine line, String option) throws UsageException {
        List<String> names = values(line, option);
        for (String name : names) {
            checkName(option, name);
        }
        return names;
    }

    private static List<FieldChanges.Line> added(CommandLine line, String option) throws UsageException {
        List<FieldChanges.Line> lines = new ArrayList<>();
        int bytes = 0;
        for (String text : values(line, option)) {
            FieldChanges.Line added = added(option, text);
            lines.add(added);
            bytes += added.name().length() + added.value().length() + ": \r\n".length();
        }
        if (bytes > MAX_BYTES) {
            throw new UsageException(option + ": all of them have " + bytes + " bytes, over " + MAX_BYTES);
        }
        return lines;
    }

    private static FieldChanges.Line added(String option, String text) throws UsageException {
        int colon = text.indexOf(':');
        if (colon < 0) {
            throw new UsageException(option + " takes 'NAME: VALUE'; one has no colon");
        }
        String name = text.substring(0, colon);
        checkName(option, name);
        String value = text.substring(colon + 1).strip();
        if (value.indexOf(UNREADABLE) >= 0) {
            throw new UsageException(option + ": the value of " + name + " has letters that this locale does not have; a UTF-8 locale (LC_ALL=C.UTF-8) does");
        }
        // In heads each character is an octet.
        String octets = new String(value.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        if (!Fields.isValue(octets)) {
            throw new UsageException(option + ": the value of " + name + " has a character that may not stand in a field, such as a line's end");
        }
        return new FieldChanges.Line(name, octets);
    }

    private static List<String> values(CommandLine line, String option) throws UsageException {
        List<String> values = line.values(option);
        if (values.size() > MAX_FIELDS) {
            throw new UsageException(option + " may be given " + MAX_FIELDS + " times, not " + values.size());
        }
        return values;
    }

    private static void checkName(String option, String name) throws UsageException {
        if (!Fields.isName(name)) {
            throw new UsageException(option + ": " + Printable.quoted(name) + " is no name of a field: letters, digits and !#$%&'*+-.^_`|~ only");
        }
        String why = switch (FieldRole.of(name)) {
            case HOP_BY_HOP -> "it belongs to one connection";
            case OURS -> "it is TunnelForge's own";
            case IMITATION -> "some read it as another field, so it passes nowhere";
            case ORDINARY, FORWARDING -> whyNot(name, option.startsWith("--request"));
        };
        if (why != null) {
            throw new UsageException(option + " may not change " + name + ": " + why);
        }
    }

    /** Null when a field of no role may be changed. */
    private static String whyNot(String name, boolean request) {
        if (FieldRole.alike(name, "Host")) {
            return request ? "--host-header says what the local service sees" : "it belongs to requests";
        }
        if (FieldRole.alike(name, "Content-Length") || FieldRole.alike(name, "Trailer")) {
            return "it says how a message ends";
        }
        if (request && FieldRole.alike(name, "Expect")) {
            return "the visitor waits for what it asks for";
        }
        return request && FieldRole.alike(name, "CDN-Loop") ? "by it a tunnel that leads back to itself is noticed" : null;
    }
}
