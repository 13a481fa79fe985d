/**
 * The heavy promises, with the real jar: server and agent are programs of their own, the visitors and the local service are in the tests' JVM.
 * Left out of {@code make test}; run by {@code make trials}, which prints what was measured.
 */
package tunnelforge.trials;
