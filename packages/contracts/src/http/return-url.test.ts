import { describe, expect, it } from 'vitest'
import { checkReturnUrl, RETURN_URL_CHARACTERS_MAX, withHandover } from './return-url.ts'

const SHOP = 'https://shop.example'
const ORIGINS = [SHOP, 'https://shop.example:8443', 'https://xn--mller-kva.example', 'http://localhost:3000']
const ofLength = (characters: number) => `${SHOP}/`.padEnd(characters, 'a')

describe('a return URL', () => {
  it.each([
    [SHOP, `${SHOP}/`],
    [`${SHOP}/`, `${SHOP}/`],
    [`${SHOP}?a=1`, `${SHOP}/?a=1`],
    [`${SHOP}#basket`, `${SHOP}/#basket`],
    [`${SHOP}/checkout?a=1&b=%2F%2Fevil.example#part`, `${SHOP}/checkout?a=1&b=%2F%2Fevil.example#part`],
    // Its path stays on the host, however it looks.
    [`${SHOP}//evil.example`, `${SHOP}//evil.example`],
    [`${SHOP}/\\evil.example`, `${SHOP}//evil.example`],
    [`${SHOP}/@evil.example`, `${SHOP}/@evil.example`],
    [`${SHOP}/%2F%2Fevil.example`, `${SHOP}/%2F%2Fevil.example`],
    [`${SHOP}?next=https://evil.example`, `${SHOP}/?next=https://evil.example`],
    [`${SHOP}/../../x`, `${SHOP}/x`],
    [`${SHOP}/상품`, `${SHOP}/%EC%83%81%ED%92%88`],
    [`${SHOP}:8443/a`, `${SHOP}:8443/a`],
    ['https://xn--mller-kva.example/a', 'https://xn--mller-kva.example/a'],
    ['http://localhost:3000/a', 'http://localhost:3000/a'],
    [ofLength(RETURN_URL_CHARACTERS_MAX), ofLength(RETURN_URL_CHARACTERS_MAX)],
  ])('%j leads to the shop', (value, href) => {
    expect(checkReturnUrl(value, ORIGINS)?.href).toBe(href)
  })

  it.each([
    // Another host.
    'https://evil.example/',
    '//evil.example',
    '\\\\evil.example',
    '/\\evil.example',
    '\\/evil.example',
    '///evil.example',
    'https:evil.example',
    'https:/evil.example',
    'https:\\\\evil.example',
    'https:///evil.example',
    'https://evil.example/https://shop.example',
    'https://evil.example?https://shop.example/',
    'https://evil.example#https://shop.example/',
    // A host that only begins with the shop's.
    'https://shop.example.evil.example/',
    'https://shop.exampleevil.example/',
    'https://shop.example-evil.example/',
    'https://shop.example.',
    'https://shop.example./',
    'https://shop.example%2eevil.example/',
    'https://shop.example%00.evil.example/',
    'https://shop.example\\.evil.example/',
    'https://shop.example\\@evil.example/',
    'https://evil.shop.example/',
    // A user before the host.
    'https://shop.example@evil.example/',
    'https://shop.example:8443@evil.example/',
    'https://shop.example:443@evil.example/',
    'https://shop.example:word@evil.example/',
    'https://user@shop.example/',
    'https://user:word@shop.example/',
    'https://@shop.example/',
    'https://shop.example%40evil.example/',
    'https://shop.example&@evil.example/',
    'https://shop.example;@evil.example/',
    // Another port or scheme.
    'https://shop.example:443/',
    'https://shop.example:8444/',
    'https://shop.example:84430/',
    'https://shop.example:/',
    'https://shop.example:0443/',
    'http://shop.example/',
    'http://localhost/',
    'http://localhost:3001/',
    'https://localhost:3000/',
    'ftp://shop.example/',
    'wss://shop.example/',
    'javascript:alert(1)',
    'javascript://shop.example/%0aalert(1)',
    'JaVaScRiPt:alert(1)',
    'java\tscript:alert(1)',
    'data:text/html,<script>alert(1)</script>',
    'vbscript:x',
    'blob:https://shop.example/7e3f',
    'filesystem:https://shop.example/x',
    'view-source:https://shop.example/',
    'about:blank',
    'file:///etc/passwd',
    // Spellings that a URL parser repairs.
    'HTTPS://shop.example/',
    'https://SHOP.example/',
    'https://Shop.Example/',
    'https:/shop.example/',
    'https:shop.example/',
    'https:\\\\shop.example/',
    ' https://shop.example/',
    '\u00a0https://shop.example/',
    '\ufeffhttps://shop.example/',
    '\thttps://shop.example/',
    'ht\ntps://shop.example/',
    'https://shop.\nexample/',
    'https://shop.example\n/',
    'https://shop.example/\r\nset-cookie: a=b',
    'https://shop.example/\u0000',
    'https://shop.example/\u007f',
    'https://shop.example/\u0085',
    'https://shop%2eexample/',
    'https://shop\u3002example/',
    'https://shop\uff0eexample/',
    'https://shop\uff61example/',
    'https://ｓhop.example/',
    'https://sh\u00adop.example/',
    'https://shop.example\u200b/',
    // Letters of other scripts: what browsers send is `xn--`.
    'https://müller.example/',
    'https://ѕhop.example/',
    // No absolute URL.
    '',
    '/',
    '/checkout',
    'checkout',
    '?a=1',
    '#a',
    'shop.example/',
    'null',
    'undefined',
    'https://',
    'https',
    encodeURIComponent(`${SHOP}/`),
    encodeURIComponent(encodeURIComponent(`${SHOP}/`)),
    `${SHOP},https://evil.example`,
    `${SHOP} https://evil.example`,
    // Too long, as it is written or as browsers serialize it.
    ofLength(RETURN_URL_CHARACTERS_MAX + 1),
    `${SHOP}/${'상'.repeat(300)}`,
  ])('%j is rejected', (value) => {
    expect(checkReturnUrl(value, ORIGINS)).toBeUndefined()
  })

  it.each([undefined, null, 1, true, {}, [], [`${SHOP}/`], { toString: () => `${SHOP}/` }])(
    'is a text: %j is rejected',
    (value) => {
      expect(checkReturnUrl(value, ORIGINS)).toBeUndefined()
    },
  )

  it('leads nowhere when the sale has no origins', () => {
    expect(checkReturnUrl(`${SHOP}/`, [])).toBeUndefined()
  })
})

