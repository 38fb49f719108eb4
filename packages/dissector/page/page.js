import { entropyChart, entropyWords, histogramChart, histogramWords, markDots, timelineChart } from './charts.js'
import { byId, count, el, number, show } from './dom.js'
import { findingsFor, renderFindings, renderHead, renderViewer } from './head.js'
import { ladderKey, laneName, markRow, renderFilters, renderLadder, renderLanes } from './ladder.js'
import { leakCards } from './leaks.js'
import { messagePanel } from './message.js'

const data = JSON.parse(byId('data').textContent)
const conversations = new Map(data.conversations.map(conversation => [conversation.number, conversation]))

const state = {
  viewer: data.withKeys ? 'keyHolder' : 'eavesdropper',
  /** The number of the conversation that is shown, as text; empty for all. */
  conversation: '',
  /** A code, `any`, or empty for all messages. */
  finding: '',
  /** Place of the chosen message in data.messages; null where none is shown. */
  selected: null,
}

/** Places of the messages that the filters let through. */
let visible = []

/** The conversation whose timeline is drawn. */
let timed = null

const panel = messagePanel(data, renderLayer)

const viewOf = message => (state.viewer === 'keyHolder' && message.keyHolder) || message.eavesdropper

/** Who speaks and who is spoken to, as this viewer calls them. */
const namesOf = ({ dialler, listener }) => [dialler, listener].map(lane => laneName(data.lanes[lane], state.viewer))

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
  const more = data.leftOut > 0 ? ` ${count(data.leftOut, 'message')} more are left out, with their findings.` : ''
  byId('shown').textContent = `${number(visible.length)} of ${count(data.messages.length, 'message')}.${more}`
  const shown = data.conversations.filter(talk => ['', String(talk.number)].includes(state.conversation))
  show('leaks', ...leakCards(shown))
  show('entropy', entropyChart(data, visible, viewOf, select))
  timed = null
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
  state.selected = index
  markRow(index)
  if (index === null) {
    panel.clear()
    for (const id of ['entropy-words', 'histogram', 'histogram-words', 'timeline', 'timeline-words']) show(id)
    return
  }
  const message = data.messages[index]
  const conversation = conversations.get(message.conversation)
  const names = namesOf(conversation)
  panel.show(message, viewOf(message), message.side === 'dialler' ? names : names.toReversed())
  renderLayer()
  if (timed !== conversation) renderTimeline(conversation)
  timed = conversation
  markDots(index)
}

/** What the charts say of the bytes that the panel shows. */
function renderLayer() {
  const message = data.messages[state.selected]
  const layer = viewOf(message)[panel.layer]
  show('entropy-words', ...entropyWords(message, layer))
  show('histogram', histogramChart(layer))
  show('histogram-words', ...histogramWords(message, layer, panel.layer))
}

/** Sizes of the conversation of the chosen message: two conversations in one picture would say nothing. */
function renderTimeline(conversation) {
  const indices = data.messages.flatMap((message, index) =>
    message.conversation === conversation.number ? [index] : [],
  )
  const names = namesOf(conversation)
  const bucketed = conversation.spoken === 'peer-aes/1'
  show('timeline', timelineChart(data, indices, viewOf, names, bucketed, select))
  const buckets = ' The lines are the buckets to which records are filled up: all texts of one bucket look the same.'
  show(
    'timeline-words',
    el('p', {
      text: `Conversation ${conversation.number}, ${names.join(' and ')}. Encryption hides what is said. Who talks, when, how often and about how much stays visible: packets need addresses, and nothing hides when they pass and how long they are.${bucketed ? buckets : ''}`,
    }),
  )
}

const THEMES = { auto: 'Theme: as the system', light: 'Theme: light', dark: 'Theme: dark' }

function setTheme(theme) {
  document.documentElement.dataset.theme = theme
  byId('theme').textContent = THEMES[theme]
}

byId('theme').addEventListener('click', () => {
  const order = Object.keys(THEMES)
  setTheme(order[(order.indexOf(document.documentElement.dataset.theme) + 1) % order.length])
})
byId('conversation').addEventListener('change', ({ target }) => change({ conversation: target.value }))
byId('finding').addEventListener('change', ({ target }) => change({ finding: target.value }))
byId('ladder').addEventListener('keydown', event => {
  if (event.ctrlKey || event.metaKey || event.altKey) return
  const at = ladderKey(event.key, visible.indexOf(state.selected), visible.length)
  if (event.key === 'Enter') panel.focusBytes()
  else if (at !== null) select(visible[at])
  else return
  event.preventDefault()
})
byId('message').addEventListener('keydown', ({ key }) => {
  if (key === 'Escape') byId('ladder').focus()
})

setTheme('auto')
renderHead(data)
renderAll()
