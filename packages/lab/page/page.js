'use strict'

const data = JSON.parse(byId('data').textContent)

const state = {
  viewer: data.withKeys ? 'keyHolder' : 'eavesdropper',
  conversation: '',
  finding: '',
  /** Place of the chosen message in data.messages; null where none is shown. */
  selected: null,
  layer: 'wire',
  /** The chosen byte and the field that is explained; both may be null. */
  byte: null,
  field: null,
}

const viewOf = message => (state.viewer === 'keyHolder' && message.keyHolder) || message.eavesdropper

/** Places of the messages that the filters let through. */
let visible = []

function renderAll() {
  const found = findingsFor(data, state.viewer, viewOf)
  const marked = new Set(found.find(({ code }) => code === state.finding)?.places.map(({ index }) => index))
  visible = data.messages.flatMap((message, index) => {
    if (state.conversation !== '' && message.conversation !== Number(state.conversation)) return []
    if (state.finding === 'any' && viewOf(message).findings.length === 0) return []
    return state.finding === '' || state.finding === 'any' || marked.has(index) ? [index] : []
  })
  renderViewer(state.viewer, data.withKeys, viewer => change({ viewer }))
  renderFindings(found, jump, finding => change({ finding }))
  renderFilters(data, state.viewer, found, state)
  renderLanes(data.lanes, state.viewer)
  renderLadder(data, visible, state.viewer, viewOf, select)
  const left =
    data.leftOut > 0 ? ` ${count(data.leftOut, 'message')} more of the capture are left out, with their findings.` : ''
  byId('shown').textContent = `${number(visible.length)} of ${count(data.messages.length, 'message')}.${left}`
  show(
    'leaks',
    ...leakCards(
      data.conversations.filter(
        ({ number: place }) => state.conversation === '' || place === Number(state.conversation),
      ),
    ),
  )
  select(visible.includes(state.selected) ? state.selected : (visible[0] ?? null))
}

function change(settings) {
  Object.assign(state, settings)
  renderAll()
}

/** Shows a message even where a filter hides it. */
function jump(index) {
  if (!visible.includes(index)) change({ conversation: '', finding: '' })
  select(index)
  byId('ladder').focus()
}

function select(index) {
  const layer = index !== null && viewOf(data.messages[index]).plaintext !== null ? 'plaintext' : 'wire'
  Object.assign(state, { selected: index, layer, byte: null, field: null })
  markRow(index)
  renderMessage()
  renderCharts()
}

function renderMessage() {
  if (state.selected === null) {
    show('message', el('p', { class: 'muted', text: 'No message fits these filters.' }))
    return
  }
  const message = data.messages[state.selected]
  const view = viewOf(message)
  const layer = view[state.layer]
  const conversation = data.conversations.find(({ number: place }) => place === message.conversation)
  const ends = [conversation.dialler, conversation.listener].map(lane => laneName(data.lanes[lane], state.viewer))
  const [from, to] = message.side === 'dialler' ? ends : ends.toReversed()
  const title = state.layer === 'wire' ? 'Bytes on the wire' : 'Bytes that the key opened'
  const hexGrid = hexView(layer, title)
  hexGrid.addEventListener('mouseover', event => hover(event.target))
  hexGrid.addEventListener('mouseleave', () => explain(state.field, state.byte))
  hexGrid.addEventListener('click', event => {
    if (event.target.dataset.at !== undefined) chooseByte(Number(event.target.dataset.at))
  })
  hexGrid.addEventListener('keydown', event => {
    const place = byteKey(event.key, state.byte, placesOf(layer))
    if (place === null) return
    event.preventDefault()
    chooseByte(place)
  })
  hexGrid.addEventListener('focus', () => {
    if (state.byte === null && layer.size > 0) chooseByte(0)
  })
  show(
    'message',
    el('h2', {}, icon(view.state), `${message.name} `, el('small', { text: `packet ${message.packet}` })),
    el('p', {
      class: 'muted',
      text: `${from} → ${to}${message.time === null ? '' : `, after ${clock(message.time)}`}, ${count(view.wire.size, 'byte')}, ${STATES[view.state]}`,
    }),
    el('p', { class: 'says' }, el('bdi', { text: view.summary })),
    messageFindings(view),
    view.plaintext === null ? null : tabs(),
    state.layer === 'plaintext' && view.frames.length > 0 ? innerFrames(view.frames) : null,
    el('div', { class: 'bytes', id: 'bytes', role: view.plaintext === null ? null : 'tabpanel' }, hexGrid),
    el('div', { id: 'explanation', role: 'status', 'aria-live': 'polite' }),
    fieldList(layer, index => chooseField(index)),
  )
  explain(null, null)
}

function messageFindings(view) {
  const known = new Map(data.findings.map(finding => [finding.code, finding]))
  if (view.findings.length === 0) return null
  return el(
    'ul',
    { class: 'said' },
    ...view.findings.map(({ code, detail }) =>
      el(
        'li',
        {},
        el('span', { class: `badge ${known.get(code).severity}`, text: code }),
        ` ${known.get(code).text}`,
        detail === null ? null : el('bdi', { class: 'muted', text: ` (${detail})` }),
      ),
    ),
  )
}

/** The sealed bytes and the opened ones, side by side as two tabs. */
function tabs() {
  const tab = (layer, text) =>
    el('button', {
      type: 'button',
      role: 'tab',
      id: `tab-${layer}`,
      text,
      'aria-selected': String(state.layer === layer),
      'aria-controls': 'bytes',
      tabindex: state.layer === layer ? 0 : -1,
      onclick: () => chooseLayer(layer),
      onkeydown: event => {
        if (event.key === 'ArrowLeft' || event.key === 'ArrowRight')
          chooseLayer(layer === 'wire' ? 'plaintext' : 'wire')
      },
    })
  return el(
    'div',
    { role: 'tablist', class: 'tabs', 'aria-label': 'Which bytes' },
    tab('wire', 'Sealed, on the wire'),
    tab('plaintext', 'Opened'),
  )
}

