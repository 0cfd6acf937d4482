import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { workspaceFolders } from './workspace-folders.ts'

it('files that an older version left of a package are not a package', () => {
  const root = mkdtempSync(join(tmpdir(), 'floodgate-workspace-'))
  try {
    mkdirSync(join(root, 'apps/shop'), { recursive: true })
    writeFileSync(join(root, 'apps/shop/package.json'), '{}')
    mkdirSync(join(root, 'packages/gone/node_modules'), { recursive: true })
    writeFileSync(join(root, 'packages/README.md'), '')
    expect(workspaceFolders(root)).toEqual([join(root, 'apps/shop')])
  } finally {
    rmSync(root, { recursive: true })
  }
})
