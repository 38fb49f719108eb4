/**
 * The file behind a command of the installed package. It works alone, so that it can say what is wrong with the rest: a
 * Node.js that is too old for our syntax, or a package of which a part is missing. It gives the version by itself, too: a
 * script that asks for it should not wait until all of a program is read.
 *
 * @param module of the program, in `dist`
 */
export function launcher(module: string, version: string): string {
  return `#!/usr/bin/env node
const fail = (what, hint, code) => {
  console.error(\`error: \${what}\\n  \${hint}\`)
  process.exit(code)
}
const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  fail(\`Node.js \${process.versions.node} is too old (node-version)\`, 'install Node.js 20.19 or later: https://nodejs.org', 2)
}
if (process.argv.length === 3 && ['-V', '--version'].includes(process.argv[2])) console.log('${version}')
else import('../dist/${module}.js').catch(error => {
  if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error
  fail('a part of this program is missing (unreadable)', 'install p2p-secure-chat ${version} again', 1)
})
`
}
