/**
 * Counters that many tasks raise at once, and the text in which Prometheus reads them. Pure: who counts what, and who asks, is others' to know.
 */
package tunnelforge.metrics;
