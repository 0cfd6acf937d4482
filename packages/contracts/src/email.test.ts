import { describe, expect, it } from 'vitest'
import { checkEmail, EMAIL_PROBLEM_TEXTS, type EmailProblem, senderHeader } from './email.ts'
import { emailAddress } from './scalars.ts'

const long = (length: number) => 'a'.repeat(length)
/** Builds an address whose domain has this many characters. */
const withDomainOf = (length: number) => `a@${`${long(63)}.`.repeat(4).slice(0, length - 3)}.de`

describe('is accepted, with its domain in DNS form', () => {
  it.each([
    ['r&d@example.com', 'r&d@example.com'],
    ['a!b@example.com', 'a!b@example.com'],
    ['a#b@example.com', 'a#b@example.com'],
    ['a/b=c@example.com', 'a/b=c@example.com'],
    ["o'hara.{x}|~`^?*%$+-_@example.com", "o'hara.{x}|~`^?*%$+-_@example.com"],
    ['Ann.Lee@EXAMPLE.Com', 'Ann.Lee@example.com'],
    ['a@müller.example', 'a@xn--mller-kva.example'],
    ['a@MÜLLER.example', 'a@xn--mller-kva.example'],
    ['a@XN--MLLER-KVA.example', 'a@xn--mller-kva.example'],
    ['a@faß.example', 'a@xn--fa-hia.example'],
    ['a@почта.рф', 'a@xn--80a1acny.xn--p1ai'],
    ['a@xn--80a1acny.xn--p1ai', 'a@xn--80a1acny.xn--p1ai'],
    ['a@例え.テスト', 'a@xn--r8jz45g.xn--zckzah'],
    ['a@भारत.भारत', 'a@xn--h2brj9c.xn--h2brj9c'],
    ['a@사례.한국', 'a@xn--9n2b17m.xn--3e0b707e'],
    ['a@例え。テスト', 'a@xn--r8jz45g.xn--zckzah'],
    [`${long(64)}@example.com`, `${long(64)}@example.com`],
    [`a@${long(63)}.de`, `a@${long(63)}.de`],
  ])('%s', (typed, address) => {
    expect(checkEmail(typed)).toEqual({ kind: 'address', address })
    expect(emailAddress.parse(typed)).toBe(address)
    // One app validates what another has already validated: the form must be stable.
    expect(emailAddress.parse(address)).toBe(address)
  })
})

describe('is rejected', () => {
  const rejected: [string, EmailProblem][] = [
    ['', 'no-at'],
    ['a', 'no-at'],
    ['@example.com', 'no-at'],
    ['a@b@example.com', 'no-at'],
    ['a@example.com\r\nBcc: b@example.com', 'no-at'],
    ['a\r\n@example.com', 'local-part'],
    ['a\0@example.com', 'local-part'],
    ['a\t@example.com', 'local-part'],
    [' a@example.com', 'local-part'],
    ['"a b"@example.com', 'local-part'],
    ['a(comment)@example.com', 'local-part'],
    ['<a@example.com>', 'local-part'],
    ['a,b@example.com', 'local-part'],
    ['a:b;@example.com', 'local-part'],
    ['a\\b@example.com', 'local-part'],
    ['a..b@example.com', 'local-part'],
    ['.a@example.com', 'local-part'],
    ['a.@example.com', 'local-part'],
    ['müller@example.com', 'local-not-ascii'],
    ['почта@почта.рф', 'local-not-ascii'],
    ['a\u00a0@example.com', 'local-not-ascii'],
    ['a@', 'domain'],
    ['a@localhost', 'domain'],
    ['a@example.com ', 'domain'],
    ['a@example.com\n', 'domain'],
    ['a@exam\tple.com', 'domain'],
    ['a@example.com\0', 'domain'],
    ['a@example.com.', 'domain'],
    ['a@example..com', 'domain'],
    ['a@-example.com', 'domain'],
    ['a@example-.com', 'domain'],
    ['a@exam_ple.com', 'domain'],
    ['a@example.com>', 'domain'],
    ['a@example.com/x', 'domain'],
    ['a@example.com:25', 'domain'],
    ['a@ex%61mple.com', 'domain'],
    ['a@[127.0.0.1]', 'domain'],
    ['a@127.0.0.1', 'domain'],
    ['a@１２７.０.０.１', 'domain'],
    ['a@example.1', 'domain'],
    ['a@℀.example', 'domain'],
    ['a@\ud800.example', 'domain'],
    ['a@example.com\u2028', 'domain'],
    [`a@${long(64)}.de`, 'domain'],
    [`${long(65)}@example.com`, 'too-long'],
    [`a@${'b.'.repeat(126)}de`, 'too-long'],
    [`a@${'ü.'.repeat(100)}de`, 'domain'],
  ]
  it.each(rejected)('%j', (typed, problem) => {
    expect(checkEmail(typed)).toEqual({ kind: problem })
    const parsed = emailAddress.safeParse(typed)
    expect(parsed.error?.issues.map(({ message }) => message)).toEqual([EMAIL_PROBLEM_TEXTS[problem]])
  })

  it.each([undefined, null, 7, ['a@example.com'], { address: 'a@example.com' }])(
    '%j, which is not a string',
    (value) => {
      expect(emailAddress.safeParse(value).success).toBe(false)
    },
  )
})

it('the whole address has at most 254 characters, with its domain in ASCII', () => {
  expect(checkEmail(withDomainOf(252)).kind).toBe('address')
  expect(checkEmail(withDomainOf(253)).kind).toBe('too-long')
  // 45 labels of two characters in Unicode are 45 of eight or more in ASCII.
  expect(checkEmail(`a@${'üx.'.repeat(45)}de`)).toEqual({ kind: 'domain' })
})

describe('a sender', () => {
  it.each([
    ['Floodgate <orders@floodgate.invalid>', '"Floodgate" <orders@floodgate.invalid>'],
    ['"Tickets, GmbH" <orders@Müller.example>', '"Tickets, GmbH" <orders@xn--mller-kva.example>'],
    ['Frühling & Söhne <r&d@example.com>', '"Frühling & Söhne" <r&d@example.com>'],
    [' orders@example.com ', 'orders@example.com'],
    ['<orders@example.com>', 'orders@example.com'],
  ])('%s', (typed, header) => {
    expect(senderHeader(typed)).toBe(header)
  })
  it.each([
    '',
    'Floodgate',
    'Floodgate <>',
    'Floodgate <orders>',
    'a@example.com, b@example.com',
    'A <a@example.com>, B <b@example.com>',
    'A\r\nBcc: b@example.com <a@example.com>',
    'A" <b@example.com>, "B <a@example.com>',
    'A <ü@example.com>',
  ])('%j is not a sender', (typed) => {
    expect(senderHeader(typed)).toBeUndefined()
  })
})
