package tunnelforge.trials;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import tunnelforge.Peer;

/**
 * {@code slowhttptest} holds 1,500 connections from one address in each of its ways, while a visitor from another address uses the same tunnel.
 * {@code -Dtunnelforge.slow.seconds} says for how long.
 */
final class SlowAttacksTrial {
    private static final String PROGRAM = "slowhttptest";
    private static final int SECONDS = Integer.getInteger("tunnelforge.slow.seconds", 15);
    private static final String CONNECTIONS = "2000";
    private static final String PER_SECOND = "500";
    private static final String VISITOR = "127.0.0.2";
    private static final double MEDIAN_LIMIT_MILLIS = 50;
    /** The visitor comes anew after so many requests. */
    private static final int REQUESTS_PER_CONNECTION = 20;
    private static final long PAUSE_NANOS = 10_000_000;

    @Test
    void slowHeads() throws Exception {
        attack("slow heads", "/small", "-H", "-i", "5");
    }

    @Test
    void slowSmallBodies() throws Exception {
        attack("slow small bodies", "/echo", "-B", "-i", "5", "-s", "4096");
    }

    @Test
    void slowLargeBodies() throws Exception {
        attack("slow large bodies", "/digest", "-B", "-i", "5", "-s", "1000000");
    }

    @Test
    void slowReaders() throws Exception {
        attack("slow readers", "/length/1000000", "-X", "-w", "512", "-y", "1024", "-n", "1", "-z", "6");
    }

    private static boolean isInstalled() {
        return Arrays.stream(System.getenv("PATH").split(File.pathSeparator)).anyMatch(folder -> Path.of(folder, PROGRAM).toFile().canExecute());
    }

    private static Process start(Rig rig, String target, String... mode) throws IOException {
        List<String> command = new ArrayList<>(List.of("sh", "-c", "ulimit -n $(ulimit -Hn); exec \"$@\"", "sh", PROGRAM, "-c", CONNECTIONS, "-r", PER_SECOND,
                "-l", Integer.toString(SECONDS), "-p", "5", "-d", "127.0.0.1:" + rig.httpPort(), "-u", "http://" + Rig.HOST + target));
        command.addAll(List.of(mode));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    private static void attack(String name, String target, String... mode) throws Exception {
        assumeTrue(isInstalled(), "no " + PROGRAM + " here");
        try (Rig rig = Rig.http(0)) {
            visit(rig, new Figures(), 50);
            boolean measures = Program.canMeasure();
            long before = measures ? rig.server().liveBytes() : 0;
            Process attacker = start(rig, target, mode);
            StringBuilder said = new StringBuilder();
            Thread reading = Thread.ofPlatform().daemon().start(() -> read(attacker, said));
            Figures beside = new Figures();
            long most = before;
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
            long looked = System.nanoTime();
            while (System.nanoTime() - end < 0) {
                visit(rig, beside, REQUESTS_PER_CONNECTION);
                if (measures && System.nanoTime() - looked > TimeUnit.SECONDS.toNanos(5)) {
                    looked = System.nanoTime();
                    most = Math.max(most, rig.server().liveBytes());
                }
            }
            attacker.destroy();
            attacker.waitFor();
            reading.join();
            Figures.print("%s: %s; the server's live heap %.1f MB before, %.1f MB at most", name, beside, before / 1e6, most / 1e6);
            Figures.print("  %s", connections(said.toString()));
            assertTrue(beside.medianMillis() < MEDIAN_LIMIT_MILLIS, beside::toString);
        }
    }

    private static void read(Process attacker, StringBuilder to) {
        try {
            to.append(new String(attacker.getInputStream().readAllBytes(), StandardCharsets.US_ASCII));
        } catch (IOException e) {
            // It was ended.
        }
    }

    /** What it says last of its connections. */
    private static String connections(String said) {
        String plain = said.replaceAll("\u001b\\[[0-9;]*[a-zA-Z]", "");
        int last = plain.lastIndexOf("initializing:");
        return last < 0 ? plain : plain.substring(last).replaceAll("\\s+", " ");
    }

    /** Every request must be served. */
    private static void visit(Rig rig, Figures figures, int requests) throws IOException {
        try (Peer visitor = rig.visitPlain(VISITOR)) {
            for (int i = 0; i < requests; i++) {
                figures.addSmallRequest(visitor);
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }
}
