import { printableName } from '@p2p-secure-chat/core/terminal/printable'
import { assert, constantFrom, oneof, property, string } from 'fast-check'
import { expect, test } from 'vitest'
import { numberedName, safeFileName } from '../../src/files/file-name.ts'

test.each([
  ['photo.jpg', 'photo.jpg'],
  ['two words, (1) & ümläut.tar.gz', 'two words, (1) & ümläut.tar.gz'],
  ['家族 👨‍👩‍👧.png', '家族 👨👩👧.png'],
  ['می\u200cخواهم\u200f.txt', 'میخواهم.txt'],
  ['../../x', 'x'],
  ['/etc/passwd', 'passwd'],
  ['C:\\x', 'x'],
  ['..\\..\\boot.ini', 'boot.ini'],
  ['folder/', 'folder'],
  ['..', 'file'],
  ['.', 'file'],
  ['/', 'file'],
  ['', 'file'],
  ['   ', 'file'],
  ['.bashrc', 'bashrc'],
  ['...hidden', 'hidden'],
  ['-rf', 'rf'],
  ['--help', 'help'],
  ['. -x', 'x'],
  ['trailing. . ', 'trailing'],
  ['NUL', '_NUL'],
  ['con.txt', '_con.txt'],
  ['COM1', '_COM1'],
  ['lpt³.log', '_lpt³.log'],
  ['console.txt', 'console.txt'],
  ['a:b', 'a_b'],
  ['what?*|"<>', 'what______'],
  ['a\0b', 'a_b'],
  ['red\u001b[31m.txt', 'red_[31m.txt'],
  ['two\nlines', 'two_lines'],
  ['photo\u202egpj.exe', 'photogpj.exe'],
  ['zero\u200bwidth', 'zerowidth'],
  ['half \ud800', 'half _'],
])('%j becomes %j', (name, safe) => {
  expect(safeFileName(name)).toBe(safe)
})

test('a long name is cut before its extension, and not inside a character', () => {
  const cut = safeFileName(`${'ä'.repeat(200)}.tar`)
  expect(cut).toMatch(/^ä+\.tar$/)
  expect(Buffer.byteLength(cut)).toBe(240)
  expect(safeFileName('😀'.repeat(127))).toBe('😀'.repeat(60))
  expect(Buffer.byteLength(safeFileName(`x.${'y'.repeat(250)}`))).toBe(240)
})

test('whatever a peer calls it, it is a plain name that stays as it is', () => {
  const letters = constantFrom(...Array.from('../\\-: abNULcon1\0\u202e\u200d\ud800é👨'))
  assert(
    property(oneof(string({ unit: 'binary', maxLength: 300 }), string({ unit: letters })), name => {
      const safe = safeFileName(name)
      expect(safe).not.toMatch(/^[.\-\s]|[.\s]$|[/\\<>:"|?*]/u)
      expect(safe).not.toBe('')
      expect(printableName(safe)).toBe(safe)
      expect(Buffer.byteLength(safe)).toBeLessThanOrEqual(241)
      expect(safeFileName(safe)).toBe(safe)
      for (const nth of [1, 2, 999]) {
        const numbered = numberedName(safe, nth)
        expect(Buffer.byteLength(numbered)).toBeLessThanOrEqual(255)
        expect(safeFileName(numbered).slice(-4)).toBe(numbered.slice(-4))
      }
    }),
  )
})

test('a taken name gets a number before its extension', () => {
  expect(numberedName('photo.jpg', 1)).toBe('photo.jpg')
  expect(numberedName('photo.jpg', 2)).toBe('photo (2).jpg')
  expect(numberedName('README', 3)).toBe('README (3)')
})
