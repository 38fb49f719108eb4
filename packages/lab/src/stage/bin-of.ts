import { isFramed, PACKAGES, type RungName } from './rungs.ts'

/** The module of a program of a rung. The textbook has one program, which is both. */
export function binOf(rung: RungName, program: 'server' | 'client'): string {
  if (rung === 'calc') return `@p2p-secure-chat/calculator/bin/${program}`
  return isFramed(rung) ? `@p2p-secure-chat/${PACKAGES[rung]}/bin/${program}` : '@p2p-secure-chat/lab/bin/textbook'
}
