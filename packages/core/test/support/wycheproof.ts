import { existsSync, readFileSync } from 'node:fs'

const folder = new URL('../../../../../shared/vectors/wycheproof/', import.meta.url)

interface Suite<Case> {
  readonly testGroups: readonly { readonly tests: readonly Case[] }[]
}

/**
 * Reads public test vectors from a folder beside the project.
 *
 * @returns the cases of all groups, each with its group's own fields; empty where the folder is absent
 */
export function wycheproof<Case extends object>(file: string): Case[] {
  const url = new URL(file, folder)
  if (!existsSync(url)) return []
  const { testGroups }: Suite<Case> = JSON.parse(readFileSync(url, 'utf8'))
  return testGroups.flatMap(({ tests, ...group }) => tests.map(test => ({ ...group, ...test })))
}
