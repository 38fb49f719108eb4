import { count, el, hex, number, piecesOf, svg } from './dom.js'

const CHART = { width: 720, height: 340, left: 52, right: 16, top: 16, bottom: 44 }

/** Time needs more room. */
const TIMELINE = { ...CHART, width: 1300, height: 400, top: 28, bottom: 62 }

/** A drawing area with a scale in each direction; both take values and give places. */
function chart(title, { width, height, left, right, top, bottom }, x, y, marks, ...children) {
  const text = (properties, words) => svg('text', { ...properties, text: words })
  return svg(
    'svg',
    { class: 'chart', viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': title },
    ...marks.y.map(([value, words]) =>
      svg(
        'g',
        {},
        svg('line', { class: 'grid', x1: left, x2: width - right, y1: y(value), y2: y(value) }),
        text({ x: left - 8, y: y(value) + 4, 'text-anchor': 'end' }, words),
      ),
    ),
    ...marks.x.map(([value, words]) => text({ x: x(value), y: height - 26, 'text-anchor': 'middle' }, words)),
    text({ class: 'axis', x: (left + width - right) / 2, y: height - 6, 'text-anchor': 'middle' }, marks.below),
    text(
      {
        class: 'axis',
        x: 14,
        y: (top + height - bottom) / 2,
        'text-anchor': 'middle',
        transform: `rotate(-90 14 ${(top + height - bottom) / 2})`,
      },
      marks.beside,
    ),
    ...children,
  )
}

const scale = (from, to, start, end) => value => start + ((value - from) / (to - from || 1)) * (end - start)

/** A dot for what is open, a square for what is sealed, a ring for what a key opened. */
function mark(kind, x, y, properties, title) {
  const shape =
    kind === 'sealed'
      ? svg('rect', { x: x - 4, y: y - 4, width: 8, height: 8, class: kind, ...properties })
      : svg('circle', { cx: x, cy: y, r: 4.5, class: kind, ...properties })
  shape.append(svg('title', { text: title }))
  return shape
}

const sizeMarks = sizes => sizes.map(size => [size, size >= 1024 ? `${size / 1024} KiB` : String(size)])

/** Marks this message in all charts. */
export function markDots(index) {
  for (const dot of document.querySelectorAll('[data-selected]')) dot.removeAttribute('data-selected')
  for (const dot of document.querySelectorAll(`[data-message="${index}"]`)) dot.setAttribute('data-selected', '')
}

/** Entropy against size: what is sealed lies on the curve of random bytes, what is open below it. */
export function entropyChart(data, indices, viewOf, onSelect) {
  const { width, height, left, right, top, bottom } = CHART
  const largest = Math.max(128, ...indices.map(index => viewOf(data.messages[index]).wire.measured))
  const across = scale(2, Math.log2(largest * 1.2), left, width - right)
  const x = size => across(Math.log2(Math.max(4, size)))
  const y = scale(0, 8, height - bottom, top)
  const curve = data.expectation.filter(([size]) => size <= largest * 1.2)
  const dots = indices.flatMap(index => {
    const message = data.messages[index]
    const { state, wire, plaintext } = viewOf(message)
    const words = (layer, kind) =>
      `packet ${message.packet}, ${message.name}, ${kind}: ${layer.entropy.toFixed(2)} bits per byte in ${count(layer.measured, 'byte')}`
    const properties = { 'data-message': index, onclick: () => onSelect(index) }
    if (wire.measured === 0) return []
    const kind = state === 'open' ? 'open' : 'sealed'
    const outside = mark(kind, x(wire.measured), y(wire.entropy), properties, words(wire, 'on the wire'))
    if (plaintext === null || plaintext.measured === 0) return [outside]
    return [
      svg('line', {
        class: 'link',
        x1: x(wire.measured),
        y1: y(wire.entropy),
        x2: x(plaintext.measured),
        y2: y(plaintext.entropy),
      }),
      outside,
      mark('opened', x(plaintext.measured), y(plaintext.entropy), properties, words(plaintext, 'opened')),
    ]
  })
  return chart(
    'Entropy of each message against its size, with the curve that random bytes follow',
    CHART,
    x,
    y,
    {
      x: sizeMarks([4, 16, 64, 256, 1024, 4096, 16384, 65536].filter(size => size <= largest * 1.2)),
      y: [0, 2, 4, 6, 8].map(bits => [bits, String(bits)]),
      below: 'Bytes in the message, without its header',
      beside: 'Bits per byte',
    },
    svg('polyline', { class: 'curve', points: curve.map(([size, bits]) => `${x(size)},${y(bits)}`).join(' ') }),
    ...dots,
  )
}

export function entropyWords(message, layer) {
  const share = layer.expected > 0 ? Math.round((100 * layer.entropy) / layer.expected) : null
  return [
    el(
      'p',
      { class: 'legend' },
      el('span', { class: 'key open', text: 'open' }),
      el('span', { class: 'key sealed', text: 'sealed, on the wire' }),
      el('span', { class: 'key opened', text: 'opened by the key log' }),
      el('span', { class: 'key curve', text: 'random bytes, on average' }),
    ),
    message === null || layer.measured === 0
      ? null
      : el('p', {
          text: `Packet ${message.packet}: ${layer.entropy.toFixed(2)} bits per byte in ${count(layer.measured, 'byte')}. As many random bytes show ${layer.expected.toFixed(2)} on average${share === null ? '' : `, so this is ${share} % of it`}.`,
        }),
    el('p', {
      class: 'muted',
      text: 'The curve lies below 8 because few bytes cannot show many values: 64 bytes have at most 64 different ones, so at most 6 bits. Compare a dot with the curve at its own size, never with 8. High entropy is no proof of encryption: compressed data and hex digits of a key are no secret.',
    }),
  ].filter(part => part !== null)
}

/** How often each of the 256 values occurs among the bytes of this layer. */
export function histogramChart(layer) {
  const counts = Array.from({ length: 256 }, () => 0)
  for (const { bytes } of piecesOf(layer)) for (const byte of bytes) counts[byte] += 1
  const { width, height, left, right, top, bottom } = CHART
  const most = Math.max(4, ...counts)
  const x = scale(0, 256, left, width - right)
  const y = scale(0, most, height - bottom, top)
  const half = Math.ceil(most / 2)
  return chart(
    'How often each byte value occurs',
    CHART,
    x,
    y,
    {
      x: [0, 32, 64, 96, 128, 160, 192, 224, 255].map(value => [value, `0x${hex(value, 2)}`]),
      y: [0, half, most].map(value => [value, String(value)]),
      below: 'Value of the byte',
      beside: 'Times',
    },
    ...counts.map((times, value) =>
      svg(
        'rect',
        { class: 'bar', x: x(value), width: 2, y: y(times), height: y(0) - y(times) },
        svg('title', { text: `0x${hex(value, 2)}: ${count(times, 'time')}` }),
      ),
    ),
  )
}

export function histogramWords(message, layer, which) {
  const kind = which === 'wire' ? 'as it crossed the wire' : 'opened'
  const kept = piecesOf(layer).reduce((sum, { bytes }) => sum + bytes.length, 0)
  const part =
    kept < layer.size ? ` Of its ${number(layer.size)} bytes this page has ${number(kept)}, and counts these.` : ''
  return [
    el('p', {
      text: `The bytes of packet ${message.packet}, ${kind}.${part} Open messages crowd around the letters (0x61 to 0x7a) and the digits; zeros fill up a batch. What is sealed is spread evenly, as far as so few bytes can be.`,
    }),
  ]
}

/** What a record of peer-aes/1 adds to its bucket. */
const AES_OVERHEAD = 69

/** Size against time: one direction above the line, the other below. */
export function timelineChart(data, indices, viewOf, names, bucketed, onSelect) {
  const { width, height, left, right, top, bottom } = TIMELINE
  const timed = indices.filter(index => data.messages[index].time !== null)
  const times = timed.map(index => data.messages[index].time / 1000)
  const [from, to] = [Math.min(...times), Math.max(...times)]
  const largest = Math.max(64, ...timed.map(index => viewOf(data.messages[index]).wire.size))
  const reach = Math.log2(largest * 1.3)
  const middle = (top + height - bottom) / 2
  const least = bucketed ? 16 : 4
  const up = scale(Math.log2(least), reach, middle, top)
  const x = scale(from, to === from ? from + 1 : to, left + 10, width - right - 10)
  const y = signed => {
    const place = up(Math.log2(Math.max(least, Math.abs(signed))))
    return signed < 0 ? 2 * middle - place : place
  }
  const named = bucketed ? [64, 128, 256, 512, 1024, 2048, 4096, 16384, 65536] : [16, 64, 256, 1024, 4096, 16384, 65536]
  const lines = named
    .map(size => ({ size: size + (bucketed ? AES_OVERHEAD : 0), words: String(size) }))
    .filter(({ size }) => size <= largest * 1.3)
  const digits = Math.min(6, Math.max(0, Math.ceil(1 - Math.log10((to - from) / 5 || 1))))
  const ticks = Array.from({ length: 6 }, (_, step) => from + ((to - from) * step) / 5)
  const [one, other] = names
  return chart(
    'Size of each message against time, one direction above the line and the other below',
    TIMELINE,
    x,
    y,
    {
      x: times.length === 0 ? [] : ticks.map(time => [time, `${time.toFixed(digits)} s`]),
      y: lines.flatMap(({ size, words }) => [
        [size, words],
        [-size, words],
      ]),
      below: 'Seconds since the first packet',
      beside: bucketed ? 'Bucket, bytes' : 'Bytes on the wire',
    },
    svg('line', { class: 'middle', x1: left, x2: width - right, y1: middle, y2: middle }),
    ...timed.flatMap(index => {
      const message = data.messages[index]
      const { state, wire } = viewOf(message)
      const signed = message.side === 'dialler' ? wire.size : -wire.size
      const place = x(message.time / 1000)
      return [
        svg('line', { class: `stem ${state}`, x1: place, x2: place, y1: middle, y2: y(signed) }),
        mark(
          state === 'open' ? 'open' : 'sealed',
          place,
          y(signed),
          { 'data-message': index, onclick: () => onSelect(index) },
          `packet ${message.packet}, ${message.name}: ${count(wire.size, 'byte')}`,
        ),
      ]
    }),
    svg('text', { class: 'direction', x: left + 8, y: top - 8, text: `↑ ${one} → ${other}` }),
    svg('text', { class: 'direction', x: left + 8, y: height - bottom + 16, text: `↓ ${other} → ${one}` }),
  )
}
