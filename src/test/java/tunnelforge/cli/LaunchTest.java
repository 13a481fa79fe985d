package tunnelforge.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import tunnelforge.log.Log;
import tunnelforge.net.Tasks;

final class LaunchTest {
    @FunctionalInterface
    private interface Body {
        int run(CommandLine line) throws UsageException, ExitException, IOException;
    }

    private record TestCommand(String name, String summary, String usage, List<Option> options, String description,
            int maxOperands, Body body) implements Command {
        @Override
        public int run(CommandLine line) throws UsageException, ExitException, IOException {
            return body.run(line);
        }
    }

    private static final String SERVER_HELP = """
            usage: tunnelforge server [options]

            Takes agents and visitors on one TLS port. This paragraph is long enough to be
            wrapped by the help, however it was broken in the source.

              java -jar tunnelforge.jar server --port 443

            options:
              --port PORT  the port for agents and visitors; default 443, and this help is
                           long enough to be wrapped
              --a-very-long-option-name ARGUMENT
                           help below
              --cert FILE  PEM (may be repeated)
              --quiet      say less
            """;

    private static final String JAVA = "(Java " + System.getProperty("java.version") + " of " + System.getProperty("java.vendor") + ")";

    private static final String LIST = """
            usage: tunnelforge COMMAND [ARGUMENTS]

            commands:
              server      run a server
              agent       open a tunnel
              help        show this list, or what one command takes
              completion  print a script with which bash or zsh completes commands
              version     print the version of the program and of its Java

            'help COMMAND' says what a command takes, with examples.
            """;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private static Command server(Body body) {
        return new TestCommand("server", "run a server", "server [options]",
                List.of(Option.one("--port", "PORT",
                                "the port for agents and visitors; default 443, and this help is long enough to be wrapped"),
                        Option.one("--a-very-long-option-name", "ARGUMENT", "help below"),
                        Option.many("--cert", "FILE", "PEM"), Option.flag("--quiet", "say less")),
                """
                Takes agents and visitors on one TLS port.
                This paragraph is long enough to be wrapped by the help, however it was broken in the source.

                  java -jar tunnelforge.jar server --port 443
                """, 0, body);
    }

    private static Command agent(Body body) {
        return new TestCommand("agent", "open a tunnel", "agent TARGET", List.of(), "", 1, body);
    }

