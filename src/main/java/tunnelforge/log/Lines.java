package tunnelforge.log;

import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import tunnelforge.text.Printable;

/** The shapes of a line, without its line end. But for JSON the stack of a bug follows on lines of its own, all indented, so that none can be taken for an event. */
final class Lines {
    static final int MAX_MESSAGE_CHARS = 1024;
    static final int MAX_VALUE_CHARS = 512;
    private static final String STACK_INDENT = "    ";
    /** What is shorter may stand in a message by chance. */
    private static final int MIN_SAID_CHARS = 3;

    private static final DateTimeFormatter TO_SECONDS = DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT);
    private static final DateTimeFormatter CLOCK_TIME = DateTimeFormatter.ofPattern("HH:mm:ss.SSS", Locale.ROOT);
    private static final DateTimeFormatter RFC_3339 =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

    private Lines() {
    }

    static void text(StringBuilder to, LogEvent event, ZoneId zone) {
        CLOCK_TIME.formatTo(event.time().atZone(zone), to);
        String level = event.level().name();
        to.append(' ').append(level).append(" ".repeat(6 - level.length()));
        message(to, event);
        fields(to, event);
    }

    static void terminal(StringBuilder to, LogEvent event, ZoneId zone) {
        if (!event.isAlone()) {
            TO_SECONDS.formatTo(event.time().atZone(zone), to);
            to.append(' ');
        }
        if (event.level() == Log.Level.INFO) {
            message(to, event);
        } else {
            to.append(event.level()).append(' ');
            message(to, event);
            fields(to, event);
        }
    }

    private static void message(StringBuilder to, LogEvent event) {
        Printable.escape(to, Printable.cut(event.message(), MAX_MESSAGE_CHARS), false);
    }

    private static void fields(StringBuilder to, LogEvent event) {
        String before = "  (";
        for (Map.Entry<String, Object> field : event.fields().entrySet()) {
            if (isBug(field.getValue())) {
                continue;
            }
            String value = valueText(field.getValue());
            if (isSaid(value, event.message())) {
                continue;
            }
            to.append(before).append(field.getKey()).append('=');
            if (isBare(value)) {
                to.append(value);
            } else {
                quote(to, value);
            }
            before = " ";
        }
        if (before.equals(" ")) {
            to.append(')');
        }
        event.fields().forEach((name, value) -> {
            if (isBug(value)) {
                stack(to, name, (Throwable) value);
            }
        });
    }

    private static void stack(StringBuilder to, String name, Throwable bug) {
        String before = name + ": ";
        for (String line : Stack.lines(bug)) {
            to.append('\n').append(STACK_INDENT);
            Printable.escape(to, before + line, false);
            before = "";
        }
    }

    /** Whether a person has read the value in the message already. */
    private static boolean isSaid(String value, String message) {
        int at = value.length() < MIN_SAID_CHARS ? -1 : message.indexOf(value);
        int end = at + value.length();
        return at >= 0 && (at == 0 || !Character.isLetterOrDigit(message.charAt(at - 1)))
                && (end == message.length() || !Character.isLetterOrDigit(message.charAt(end)));
    }

    static void json(StringBuilder to, LogEvent event) {
        to.append("{\"time\":\"");
        RFC_3339.formatTo(event.time(), to);
        to.append("\",\"level\":\"").append(event.level().name().toLowerCase(Locale.ROOT));
        to.append("\",\"event\":\"").append(event.event()).append("\",\"message\":");
        quote(to, Printable.cut(event.message(), MAX_MESSAGE_CHARS));
        for (Map.Entry<String, Object> field : event.fields().entrySet()) {
            to.append(",\"").append(field.getKey()).append("\":");
            Object value = field.getValue();
            if (isJsonLiteral(value)) {
                to.append(value);
            } else {
                quote(to, valueText(value));
            }
        }
        to.append('}');
    }

    private static boolean isJsonLiteral(Object value) {
        return switch (value) {
            case null -> true;
            case Boolean b -> true;
            case Integer i -> true;
            case Long l -> true;
            case Short s -> true;
            case Byte b -> true;
            case Double d -> Double.isFinite(d);
            case Float f -> Float.isFinite(f);
            default -> false;
        };
    }

    private static String valueText(Object value) {
        return isBug(value) ? String.join("\n", Stack.lines((Throwable) value)) : Printable.cut(String.valueOf(value), MAX_VALUE_CHARS);
    }

    /** What a peer or the network caused is a checked exception and needs no stack. */
    private static boolean isBug(Object value) {
        return value instanceof RuntimeException || value instanceof Error;
    }

    private static void quote(StringBuilder to, String text) {
        to.append('"');
        Printable.escape(to, text, true);
        to.append('"');
    }

    /** Whether a value can stand without quotes and still not be taken for the start of another field. */
    private static boolean isBare(String text) {
        return !text.isEmpty() && text.codePoints().allMatch(
                c -> Printable.isPlain(c) && !Character.isSpaceChar(c) && "\"'\\()=,".indexOf(c) < 0);
    }
}
