/** A served directory. */
package tunnelforge.agent.files;
