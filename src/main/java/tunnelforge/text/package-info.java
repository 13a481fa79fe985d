/**
 * What is written the same way everywhere: host names and addresses, text from outside made safe to show, random ids and
 * digests. Pure; imports nothing but {@code java.base}.
 */
package tunnelforge.text;
