/**
 * One line for each event, as text for people or as JSON for programs, written without ever holding up whoever logs, and
 * the escaping that keeps what peers send from forging lines or driving a terminal.
 *
 * <p>Imports nothing but {@code java.base}; every other package may import it.
 */
package tunnelforge.log;
