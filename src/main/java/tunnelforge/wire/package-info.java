/**
 * What server and agent say to each other: control messages, the frames of a data connection, the exchanges of the
 * JSON encoding, and every limit and timing of the wire. PROTOCOL.md is this package in words.
 *
 * <p>Pure: bytes in, values out. Nothing here opens a connection, starts a task or reads a clock. It imports
 * {@code java.base}, {@code tunnelforge.json}, {@code tunnelforge.http} and {@code tunnelforge.text}, and nothing else.
 */
package tunnelforge.wire;
