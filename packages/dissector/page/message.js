import { byteKey, explanationOf, fieldList, hexView, placesOf } from './bytes.js'
import { STATES, byId, clock, count, el, icon, show } from './dom.js'

const HOW_TO =
  'Point at a byte, click it, or walk there with the arrow keys: it says what it is, why it is there, and what happens if an attacker changes it.'

/**
 * The panel of one message: its bytes, its fields, and what they mean.
 *
 * @param onLayer called with `wire` or `plaintext` when the reader turns to the other bytes
 */
export function messagePanel(data, onLayer) {
  const findings = new Map(data.findings.map(finding => [finding.code, finding]))
  let message = null
  let view = null
  let ends = ''
  let layer = 'wire'
  /** The chosen byte, and the field that is explained while the pointer is elsewhere. */
  let byte = null
  let field = null

  function render() {
    byte = null
    field = null
    const { name, packet, time } = message
    const after = time === null ? '' : `, after ${clock(time)}`
    show(
      'message',
      el('h2', {}, icon(view.state), `${name} `, el('small', { text: `packet ${packet}` })),
      el('p', { class: 'muted', text: `${ends}${after}, ${count(view.wire.size, 'byte')}, ${STATES[view.state]}` }),
      el('p', { class: 'says' }, el('bdi', { dir: 'ltr', text: view.summary })),
      said(),
      view.plaintext === null ? null : tabs(),
      layer === 'plaintext' && view.frames.length > 0 ? innerFrames() : null,
      el('div', { class: 'bytes', id: 'bytes', role: view.plaintext === null ? null : 'tabpanel' }, grid()),
      el('div', { id: 'explanation', role: 'status', 'aria-live': 'polite' }),
      fieldList(view[layer], chooseField),
    )
    explain(null, null)
  }

  /** What is to be said against this message. */
  function said() {
    if (view.findings.length === 0) return null
    return el(
      'ul',
      { class: 'said' },
      ...view.findings.map(({ code, detail }) =>
        el(
          'li',
          {},
          el('span', { class: `badge ${findings.get(code).severity}`, text: code }),
          ` ${findings.get(code).text}`,
          detail === null ? null : el('bdi', { class: 'muted', text: ` (${detail})` }),
        ),
      ),
    )
  }

  /** The sealed bytes and the opened ones. */
  function tabs() {
    const tab = (value, text) =>
      el('button', {
        type: 'button',
        role: 'tab',
        id: `tab-${value}`,
        text,
        'aria-selected': String(layer === value),
        'aria-controls': 'bytes',
        tabindex: layer === value ? 0 : -1,
        onclick: () => turnTo(value),
        onkeydown: event => {
          if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') turnTo(value === 'wire' ? 'plaintext' : 'wire')
        },
      })
    return el(
      'div',
      { role: 'tablist', class: 'tabs', 'aria-label': 'Which bytes' },
      tab('wire', 'Sealed, on the wire'),
      tab('plaintext', 'Opened'),
    )
  }

  function turnTo(value) {
    layer = value
    render()
    byId(`tab-${value}`).focus()
    onLayer(value)
  }

  function innerFrames() {
    const lines = view.frames.map(({ name, summary, at }) => {
      const jump = el('button', { type: 'button', class: 'jump', text: name, onclick: () => chooseByte(at) })
      return el('li', {}, jump, ' ', el('bdi', { dir: 'ltr', text: summary }))
    })
    return el('ul', { class: 'frames' }, ...lines)
  }

  function grid() {
    const shown = view[layer]
    const hex = hexView(shown, layer === 'wire' ? 'Bytes on the wire' : 'Bytes that the key opened')
    hex.addEventListener('mouseover', ({ target }) => {
      if (target.dataset.at !== undefined) explain(Number(target.dataset.field), Number(target.dataset.at))
    })
    hex.addEventListener('mouseleave', () => explain(field, byte))
    hex.addEventListener('click', ({ target }) => {
      if (target.dataset.at !== undefined) chooseByte(Number(target.dataset.at))
    })
    hex.addEventListener('keydown', event => {
      const place = byteKey(event.key, byte, placesOf(shown))
      if (place === null) return
      event.preventDefault()
      chooseByte(place)
    })
    hex.addEventListener('focus', () => {
      if (byte === null && hex.matches(':focus-visible')) chooseByte(0)
    })
    return hex
  }

  function chooseByte(place) {
    const cell = byId(`byte-${place}`)
    // An inner frame can begin among the bytes that the page leaves out.
    if (cell === null) return
    byte = place
    field = Number(cell.dataset.field)
    const hex = byId('hex')
    hex.querySelector('.chosen')?.classList.remove('chosen')
    cell.classList.add('chosen')
    cell.scrollIntoView({ block: 'nearest' })
    const title = view[layer].fields[field]?.title ?? 'between the fields'
    cell.setAttribute('aria-label', `byte ${place}, ${cell.textContent}: ${title}`)
    hex.setAttribute('aria-activedescendant', cell.id)
    explain(field, place)
  }

  function chooseField(index) {
    const [place, length] = view[layer].fields[index].place ?? [0, 0]
    if (length > 0 && byId(`byte-${place}`) !== null) chooseByte(place)
    else {
      field = index
      explain(index, null)
    }
  }

  /** Explains a field and lights up its bytes; -1 is the space between the fields, null is nothing. */
  function explain(index, place) {
    for (const lit of byId('message').querySelectorAll('.lit')) lit.classList.remove('lit')
    if (index === null) {
      show('explanation', el('p', { class: 'muted', text: HOW_TO }))
      return
    }
    if (index >= 0) {
      for (const part of byId('message').querySelectorAll(`[data-field="${index}"]`)) part.classList.add('lit')
    }
    show('explanation', ...explanationOf(data, view[layer], index, place))
  }

  return {
    /** @param names of the sender and the receiver */
    show(nextMessage, nextView, names) {
      message = nextMessage
      view = nextView
      ends = names.join(' → ')
      layer = view.plaintext === null ? 'wire' : 'plaintext'
      render()
    },
    clear() {
      show('message', el('p', { class: 'muted', text: 'No message fits these filters.' }))
    },
    focusBytes() {
      byId('hex')?.focus()
    },
    get layer() {
      return layer
    },
  }
}
