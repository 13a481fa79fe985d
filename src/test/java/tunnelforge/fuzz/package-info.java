/**
 * Mutation fuzzing of everything that reads what comes from outside: {@link tunnelforge.fuzz.Codecs} lists it, a {@link tunnelforge.fuzz.Codec} says how one of them is read and
 * what holds for what it accepts, {@link tunnelforge.fuzz.Fuzz} tries it. A few thousand inputs each in {@code make test}, 200,000 in {@code make fuzz}.
 */
package tunnelforge.fuzz;
