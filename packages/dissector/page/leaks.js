import { el, number } from './dom.js'

/** What somebody learns of each conversation who has no key. */
export function leakCards(conversations) {
  return conversations.map(({ number: place, spoken, leaks }) =>
    el(
      'article',
      { class: 'panel leak' },
      el('h3', {}, `Conversation ${place}`, el('code', { text: spoken ?? 'unknown' })),
      el('ul', {}, ...leaks.facts.map(text => el('li', { text }))),
      leaks.sizes.length === 0
        ? null
        : el(
            'div',
            { class: 'table' },
            el(
              'table',
              {},
              el(
                'thead',
                {},
                el(
                  'tr',
                  {},
                  ...['Bytes on the wire', 'Records', 'What that can be'].map(text => el('th', { scope: 'col', text })),
                ),
              ),
              el(
                'tbody',
                {},
                ...leaks.sizes.map(({ size, count: times, means }) =>
                  el(
                    'tr',
                    {},
                    el('td', { text: number(size) }),
                    el('td', { text: number(times) }),
                    el('td', { text: means }),
                  ),
                ),
              ),
            ),
          ),
    ),
  )
}
