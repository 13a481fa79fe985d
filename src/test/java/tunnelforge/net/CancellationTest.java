package tunnelforge.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CancellationTest {
    private final Cancellation cancellation = new Cancellation();
    private final List<String> woken = new ArrayList<>();

    @Test
    void whoIsRegisteredIsWokenOnceAndInOrder() {
        cancellation.onCancel(() -> woken.add("first"));
        cancellation.onCancel(() -> woken.add("second"));
        assertFalse(cancellation.cancelled());
        cancellation.cancel();
        cancellation.cancel();
        assertTrue(cancellation.cancelled());
        assertEquals(List.of("first", "second"), woken);
    }

    @Test
    void whoComesLaterIsWokenAtOnce() {
        cancellation.cancel();
        cancellation.onCancel(() -> woken.add("late")).close();
        assertEquals(List.of("late"), woken);
    }

    @Test
    void whoHasTakenItsRegistrationBackIsNotWoken() {
        Cancellation.Registration first = cancellation.onCancel(() -> woken.add("first"));
        cancellation.onCancel(() -> woken.add("second"));
        first.close();
        first.close();
        cancellation.cancel();
        first.close();
        assertEquals(List.of("second"), woken);
    }

    @Test
    void aWakeUpMayRegisterAndCancelItself() {
        cancellation.onCancel(() -> {
            cancellation.cancel();
            cancellation.onCancel(() -> woken.add("inner"));
            woken.add("outer");
        });
        cancellation.cancel();
        assertEquals(List.of("inner", "outer"), woken);
    }
}
