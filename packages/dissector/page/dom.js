/**
 * Makes an element. Whatever is text goes in as text: nothing on this page is ever parsed as markup.
 * Properties: `class`, `text`, `onclick` and the like, `style` as an object; all others are attributes, null for none.
 */
export function el(tag, properties = {}, ...children) {
  return fill(document.createElement(tag), properties, children)
}

export function svg(tag, properties = {}, ...children) {
  return fill(document.createElementNS('http://www.w3.org/2000/svg', tag), properties, children)
}

export function fill(element, properties, children) {
  for (const [key, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue
    if (key === 'text') element.textContent = value
    else if (key === 'style') for (const [name, set] of Object.entries(value)) element.style.setProperty(name, set)
    else if (key.startsWith('on')) element.addEventListener(key.slice(2), value)
    else element.setAttribute(key, value === true ? '' : String(value))
  }
  element.append(...children.filter(child => child !== null))
  return element
}

export const byId = id => document.getElementById(id)

export const show = (id, ...children) => byId(id).replaceChildren(...children.filter(child => child !== null))

const ICONS = {
  open: 'M3 7h10v8H3zM5 7V4.5a3 3 0 0 1 5.8-1',
  sealed: 'M3 7h10v8H3zM5 7V4.5a3 3 0 0 1 6 0V7',
  opened: 'M5 8.5a3 3 0 1 0 0 .1M8 8.5h7M12.5 8.5v3M15 8.5v2',
}

/** A lock that is open, a lock that is closed, a key. */
export function icon(state) {
  return svg(
    'svg',
    { class: `icon ${state}`, viewBox: '0 0 16 16', 'aria-hidden': true },
    svg('path', {
      d: ICONS[state],
      fill: 'none',
      stroke: 'currentColor',
      'stroke-width': 1.6,
      'stroke-linecap': 'round',
    }),
  )
}

export const STATES = {
  open: 'open: anybody on the path can read it',
  sealed: 'sealed: nobody without the key can read it',
  opened: 'sealed on the wire, opened with the key log',
}

export const number = value => value.toLocaleString('en')

export const count = (value, noun) => `${number(value)} ${noun}${value === 1 ? '' : 's'}`

export const hex = (value, digits) => value.toString(16).padStart(digits, '0')

/** Milliseconds from the beginning. */
export const clock = time => (time === null ? '' : `${(time / 1000).toFixed(3)} s`)

/** The bytes of a layer: runs of them, each with its place. */
export function piecesOf(layer) {
  return layer.pieces.map(({ at, data }) => ({ at, bytes: Uint8Array.from(atob(data), char => char.charCodeAt(0)) }))
}
