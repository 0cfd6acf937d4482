import { expect, it } from 'vitest'
import { findTwoWayFolders } from './two-way-folders.ts'

const importing = (path: string) => `import { one } from '${path}'\n`

it('names two folders that import each other, and the imports of the lighter direction', () => {
  const files = new Map([
    ['apps/shop/src/stock/hold.ts', importing('../ledger/order.ts')],
    ['apps/shop/src/ledger/order.ts', importing('../stock/keys.ts')],
    ['apps/shop/src/ledger/pick.ts', `const stock = await import('../stock/keys.ts')`],
  ])
  expect(findTwoWayFolders(files)).toEqual([
    {
      folders: 'apps/shop/src: ledger, stock',
      imports: ['apps/shop/src/stock/hold.ts -> apps/shop/src/ledger/order.ts'],
    },
  ])
})

it('checks folders within folders, too', () => {
  const files = new Map([
    ['packages/bus/src/redis/read/page.ts', importing('../write/append.ts')],
    ['packages/bus/src/redis/write/append.ts', importing('../read/page.ts')],
  ])
  expect(findTwoWayFolders(files).map(({ folders }) => folders)).toEqual(['packages/bus/src/redis: read, write'])
})

it.each([
  ['one direction', 'apps/shop/src/stock/hold.ts', '../ledger/order.ts', 'apps/shop/src/ledger/order.ts', './pick.ts'],
  [
    'a test',
    'apps/shop/src/stock/hold.test.ts',
    '../ledger/order.ts',
    'apps/shop/src/ledger/order.ts',
    '../stock/keys.ts',
  ],
  ['a file beside a folder', 'apps/shop/src/app.ts', './ledger/order.ts', 'apps/shop/src/ledger/order.ts', '../app.ts'],
])('lets %s pass', (_, one, first, other, second) => {
  expect(
    findTwoWayFolders(
      new Map([
        [one, importing(first)],
        [other, importing(second)],
      ]),
    ),
  ).toEqual([])
})
