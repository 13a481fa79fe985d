/**
 * Faults on purpose: {@link tunnelforge.chaos.Chaos} runs the trials of {@code make chaos}. Server, agents and the local service are programs of their own, the visitors
 * ({@link tunnelforge.chaos.Load}) and the path between agents and server ({@link tunnelforge.chaos.FaultyPath}) are in the trial's JVM. Each request has an id of its own and is
 * never asked again, so that what was lost, run twice or given to another can be counted.
 */
package tunnelforge.chaos;
