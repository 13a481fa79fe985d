package tunnelforge.server.admin;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.Stream;
import tunnelforge.metrics.Exposition;

/** What the JVM and the system say of this process, under the names that Prometheus has for that. What the system does not say is left out. */
final class ProcessFigures {
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final long KILOBYTE = 1024;
    private static final double MILLIS = 1000;

    private ProcessFigures() {
    }

    static void add(Exposition out) {
        out.gauge("tunnelforge_heap_used_bytes", "Bytes of the Java heap in use, garbage among them.").sample(heapUsed());
        out.gauge("tunnelforge_heap_max_bytes", "The most that the Java heap may have.").sample(Runtime.getRuntime().maxMemory());
        ProcessHandle.Info info = ProcessHandle.current().info();
        info.totalCpuDuration().map(Duration::toMillis)
                .ifPresent(millis -> out.counter("process_cpu_seconds_total", "Processor time used, in seconds.").sample(millis / MILLIS));
        info.startInstant().map(Instant::toEpochMilli)
                .ifPresent(millis -> out.gauge("process_start_time_seconds", "Start of the process, in seconds since 1970.").sample(millis / MILLIS));
        gauge(out, "process_open_fds", "Open file descriptors.", count(DESCRIPTORS));
        gauge(out, "process_threads", "Threads of the system, which virtual ones are not.", status("Threads:"));
        gauge(out, "process_resident_memory_bytes", "Resident memory.", status("VmRSS:") * KILOBYTE);
    }

    static long heapUsed() {
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private static void gauge(Exposition out, String name, String help, long value) {
        if (value > 0) {
            out.gauge(name, help).sample(value);
        }
    }

    /** 0 where nobody knows. */
    private static long count(Path directory) {
        long count = 0;
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                count++;
            }
        } catch (IOException e) {
            return 0;
        }
        return count;
    }

    /** The number behind a name in the system's status of this process; 0 where nobody knows. */
    private static long status(String name) {
        try (Stream<String> lines = Files.lines(STATUS)) {
            return lines.filter(line -> line.startsWith(name)).mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", ""))).findFirst().orElse(0);
        } catch (IOException | UncheckedIOException | NumberFormatException e) {
            return 0;
        }
    }
}
