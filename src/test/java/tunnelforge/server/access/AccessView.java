package tunnelforge.server.access;

import java.time.InstantSource;
import java.time.YearMonth;
import java.util.Set;
import tunnelforge.net.Clock;
import tunnelforge.net.ManualClock;

/** What tests need of accounts that nobody else can make. */
public final class AccessView {
    private AccessView() {
    }

    /** Of an account that may have everything. */
    public static Allowance unlimited() {
        return allowance(Tier.UNLIMITED, new ManualClock(), InstantSource.system(), (account, reason, visitor) -> { });
    }

    static Allowance allowance(Tier tier, Clock clock, InstantSource wall, Allowance.Listener listener) {
        YearMonth month = MonthCount.monthOf(wall.instant());
        return new Allowance("somebody", tier, new MonthCount(month, 0), new Allowance.Means(clock, wall, new VisitorRates(clock), listener));
    }

    /** For such an account. */
    public static Grant grant() {
        return Grant.byToken(unlimited(), new Account.Token("1", new byte[32], null, null), Set.of());
    }
}
