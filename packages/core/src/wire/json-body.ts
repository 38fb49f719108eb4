import * as v from 'valibot'
import { ChatError } from '../errors.ts'

/** Longest description of a fault, in characters: it quotes what came, which may be as long as a body. */
const FAULT_LIMIT = 200

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Reads bytes as UTF-8, strictly.
 *
 * @throws {ChatError} `bad-message` for bytes that are not UTF-8
 */
export function decodeText(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch (cause) {
    throw new ChatError('bad-message', 'the text is not valid UTF-8', { cause })
  }
}

/**
 * Reads a JSON body against a schema; fields that the schema does not name are ignored.
 *
 * @throws {ChatError} `bad-message` when it is not UTF-8, not JSON, or not of that shape
 */
export function readJson<Schema extends v.GenericSchema>(schema: Schema, body: Uint8Array): v.InferOutput<Schema> {
  const text = decodeText(body)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new ChatError('bad-message', 'the body is not valid JSON', { cause })
  }
  const result = v.safeParse(schema, value)
  if (!result.success) {
    const issue = result.issues[0]
    const fault = `${v.getDotPath(issue) ?? 'the body'}: ${issue.message}`
    throw new ChatError('bad-message', fault.slice(0, FAULT_LIMIT))
  }
  return result.output
}
