// Makes the package that people install: pack/p2p-secure-chat-VERSION.tgz, and its bill of materials beside it.
import { parseArgs } from 'node:util'
import { makePackage, OUTPUT } from './pack/package.ts'

const { values } = parseArgs({
  options: { dirty: { type: 'boolean', default: false }, out: { type: 'string', default: OUTPUT } },
})
try {
  for (const file of await makePackage(values)) process.stdout.write(`${file}\n`)
} catch (error) {
  process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
}
