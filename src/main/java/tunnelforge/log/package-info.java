/**
 * One line for each event, as text for people or as JSON for programs, written without ever holding up whoever logs.
 *
 * <p>Imports {@code java.base} and {@code tunnelforge.text}, and nothing else.
 */
package tunnelforge.log;
