import { expect, test } from 'vitest'
import { hostFor } from '../../src/directory/directory-session.ts'

const LOOPBACK = ['127.0.0.1', '127.8.9.10', '::1']

test('somebody beyond this machine never gets a loopback address, but the one at which they reached us', () => {
  for (const host of LOOPBACK) {
    expect(hostFor({ host: '192.0.2.7', reachedUs: '192.0.2.1' }, host)).toBe('192.0.2.1')
    expect(hostFor({ host: '2001:db8::7', reachedUs: '2001:db8::1' }, host)).toBe('2001:db8::1')
  }
})

test('users of this machine meet on its loopback', () => {
  for (const host of LOOPBACK) expect(hostFor({ host: '127.0.0.1', reachedUs: '127.0.0.1' }, host)).toBe(host)
})

test('the address of anybody else is given as the directory sees it', () => {
  for (const asker of ['127.0.0.1', '192.0.2.7']) {
    expect(hostFor({ host: asker, reachedUs: '192.0.2.1' }, '192.0.2.9')).toBe('192.0.2.9')
  }
})
