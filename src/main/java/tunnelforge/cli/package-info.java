/**
 * From the words of a command line to a command: options, help text, error messages and exit codes.
 *
 * <p>Imports {@code java.base}, {@code tunnelforge.json}, {@code tunnelforge.log} and {@code tunnelforge.text}; knows no command by name.
 */
package tunnelforge.cli;
