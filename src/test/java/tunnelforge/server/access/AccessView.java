package tunnelforge.server.access;

import java.time.Duration;
import tunnelforge.net.Clock;
import tunnelforge.net.ManualClock;

/** What tests need of accounts that nobody else can make. */
public final class AccessView {
    private AccessView() {
    }

    /** Of an account that may have everything. */
    public static Allowance unlimited() {
        return allowance(Tier.UNLIMITED, new ManualClock());
    }

    static Allowance allowance(Tier tier, Clock clock) {
        return new Allowance("somebody", tier, clock, () -> Duration.ofDays(1), (account, reason, visitor) -> { });
    }

    /** For such an account. */
    public static Grant grant() {
        return Grant.byToken(unlimited(), new Account.Token("1", new byte[32], null, null));
    }
}