describe('the handover', () => {
  it.each([
    ['/', '/?floodgate=A.B'],
    ['/?', '/?floodgate=A.B'],
    ['/a?b=1', '/a?b=1&floodgate=A.B'],
    ['/a?b=1#part', '/a?b=1&floodgate=A.B#part'],
    ['/a#part?b=1', '/a?floodgate=A.B#part?b=1'],
    // Kept byte for byte: their meaning is the shop's.
    ['/a?b=%20+%2B&c&=d&e==&%zz', '/a?b=%20+%2B&c&=d&e==&%zz&floodgate=A.B'],
    ['/a?&b=1&&', '/a?&b=1&&&floodgate=A.B'],
    ['/a?b=1;c=2', '/a?b=1;c=2&floodgate=A.B'],
    // Left by an earlier return, or by another party.
    ['/a?floodgate=old&b=1', '/a?b=1&floodgate=A.B'],
    ['/a?b=1&floodgate=old&floodgate', '/a?b=1&floodgate=A.B'],
    ['/a?%66loodgate=old&Floodgate=1&floodgate2=2', '/a?Floodgate=1&floodgate2=2&floodgate=A.B'],
  ])('is added to the query of %s', (path, expected) => {
    expect(withHandover(new URL(`${SHOP}${path}`), 'A.B')).toBe(`${SHOP}${expected}`)
  })
})
