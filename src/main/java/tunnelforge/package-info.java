/** The program's entry: words to command. */
package tunnelforge;
