// Secrets and personal data: what must be found, and what looks like it and is none. Made in pieces, so that no scanner takes them for real.
import { describe, expect, test } from 'vitest'
import { entropyOf, findSecrets, luhn } from '../../../src/core/pipeline/curation/secrets.ts'
import { candidate, funnel } from '../../support/candidates.ts'
import { agent, environment, user } from '../../support/turns.ts'

const kinds = (text: string): string[] => findSecrets(text).map(({ kind }) => kind)
const NOISE = 'q7Zr2LxV9bTnK4mWc8Hs'

describe('found', () => {
  test.each([
    ['key', `AWS_ACCESS_KEY_ID=${'AK' + 'IA'}Q7ZR2LXV9BTNK4MW`],
    ['key', `token ${'gh' + 'p_'}${NOISE}${NOISE.slice(0, 16)}`],
    ['key', `OPENAI ${'s' + 'k-'}proj-${NOISE}`],
    ['key', `${'h' + 'f_'}${NOISE.repeat(2).slice(0, 34)}`],
    ['key', `api_key = "${NOISE}"`],
    ['key', `{"password": "${NOISE}"}`],
    ['key', `Authorization: Bearer ${NOISE}${NOISE}`],
    ['key', `${'ey' + 'J'}hbGciOiJIUzI1NiJ9.${'ey' + 'J'}zdWIiOiIxMjM0NTY3.${NOISE}`],
    ['private-key', `-----BEGIN ${'RSA PRIV' + 'ATE KEY'}-----\nMII`],
    ['card', 'card 4539 1488 0343 6467, thanks'],
    ['card', 'Pay with 4539148803436467.'],
    ['card', 'Amex 3714-496353-98456'],
    ['card', '4539 1488 0343 6467, expires 04/27'],
    ['card-form', '4539148803436467'],
    ['card-form', '4539 1488 0343 6467 copies'],
    ['email', 'write to ada.l+x@maths.co.uk today'],
    ['phone', 'call +44 20 7946 0958 now'],
    ['phone', 'call (415) 867-5309'],
    ['phone', '415-867-5309'],
    ['ip', 'from 8.8.4.4 port 22'],
    ['ip', 'host 2a00:1450:4001:0831:0000:0000:0000:200e'],
    ['home-path', '/home/adalovelace/notes.txt'],
    ['home-path', String.raw`C:\Users\Ada\notes`],
  ])('%s', (kind, text) => expect(kinds(text)).toEqual([kind]))
})

describe('not taken for one', () => {
  test.each([
    ['a placeholder key', `${'s' + 'k-'}xxxxxxxxxxxxxxxxxxxxxxxx1`],
    ['a key of a manual', `${'AK' + 'IA'}IOSFODNN7EXAMPLE`],
    ['a name where a secret could stand', 'password = process.env.DATABASE_PASSWORD'],
    ['a sentence about tokens', 'token: the_first_token_of_sequences'],
    ['a long number without a check digit', '4539148803436468'],
    ['a test card', '4242 4242 4242 4242'],
    ['digits of pi', '3.14159265358979323846'],
    ['a number with groups', '4,539,148,803,436,467'],
    ['a year range', '1990-2004, 2010-2015'],
    ['an ISBN', 'ISBN 978-0-306-40615-7'],
    ['a sum', '415 + 867 - 5309'],
    ['a version', 'version 10.15.7.3'],
    ['a user agent', 'Chrome/91.0.4472.124'],
    ['this machine', '127.0.0.1, 192.168.1.7, 10.2.3.4, 0.0.0.0'],
    ['an address for documents', '203.0.113.7 and 2001:db8:0:0:0:0:0:1'],
    ['numbers of parts', 'section 12.3.4.5, Fig. 8.8.4.4, § 8.8.4.4 and item 9.8.4.4'],
    ['no address', '999.1.2.3 and 1.2.3.4.5'],
    ['an address of nobody', 'someone@example.com, x@y.test'],
    ['a repository', 'git@github.com:a/b.git'],
    ['a decorator', '@property def x'],
    ['a number for fiction', '(212) 555-0123'],
    ['a folder of nobody', '/home/user/x and /Users/Shared'],
    ['a time', '12:30:45 to 13:30:00'],
    ['an HotpotQA observation', 'Observation: He was born on 23 September 1965 (age 57) and won 4,000,000 in 2004-05.'],
  ])('%s', (_, text) => expect(findSecrets(text)).toEqual([]))
})

test('places are exact, in order, and do not overlap', () => {
  const text = `mail bob@maths.org, key ${'s' + 'k-'}${NOISE}, from 8.8.4.4`
  expect(findSecrets(text).map(({ kind, start, end }) => [kind, text.slice(start, end)])).toEqual([['email', 'bob@maths.org'], ['key', `${'s' + 'k-'}${NOISE}`], ['ip', '8.8.4.4']])
})

test('Luhn by the standard’s example, and entropy by its definition', () => {
  expect([luhn('79927398713'), luhn('79927398710')]).toEqual([true, false])
  expect([entropyOf('aaaa'), entropyOf('abab'), entropyOf('abcdefgh')]).toEqual([0, 1, 3])
})

test('keys reject, an address is noted, and the report holds neither', async () => {
  const secret = `${'s' + 'k-'}${NOISE}`
  const all = [
    candidate([user('q'), agent(`Thought: key ${secret}\nAction: search[a]`), environment('mail bob@maths.org'), agent('Thought: x\nAction: finish[y]')]),
    candidate([user('q'), agent('Thought: x\nAction: search[a]'), environment('mail bob@maths.org'), agent('Thought: x\nAction: finish[y]')]),
  ]
  const found = await funnel(['secrets'], all)
  expect(found.rejected).toEqual([{ id: all[0]!.trajectory.id, filter: 'secrets', reason: 'a secret key', detail: 'a secret key in turn 2, characters 13 to 36' }])
  expect(found.flagged).toEqual([{ id: all[1]!.trajectory.id, filter: 'secrets', reason: 'an e-mail address', detail: 'an e-mail address in turn 3, characters 5 to 18' }])
  expect(JSON.stringify(found.rejected) + JSON.stringify(found.rows)).not.toContain(NOISE)
  const strict = await funnel(['secrets'], all, { settings: { secrets: { reject: ['email'], flag: [] } } })
  expect([strict.rejected.length, strict.flagged.length]).toEqual([2, 0])
})
