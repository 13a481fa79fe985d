/**
 * From the words of a command line to a command: options, help text, error messages and exit codes.
 *
 * <p>Imports {@code java.base}, {@code tunnelforge.json} and {@code tunnelforge.log}; knows no command by name.
 */
package tunnelforge.cli;
