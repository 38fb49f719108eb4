// Puts the packet numbers of captures/README.md right after the captures were recorded again: packets cross the wire in
// another order each time. It asks tshark, which must be installed.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { checkWalkthrough } from '../packages/dissector/test/support/walkthrough.ts'

const folder = fileURLToPath(new URL('../captures', import.meta.url))
const file = `${folder}/README.md`

const { text, faults } = await checkWalkthrough(readFileSync(file, 'utf8'), folder)
writeFileSync(file, text)
for (const fault of faults) console.error(fault)
if (faults.length > 0) process.exitCode = 1