function chooseLayer(layer) {
  Object.assign(state, { layer, byte: null, field: null })
  renderMessage()
  renderCharts()
  byId(`tab-${layer}`).focus()
}

function innerFrames(frames) {
  return el(
    'ul',
    { class: 'frames' },
    ...frames.map(({ name, summary, at }) =>
      el(
        'li',
        {},
        el('button', { type: 'button', class: 'jump', text: name, onclick: () => chooseByte(at) }),
        ' ',
        el('bdi', { text: summary }),
      ),
    ),
  )
}

function hover(target) {
  const { at, field } = target.dataset
  if (at !== undefined) explain(Number(field), Number(at))
}

function chooseByte(place) {
  const cell = byId(`byte-${place}`)
  if (cell === null) return
  Object.assign(state, { byte: place, field: Number(cell.dataset.field) })
  const grid = byId('hex')
  grid.querySelector('.chosen')?.classList.remove('chosen')
  cell.classList.add('chosen')
  cell.scrollIntoView({ block: 'nearest' })
  const { fields } = viewOf(data.messages[state.selected])[state.layer]
  cell.setAttribute(
    'aria-label',
    `byte ${place}, ${cell.textContent}: ${fields[state.field]?.title ?? 'between the fields'}`,
  )
  grid.setAttribute('aria-activedescendant', cell.id)
  explain(state.field, place)
}

function chooseField(index) {
  const { place } = viewOf(data.messages[state.selected])[state.layer].fields[index]
  if (place !== null && place[1] > 0 && byId(`byte-${place[0]}`) !== null) chooseByte(place[0])
  // Another field may lie inside this one and own its first byte: explain what was asked for.
  state.field = index
  explain(index, state.byte)
}

/** Explains a field and lights up its bytes; with neither field nor byte it says how to get there. */
function explain(field, byte) {
  const layer = viewOf(data.messages[state.selected])[state.layer]
  for (const lit of byId('message').querySelectorAll('.lit')) lit.classList.remove('lit')
  if (field === null) {
    show(
      'explanation',
      el('p', {
        class: 'muted',
        text: 'Point at a byte, click it, or walk there with the arrow keys: it says what it is, why it is there, and what happens if an attacker changes it.',
      }),
    )
    return
  }
  for (const part of byId('message').querySelectorAll(`[data-field="${field}"]`)) part.classList.add('lit')
  show('explanation', ...explanationOf(data, layer, field, byte))
}

function renderCharts() {
  const message = state.selected === null ? null : data.messages[state.selected]
  const layer = message === null ? null : viewOf(message)[state.layer]
  show('entropy', entropyChart(data, visible, viewOf, state.selected, select))
  show('entropy-words', ...entropyWords(data, message, layer))
  show('histogram', layer === null ? null : histogramChart(layer))
  show(
    'histogram-words',
    ...(layer === null
      ? []
      : histogramWords(message, layer, state.layer === 'wire' ? 'as it crossed the wire' : 'opened')),
  )
  renderTimeline(message)
}

/** The chosen conversation, else that of the chosen message: two of them in one picture would say nothing. */
function renderTimeline(message) {
  const shown = data.conversations.find(({ number: place }) => place === message?.conversation)
  if (shown === undefined) {
    show('timeline')
    show('timeline-words')
    return
  }
  const indices = data.messages.flatMap(({ conversation }, index) => (conversation === shown.number ? [index] : []))
  const names = [shown.dialler, shown.listener].map(lane => laneName(data.lanes[lane], state.viewer))
  const bucketed = shown.spoken === 'peer-aes/1'
  show('timeline', timelineChart(data, indices, viewOf, names, bucketed, state.selected, select))
  show(
    'timeline-words',
    el('p', {
      text: `Conversation ${shown.number}, ${names.join(' and ')}. Encryption hides what is said. Who talks, when, how often and about how much stays visible: packets need addresses, and time and size cannot be encrypted.${bucketed ? ' The lines are the buckets to which records are filled up: all texts of one bucket look the same.' : ''}`,
    }),
  )
}

const THEMES = { auto: 'Theme: as the system', light: 'Theme: light', dark: 'Theme: dark' }

function setTheme(theme) {
  document.documentElement.dataset.theme = theme
  byId('theme').textContent = THEMES[theme]
}

function nextTheme() {
  const order = Object.keys(THEMES)
  setTheme(order[(order.indexOf(document.documentElement.dataset.theme) + 1) % order.length])
}

byId('theme').addEventListener('click', nextTheme)
byId('conversation').addEventListener('change', event => change({ conversation: event.target.value }))
byId('finding').addEventListener('change', event => change({ finding: event.target.value }))
byId('ladder').addEventListener('keydown', event => {
  if (event.key === 'Enter' && state.selected !== null) {
    event.preventDefault()
    byId('hex').focus()
    return
  }
  const at =
    event.ctrlKey || event.metaKey || event.altKey
      ? null
      : ladderKey(event.key, visible.indexOf(state.selected), visible.length)
  if (at === null) return
  event.preventDefault()
  select(visible[at])
})
byId('message').addEventListener('keydown', event => {
  if (event.key === 'Escape') byId('ladder').focus()
})

setTheme('auto')
renderHead(data)
renderAll()
