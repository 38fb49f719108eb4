import { STATES, byId, clock, el, icon, show } from './dom.js'

/** What a viewer calls a life line. */
export const laneName = (lane, viewer) => lane.names[viewer] ?? lane.address

/** Codes that a row shows before it says how many more there are. */
const BADGES = 2

export function renderLanes(lanes, viewer) {
  show(
    'lanes',
    el('span', { class: 'packet', text: 'Packet' }),
    el('span', { class: 'time', text: 'Time' }),
    el(
      'div',
      { class: 'heads' },
      ...lanes.map(lane =>
        el(
          'span',
          { class: 'lane' },
          el('b', { text: laneName(lane, viewer) }),
          lane.names[viewer] === null ? null : el('small', { text: lane.address }),
        ),
      ),
    ),
    el('span', { class: 'summary', text: 'What it says' }),
  )
}

/** One row for each of these messages: an arrow from life line to life line, and what it says. */
export function renderLadder(data, indices, viewer, viewOf, onSelect) {
  const severity = new Map(data.findings.map(finding => [finding.code, finding.severity]))
  const conversations = new Map(data.conversations.map(conversation => [conversation.number, conversation]))
  byId('ladder-panel').style.setProperty('--lanes', data.lanes.length)

  const row = index => {
    const message = data.messages[index]
    const view = viewOf(message)
    const { dialler, listener } = conversations.get(message.conversation)
    const [from, to] = message.side === 'dialler' ? [dialler, listener] : [listener, dialler]
    const names = [from, to].map(lane => laneName(data.lanes[lane], viewer))
    const codes = [...new Set(view.findings.map(({ code }) => code))]
    return el(
      'div',
      {
        class: `row ${view.state}`,
        role: 'option',
        id: `message-${index}`,
        'aria-selected': 'false',
        'aria-label': `Packet ${message.packet}, ${names[0]} to ${names[1]}: ${message.name}, ${STATES[view.state]}. ${view.summary}. ${codes.join(', ')}`,
        onclick: () => onSelect(index),
      },
      el('span', { class: 'packet', text: message.packet }),
      el('span', { class: 'time', text: clock(message.time) }),
      el(
        'div',
        { class: 'lifelines' },
        el(
          'span',
          {
            class: `arrow ${to < from ? 'leftwards' : 'rightwards'}`,
            style: { '--from': Math.min(from, to), '--span': Math.abs(to - from) },
          },
          el('span', { class: 'label' }, icon(view.state), message.name),
        ),
      ),
      el(
        'span',
        { class: 'summary' },
        el('span', { class: 'words', text: view.summary }),
        ...codes.slice(0, BADGES).map(code => el('span', { class: `badge ${severity.get(code)}`, text: code })),
        codes.length > BADGES ? el('span', { class: 'badge note', text: `+${codes.length - BADGES}` }) : null,
      ),
    )
  }
  show('ladder', ...indices.map(row))
}

/** Marks a row, brings it into view, and tells assistive technology about it. */
export function markRow(index) {
  byId('ladder').querySelector('[aria-selected="true"]')?.setAttribute('aria-selected', 'false')
  const row = index === null ? null : byId(`message-${index}`)
  row?.setAttribute('aria-selected', 'true')
  row?.scrollIntoView({ block: 'nearest' })
  byId('ladder').setAttribute('aria-activedescendant', row === null ? '' : row.id)
}

/** Rows that Page Up and Page Down pass. */
const PAGE_ROWS = 12

/** Where a key leads from the place `at` in a list of `size`; null: it is no key for this. */
export function ladderKey(key, at, size) {
  const steps = {
    ArrowDown: 1,
    j: 1,
    ArrowUp: -1,
    k: -1,
    PageDown: PAGE_ROWS,
    PageUp: -PAGE_ROWS,
    Home: -size,
    End: size,
  }
  return Object.hasOwn(steps, key) && size > 0 ? Math.min(size - 1, Math.max(0, at + steps[key])) : null
}

export function renderFilters(data, viewer, found, chosen) {
  const option = (value, text, selected) => el('option', { value, text, selected })
  show(
    'conversation',
    option('', 'all', chosen.conversation === ''),
    ...data.conversations.map(({ number, dialler, listener, spoken }) =>
      option(
        String(number),
        `${number}: ${laneName(data.lanes[dialler], viewer)} → ${laneName(data.lanes[listener], viewer)}, ${spoken ?? 'unknown'}`,
        chosen.conversation === String(number),
      ),
    ),
  )
  show(
    'finding',
    option('', 'all messages', chosen.finding === ''),
    option('any', 'with any finding', chosen.finding === 'any'),
    ...found.map(({ code, places }) => option(code, `${code} (${places.length})`, chosen.finding === code)),
  )
}
