import { createHash } from 'node:crypto'
import type { Library } from './bundle.ts'

/** The package that the bill is for. */
interface Product {
  readonly name: string
  readonly version: string
  readonly description: string
  readonly license: string
}

/**
 * A bill of materials (CycloneDX 1.6, ECMA-424): the package, and each library that was bundled into it. It is the same
 * for the same commit: its time is that of the commit, and its serial number comes from what it says.
 *
 * @param time of the commit, ISO 8601
 * @param digest SHA-256 of what was packed, in hexadecimal
 */
export function billOfMaterials(product: Product, libraries: readonly Library[], time: string, digest: string): string {
  const { name, version, description, license } = product
  const reference = packageUrl(name, version)
  const body = {
    version: 1,
    metadata: {
      timestamp: time,
      component: {
        type: 'application',
        'bom-ref': reference,
        name,
        version,
        description,
        licenses: [{ expression: license }],
        purl: reference,
      },
      properties: [{ name: 'p2p-secure-chat:packed-files:sha256', value: digest }],
    },
    components: libraries.map(library => ({
      type: 'library',
      'bom-ref': packageUrl(library.name, library.version),
      ...named(library.name),
      version: library.version,
      licenses: [{ expression: library.license }],
      purl: packageUrl(library.name, library.version),
    })),
    dependencies: [{ ref: reference, dependsOn: libraries.map(library => packageUrl(library.name, library.version)) }],
  }
  const bill = { bomFormat: 'CycloneDX', specVersion: '1.6', serialNumber: `urn:uuid:${uuidOf(body)}`, ...body }
  return `${JSON.stringify(bill, null, 2)}\n`
}

/** A scope is a group of its own. */
function named(name: string): { readonly name: string; readonly group?: string } {
  const [, group, rest] = /^(@[^/]+)\/(.+)$/.exec(name) ?? []
  return group === undefined || rest === undefined ? { name } : { group, name: rest }
}

/** A package URL of npm (ECMA-427): the `@` of a scope is escaped. */
function packageUrl(name: string, version: string): string {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`
}

/** A UUID made of a hash: version 8 (RFC 9562, section 5.8), whose other bits are ours to choose. */
function uuidOf(content: object): string {
  const hash = createHash('sha256').update(JSON.stringify(content)).digest()
  hash[6] = (hash.readUInt8(6) & 0x0f) | 0x80
  hash[8] = (hash.readUInt8(8) & 0x3f) | 0x80
  const hex = hash.toString('hex', 0, 16)
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
