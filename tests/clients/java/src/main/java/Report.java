import java.util.Map;

/** Says what came of each capability, a line each: `ok   chat: …`, `FAIL tools: why`, `n/a  tls: why`. */
final class Report {
    private Report() {}

    /** Plays a scenario, and says in some words what it saw. */
    interface Scenario {
        String play() throws Exception;
    }

    /** Thrown by a scenario that this client has no call for. */
    static final class NotThere extends Exception {
        NotThere(String why) {
            super(why);
        }
    }

    /** The status to end with: 1 after a FAIL. */
    static int of(Map<String, Scenario> scenarios) {
        boolean failed = false;
        for (Map.Entry<String, Scenario> each : scenarios.entrySet()) {
            String capability = each.getKey();
            try {
                System.out.printf("ok   %s: %s%n", capability, each.getValue().play());
            } catch (NotThere why) {
                System.out.printf("n/a  %s: %s%n", capability, why.getMessage());
            } catch (Throwable error) {
                failed = true;
                System.out.printf("FAIL %s: %.300s%n", capability, error.toString().replaceAll("\\s+", " "));
            }
        }
        return failed ? 1 : 0;
    }

    /** Ends a scenario where something is not as it must be. */
    static void check(boolean holds, Object seen) {
        if (!holds) throw new AssertionError("not as it must be: " + seen);
    }

    interface Call {
        Object made() throws Exception;
    }

    /** The error that a call must end with. */
    static <E extends Throwable> E refused(Class<E> expected, Call call) throws Exception {
        Object answer;
        try {
            answer = call.made();
        } catch (Throwable error) {
            if (expected.isInstance(error)) return expected.cast(error);
            throw new AssertionError("no " + expected.getSimpleName() + ", but " + error, error);
        }
        throw new AssertionError("no " + expected.getSimpleName() + ", but " + answer);
    }
}
