import type { Observation } from '../../src/dissect/observation.ts'
import { type CapturePage, capturePage } from '../../src/page/capture-page.ts'
import { batch, FIRST_TIME, jsonPart, recordPart, talk, textPart } from './seen.ts'

/** What the capture says to whoever reads it, if it may: markup, a request, and a right-to-left override. */
export const HOSTILE = '</script><img src="http://127.0.0.1:9/x" onerror="alert(1)"><!--\u202egpj.exe'

export const SECRET = 'meet me at the old mill'

/**
 * Three conversations: alice registers; then she talks to bob in plain text, one of it hostile; then under keys.
 *
 * @param withKeys whether a key holder looks on
 */
export function samplePage(withKeys: boolean): CapturePage {
  const page = capturePage(`Sample ${HOSTILE}.pcap`, () => FIRST_TIME)
  const both = (seen: Observation, opened = seen) => {
    page.add('eavesdropper', seen)
    if (withKeys) page.add('keyHolder', opened)
  }
  const directory = talk(0, 'directory/1', '10.0.0.2', '10.0.0.1')
  both(
    directory.say(
      'dialler',
      jsonPart('REGISTER', 0x21, { name: 'alice', port: 40123 }, [
        ['name', 'alice'],
        ['port', '40123'],
      ]),
    ),
  )
  both(directory.say('listener', jsonPart('REGISTERED', 0x22, { name: 'alice' }, [['name', 'alice']])))

  const basic = talk(1, 'peer-basic/1', '10.0.0.2', '10.0.0.3')
  both(
    basic.say('listener', { ...jsonPart('NAME', 0x30, { name: 'bob' }, [['name', 'bob']]), codes: ['unproven-name'] }),
  )
  both(basic.say('dialler', textPart(1, 'hello', ['plaintext'])))
  both(basic.say('listener', textPart(1, HOSTILE, ['plaintext'])))

  const secure = talk(2, 'peer-aes/1', '10.0.0.2', '10.0.0.3')
  const record = recordPart(64, 'sealed', ['no-key'])
  const sealed = secure.say('dialler', record)
  if (sealed.kind !== 'frame') throw new TypeError('say() makes frames')
  const text = textPart(1, SECRET)
  both(sealed, {
    kind: 'frame',
    frame: { ...sealed.frame, summary: `RECORD opened: ${SECRET}`, findings: [], plaintext: batch(text, 64) },
  })
  both(secure.say('listener', recordPart(128, 'wrong tag', ['bad-tag'])))
  both({
    kind: 'finding',
    at: { packet: 2_003, time: null },
    connection: secure.connection,
    finding: { code: 'cut', detail: null },
  })
  return page
}

/** Arrows of the sample. */
export const SAMPLE_MESSAGES = 7
