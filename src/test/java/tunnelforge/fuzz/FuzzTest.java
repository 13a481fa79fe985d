package tunnelforge.fuzz;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever comes from outside is read or refused as it should be: see {@link Fuzz}. */
final class FuzzTest {
    private static final long SEED = Long.getLong("tunnelforge.fuzz.seed", 20_261_126);
    private static final int COUNT = Integer.getInteger("tunnelforge.fuzz.count", 3_000);
    private static final String ONLY = System.getProperty("tunnelforge.fuzz.only", "");
    private static final boolean FIGURES = Boolean.getBoolean("tunnelforge.fuzz.figures");

    static List<String> names() {
        List<String> names = Codecs.all().stream().map(codec -> codec.name).filter(name -> name.matches(ONLY.isEmpty() ? ".*" : ONLY)).toList();
        if (names.isEmpty()) {
            throw new IllegalArgumentException("no codec is called " + ONLY + ", but " + Codecs.all().stream().map(codec -> codec.name).toList());
        }
        if (FIGURES) {
            System.out.println("  the seed is " + SEED);
        }
        return names;
    }

    @ParameterizedTest
    @MethodSource("names")
    void readsOrRefuses(String name) {
        Codec<?> codec = Codecs.all().stream().filter(other -> other.name.equals(name)).findFirst().orElseThrow();
        String figures = new Fuzz<>(codec, SEED, COUNT).run();
        if (FIGURES) {
            System.out.println("  " + figures);
        }
    }
}
