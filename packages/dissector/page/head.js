import { byId, el, number, show } from './dom.js'

/** What the capture is: the heading and the facts below it. */
export function renderHead(data) {
  byId('file').textContent = data.file
  document.title = `${data.file}: a capture, byte by byte`
  const lasted = data.from && data.to ? (Date.parse(data.to) - Date.parse(data.from)) / 1000 : null
  const fact = (value, words) => el('li', {}, el('b', { text: value }), ` ${words}`)
  show(
    'facts',
    fact(number(data.packets), data.packets === 1 ? 'packet' : 'packets'),
    fact(number(data.messages.length + data.leftOut), 'messages'),
    fact(number(data.conversations.length), data.conversations.length === 1 ? 'conversation' : 'conversations'),
    data.from ? fact(data.from.replace('T', ' ').replace(/\.\d+Z/, ''), `UTC, for ${number(lasted)} s`) : null,
    data.leftOut > 0 ? fact(number(data.leftOut), 'messages left out: the page shows the first ones') : null,
  )
  byId('keys-note').textContent = data.withKeys
    ? 'This file holds what the key log opened. Give it only to those who may read the talk.'
    : 'No key opened anything of this capture: this page knows what an eavesdropper knows.'
}

/** All that is wrong for this viewer, most severe first, each with the places where it is. */
export function findingsFor(data, viewer, viewOf) {
  const places = new Map(data.findings.map(({ code }) => [code, []]))
  data.messages.forEach((message, index) => {
    for (const { code, detail } of viewOf(message).findings) {
      places.get(code).push({ index, packet: message.packet, detail })
    }
  })
  for (const { code, detail, packet, conversation } of data.loose[viewer]) {
    const before = data.messages.findLastIndex(
      message => message.packet <= packet && (conversation === null || message.conversation === conversation),
    )
    places.get(code).push({ index: before < 0 ? null : before, packet, detail })
  }
  return data.findings
    .map(finding => ({ ...finding, places: places.get(finding.code) }))
    .filter(finding => finding.places.length > 0)
}

/** Packets that a finding names before it says how many more there are. */
const PACKETS_NAMED = 6

export function renderFindings(found, onJump, onFilter) {
  if (found.length === 0) {
    show('findings', el('li', { class: 'finding', text: 'Nothing to say against what this viewer can see.' }))
    return
  }
  const jump = ({ index, packet, detail }) =>
    index === null
      ? el('span', { text: `packet ${packet}`, title: detail })
      : el('button', { type: 'button', class: 'jump', text: packet, title: detail, onclick: () => onJump(index) })
  show(
    'findings',
    ...found.map(({ code, severity, text, places }) =>
      el(
        'li',
        { class: `finding ${severity}` },
        el('span', { class: 'severity', text: severity }),
        el('button', {
          type: 'button',
          class: 'code',
          text: `${code} × ${number(places.length)}`,
          title: `Show only messages with ${code}`,
          onclick: () => onFilter(code),
        }),
        el('span', { class: 'meaning', text }),
        el(
          'span',
          { class: 'jumps' },
          'in packet ',
          ...places.slice(0, PACKETS_NAMED).map(jump),
          places.length > PACKETS_NAMED ? ` and ${number(places.length - PACKETS_NAMED)} more` : null,
        ),
      ),
    ),
  )
}

/** Two buttons of which one is pressed. */
export function renderViewer(viewer, withKeys, onChange) {
  const choice = (value, text, title, disabled) =>
    el('button', {
      type: 'button',
      text,
      title,
      disabled,
      'aria-pressed': String(viewer === value),
      onclick: () => onChange(value),
    })
  show(
    'viewer',
    choice('eavesdropper', 'Eavesdropper', 'What anybody on the path learns, without keys', false),
    choice(
      'keyHolder',
      'Key holder',
      withKeys ? 'What the key log opens' : 'Give a key log of this talk (--keys) to see what it opens',
      !withKeys,
    ),
  )
}
