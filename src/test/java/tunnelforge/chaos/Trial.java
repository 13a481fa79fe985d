package tunnelforge.chaos;

import java.util.Locale;

/** What can be tried. */
enum Trial {
    DEATHS(Deaths::run), CONTROL(ControlCuts::run), KILL(Kills::run), RESTART(Restarts::run), SWALLOW(SwallowingPath::run), MIXED(MixedFaults::run), LATE(LateStarts::run);

    private final Course course;

    /** How a trial goes. */
    interface Course {
        void run(Settings settings, Verdict verdict) throws Exception;
    }

    Trial(Course course) {
        this.course = course;
    }

    /** As it is asked for. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    void run(Settings settings, Verdict verdict) throws Exception {
        course.run(settings, verdict);
    }
}