    private int run(Body body, String... args) {
        out.reset();
        err.reset();
        return Launch.run(List.of(server(body), agent(body)), new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8), args);
    }

    private int runOne(Body body, String... args) {
        out.reset();
        err.reset();
        return Launch.run(agent(body), new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8), args);
    }

    private void said(String onOut, String onErr) {
        assertEquals(onOut, out.toString(StandardCharsets.UTF_8).replace("\r\n", "\n"));
        assertEquals(onErr, err.toString(StandardCharsets.UTF_8).replace("\r\n", "\n"));
    }

    private static int never(CommandLine line) {
        throw new AssertionError("must not run");
    }

    @Test
    void commandGetsItsWordsAndItsResultIsTheExitCode() {
        assertEquals(7, run(line -> line.value("--port").equals("1") ? 7 : 0, "server", "--port", "1"));
        said("", "");
        assertEquals(0, run(line -> line.operands().equals(List.of("8080")) ? 0 : 9, "agent", "8080"));
        assertEquals(5, runOne(line -> line.operands().equals(List.of("help")) ? 5 : 0, "help"));
        assertEquals(6, runOne(line -> 6));
    }

    @Test
    void noArgumentsPrintTheHelpAsAnError() {
        assertEquals(2, run(LaunchTest::never));
        said("", LIST);
    }

    @Test
    void helpListsTheCommands() {
        for (String word : List.of("help", "--help", "-h")) {
            assertEquals(0, run(LaunchTest::never, word));
            said(LIST, "");
        }
    }

    @Test
    void helpOfOneCommandIsTheSameHoweverAsked() {
        for (String words : List.of("help server", "--help server", "-h server", "server --help", "server -h",
                "server --port 1 --unknown --help")) {
            assertEquals(0, run(LaunchTest::never, words.split(" ")), words);
            said(SERVER_HELP, "");
        }
        assertTrue(SERVER_HELP.lines().allMatch(line -> line.length() <= 80));
        assertEquals(0, run(LaunchTest::never, "help", "agent"));
        said("usage: tunnelforge agent TARGET\n\nopen a tunnel.\n", "");
        assertEquals(0, runOne(LaunchTest::never, "8080", "-h"));
        said("usage: tunnelforge agent TARGET\n\nopen a tunnel.\n", "");
        assertEquals(0, run(LaunchTest::never, "help", "help"));
        said("usage: tunnelforge help [COMMAND]\n\nshow this list, or what one command takes.\n", "");
    }

    @Test
    void helpAfterTwoDashesIsAnOperand() {
        assertEquals(4, run(line -> line.operands().equals(List.of("--help")) ? 4 : 0, "agent", "--", "--help"));
    }

    @Test
    void versionIsDevelopmentOutsideOfAJar() {
        for (String words : List.of("version", "--version", "server --version")) {
            assertEquals(0, run(LaunchTest::never, words.split(" ")));
            said("tunnelforge development " + JAVA + "\n", "");
        }
        assertEquals(0, runOne(LaunchTest::never, "--version"));
        said("tunnelforge development " + JAVA + "\n", "");
    }

    @Test
    void versionTellsTheCommitWhereItIsKnown() {
        assertEquals("tunnelforge development (commit 0123456789-dirty, " + JAVA.substring(1), VersionCommand.line("0123456789-dirty"));
        assertEquals("tunnelforge development " + JAVA, VersionCommand.line(""));
    }

    @Test
    void unknownCommandGetsTheNearestOne() {
        assertEquals(2, run(LaunchTest::never, "agnet", "8080"));
        said("", "tunnelforge: unknown command 'agnet'; did you mean agent?\ntry: tunnelforge help\n");
        assertEquals(2, run(LaunchTest::never, "frobnicate"));
        said("", "tunnelforge: unknown command 'frobnicate'\ntry: tunnelforge help\n");
        assertEquals(2, run(LaunchTest::never, ""));
        said("", "tunnelforge: unknown command ''\ntry: tunnelforge help\n");
        assertEquals(2, run(LaunchTest::never, "help", "sever"));
        said("", "tunnelforge: unknown command 'sever'; did you mean server?\ntry: tunnelforge help\n");
        assertEquals(2, run(LaunchTest::never, "\u001b[2J"));
        said("", "tunnelforge: unknown command '\\u001b[2J'\ntry: tunnelforge help\n");
    }

    @Test
    void optionBeforeTheCommandIsExplainedWithoutItsValue() {
        assertEquals(2, run(LaunchTest::never, "--token=tf_secret", "agent"));
        said("", "tunnelforge: a command must come before option --token\ntry: tunnelforge help\n");
    }

    @Test
    void wrongUsageNamesTheHelpThatFits() {
        assertEquals(2, run(LaunchTest::never, "server", "--prot", "1"));
        said("", "tunnelforge: unknown option --prot; did you mean --port?\ntry: tunnelforge help server\n");
        assertEquals(2, run(LaunchTest::never, "server", "8080"));
        said("", "tunnelforge: unexpected argument '8080'\ntry: tunnelforge help server\n");
        assertEquals(2, run(line -> {
            throw new UsageException("agent needs a TARGET, such as 8080");
        }, "agent"));
        said("", "tunnelforge: agent needs a TARGET, such as 8080\ntry: tunnelforge help agent\n");
        assertEquals(2, runOne(LaunchTest::never, "a", "b"));
        said("", "tunnelforge: unexpected argument 'b'\ntry: --help\n");
        assertEquals(2, run(LaunchTest::never, "version", "x"));
        said("", "tunnelforge: unexpected argument 'x'\ntry: tunnelforge help version\n");
    }

    @Test
    void exitExceptionEndsWithItsCodeAndMessage() {
        assertEquals(3, run(line -> {
            throw new ExitException(ExitException.REFUSED, "the name is taken\ntunnelforge: second \u001b[2J\r");
        }, "server"));
        said("", "tunnelforge: the name is taken\n  tunnelforge: second \\u001b[2J\\r\n");
    }

    @Test
    void ioExceptionIsOneLineWithoutAStack() {
        assertEquals(1, run(line -> {
            throw new IOException("port 443 is in use");
        }, "server"));
        said("", "tunnelforge: port 443 is in use\n");
    }

    @Test
    void bareMessagesOfTheJdkAreExplained() {
        assertEquals("no such file or directory: /x", Launch.describe(new NoSuchFileException("/x")));
        assertEquals("permission denied: /x", Launch.describe(new AccessDeniedException("/x")));
        assertEquals("file exists already: /x", Launch.describe(new FileAlreadyExistsException("/x")));
        assertEquals("cannot use file /x", Launch.describe(new NotDirectoryException("/x")));
        assertEquals("unknown host: h", Launch.describe(new UnknownHostException("h")));
        assertEquals("EOFException", Launch.describe(new java.io.EOFException()));
    }

    @Test
    void bugIsLoud() {
        assertEquals(1, run(line -> {
            throw new IllegalStateException("bug");
        }, "server"));
        String all = err.toString(StandardCharsets.UTF_8);
        assertTrue(all.startsWith("tunnelforge: internal error, a bug in this program"), all);
        assertTrue(all.contains("IllegalStateException: bug") && all.contains("\tat "), all);
    }

    /** A program whose essential task dies while its shutdown hook waits for what never comes. */
    static final class Dying {
        public static void main(String[] args) throws InterruptedException {
            CountDownLatch never = new CountDownLatch(1);
            Log log = Log.to(System.out, Log.Format.TEXT, Log.Level.INFO);
            Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> {
                log.end();
                System.out.println("hook");
                LockSupport.park(never);
            }));
            new Tasks(log, death -> Launch.died(death, Duration.ofSeconds(1))).essential("ticker", () -> {
                throw new OutOfMemoryError("Java heap\nspace");
            });
            never.await();
        }
    }

    @Test
    void aProgramWithoutItsTickerWasAZombie() throws Exception {
        Process program = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
                System.getProperty("java.class.path"), Dying.class.getName()).redirectErrorStream(true).start();
        try {
            assertTrue(program.waitFor(60, TimeUnit.SECONDS), "it goes on");
            String said = new String(program.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(1, program.exitValue(), said);
            assertTrue(said.contains("tunnelforge: an essential task has died, the program ends: java.lang.OutOfMemoryError: Java heap\\nspace"), said);
            assertTrue(said.contains("task 'ticker' has died, and the program cannot go on without it"), said);
            assertTrue(said.contains("\nhook\n"), said);
        } finally {
            program.destroyForcibly();
        }
    }

    @Test
    void wordLongerThanTheLineStandsAlone() {
        assertEquals(List.of("a", "x".repeat(20), "b c"), Help.wrap("a " + "x".repeat(20) + "  b\nc", 10));
        assertEquals(List.of(""), Help.wrap("", 10));
        assertEquals(List.of("1234 67890"), Help.wrap("1234 67890", 10));
        assertEquals(List.of("1234", "678901"), Help.wrap("1234 678901", 10));
    }
}
