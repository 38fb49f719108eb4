/** Cells in a row of that terminal. */
export const TERMINAL_COLUMNS = 100

/** Loaded before a program. TERM says that it can move its cursor. */
const SOURCE = `
const { env, stdin, stdout } = process
env.TERM = 'xterm'
Object.assign(stdin, { isTTY: true, setRawMode: () => stdin })
Object.assign(stdout, { isTTY: true, columns: ${TERMINAL_COLUMNS}, rows: 30 })
`

/**
 * Flags of Node.js under which a program takes its pipes for a terminal, and draws what a person would see there. This
 * works on any system, and what is drawn is read like all other output.
 */
export const AS_TERMINAL: readonly string[] = ['--import', `data:text/javascript,${encodeURIComponent(SOURCE)}`]
