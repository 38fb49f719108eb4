import { count, el, hex, piecesOf } from './dom.js'

const BYTES_IN_ROW = 16

/** Colours of neighbouring fields; see --band-0 and the others in page.css. */
const BANDS = 8

/** Which field each byte belongs to: a function from the place of a byte to the index of its field, -1 for none. */
function ownersOf({ fields }) {
  return at => fields.findIndex(({ place }) => place !== null && at >= place[0] && at < place[0] + place[1])
}

const bandOf = index => (index < 0 ? 'none' : String(index % BANDS))

const printableByte = byte => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·')

/** The bytes as hex and as characters, 16 in a row. */
export function hexView(layer, title) {
  const owner = ownersOf(layer)
  const rows = []
  let end = 0
  for (const { at, bytes } of piecesOf(layer)) {
    if (at > end) {
      rows.push(
        el(
          'div',
          { class: 'hole', role: 'row' },
          el('span', { role: 'gridcell', text: `${count(at - end, 'byte')} not in this page` }),
        ),
      )
    }
    for (let start = 0; start < bytes.length; start += BYTES_IN_ROW) {
      const row = [...bytes.subarray(start, start + BYTES_IN_ROW)].map((byte, column) => {
        const place = at + start + column
        return { byte, place, field: owner(place) }
      })
      const cell =
        (kind, text) =>
        ({ byte, place, field }) =>
          el('span', {
            class: `${kind} band-${bandOf(field)}`,
            text: text(byte),
            'data-at': place,
            'data-field': field,
            role: kind === 'byte' ? 'gridcell' : null,
            id: kind === 'byte' ? `byte-${place}` : null,
            'aria-hidden': kind === 'byte' ? null : true,
          })
      rows.push(
        el(
          'div',
          { class: 'hexrow', role: 'row' },
          el('span', { class: 'offset', text: hex(at + start, 4), role: 'rowheader' }),
          el('span', { class: 'cells', role: 'presentation' }, ...row.map(cell('byte', byte => hex(byte, 2)))),
          el('span', { class: 'chars', 'aria-hidden': true }, ...row.map(cell('char', printableByte))),
        ),
      )
    }
    end = at + bytes.length
  }
  return el('div', { class: 'hex', id: 'hex', role: 'grid', tabindex: 0, 'aria-label': title }, ...rows)
}

/** The bytes that the page has, in order. */
export const placesOf = layer => piecesOf(layer).flatMap(({ at, bytes }) => Array.from(bytes, (_, index) => at + index))

export function byteKey(key, at, places) {
  const steps = {
    ArrowRight: 1,
    ArrowLeft: -1,
    ArrowDown: BYTES_IN_ROW,
    ArrowUp: -BYTES_IN_ROW,
    Home: -places.length,
    End: places.length,
  }
  if (!Object.hasOwn(steps, key) || places.length === 0) return null
  const from = places.indexOf(at)
  return places[from < 0 ? 0 : Math.min(places.length - 1, Math.max(0, from + steps[key]))]
}

/** The fields as a list, those without a place as well. */
export function fieldList(layer, onChoose) {
  return el(
    'ul',
    { class: 'fields' },
    ...layer.fields.map((field, index) =>
      el(
        'li',
        {},
        el(
          'button',
          { type: 'button', 'data-field': index, onclick: () => onChoose(index) },
          el('span', { class: `swatch band-${bandOf(field.place === null ? -1 : index)}`, 'aria-hidden': true }),
          el('span', { class: 'title', text: field.title }),
          el('bdi', { class: 'value', text: field.value }),
        ),
      ),
    ),
  )
}

function whereIs(place) {
  if (place === null) return 'Computed, not on the wire'
  const [at, length] = place
  if (length === 0) return `Empty, before byte ${at}`
  return length === 1 ? `Byte ${at}` : `Bytes ${at} to ${at + length - 1}, ${count(length, 'byte')}`
}

/** What a field is, why it is there, what follows when somebody changes it. */
export function explanationOf(data, layer, index, byte) {
  const field = layer.fields[index]
  const lesson = data.lessons[field?.lesson ?? data.syntax]
  const where = field ? whereIs(field.place) : `Byte ${byte}`
  return [
    el('h3', {}, el('span', { class: 'title', text: field?.title ?? 'Between the fields' })),
    el('p', { class: 'muted' }, where, field ? el('code', { text: `p2pc.${field.name}` }) : null),
    field ? el('p', { class: 'value' }, el('bdi', { text: field.value })) : null,
    el(
      'dl',
      {},
      el('dt', { text: 'What it is' }),
      el('dd', { text: lesson.what }),
      el('dt', { text: 'Why it is there' }),
      el('dd', { text: lesson.why }),
      el('dt', { class: 'danger', text: 'If an attacker changes it' }),
      el('dd', { text: lesson.ifChanged }),
    ),
  ].filter(part => part !== null)
}
