/**
 * Has the terminal drop what does not fit into a row (DECAWM of ECMA-48's private modes), and wrap again. Terminals do
 * not agree on the width of every character, and what took one row more than we know of could not be removed.
 */
export const AUTOWRAP_OFF = '\u001b[?7l'
export const AUTOWRAP_ON = '\u001b[?7h'
