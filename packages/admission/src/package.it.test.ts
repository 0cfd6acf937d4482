import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { npmToolsDirectory } from '@floodgate/local-servers'
import { eventually } from '@floodgate/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTab, send } from './testing/browser.ts'
import { type FakeWaitingRoom, startFakeWaitingRoom } from './testing/fake-waiting-room.ts'
import { createProject, type Project } from './testing/platforms/project.ts'
import { readPrograms } from './testing/readme.ts'

const INSTALL_MS = 240_000
/** Pinned as in this tree. */
const SHOP_DEPENDENCIES = [
  ...['hono@4.13.19', '@hono/node-server@2.1.8', 'express@5.3.0', 'fastify@5.12.8'],
  ...['@types/express@5.0.6', '@types/node@24.10.1'],
]
const compiler = fileURLToPath(new URL('../../../node_modules/typescript/bin/tsc', import.meta.url))
const run = promisify(execFile)

/** The Node of `PACKAGE_NODE` alone, or each that the package supports: those of npm, and this one. */
const NODES = process.env.PACKAGE_NODE === undefined ? ['node20', 'node22', 'node24'] : ['PACKAGE_NODE']
const pathOf = (node: string, tools: string): string => {
  if (node === 'PACKAGE_NODE') return process.env.PACKAGE_NODE ?? ''
  return node === 'node24' ? process.execPath : join(tools, 'node_modules', node, 'bin/node')
}

const findFreePort = async () => {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  return port
}

/** The start is `createGate` without what it loads later; jose counts in neither. */
const SIZE_LIMITS = `
const common = { path, gzip: true, modifyEsbuildConfig: (config) => ({ ...config, format: 'esm' }) }
const external = ['jose', 'node:*']
const later = ['./slow-path.js', './revocations.js', './token-errors.js']
export default [
  { ...common, name: 'start', import: '{ createGate }', limit: '5 KiB', ignore: [...external, ...later] },
  { ...common, name: 'all', import: '*', limit: '11.5 KiB', ignore: external },
]
`

/** Runs what Next and a Worker's runtime would: their programs only export a handler. */
const RUN_FETCH = `
import { serve } from '@hono/node-server'
const { default: worker, proxy } = await import(process.argv[2])
const page = (response) => (response.headers.has('x-middleware-next') ? Response.json({ passed: true }) : response)
const fetch = worker?.fetch ?? (async (request) => page(await proxy(request)))
serve({ fetch, port: 8080 })
`

describe('the package, installed into an empty project', () => {
  let project: Project
  let room: FakeWaitingRoom
  let tools: string
  const programs = readPrograms()
  const ports = new Map<string, number>()

  beforeAll(async () => {
    tools = await npmToolsDirectory('packaging')
    room = await startFakeWaitingRoom()
    project = await createProject(tmpdir(), SHOP_DEPENDENCIES)
    for (const { framework, text } of programs) {
      const port = await findFreePort()
      ports.set(framework, port)
      const own = text.replaceAll('https://queue.example', room.url).replaceAll('8080', String(port))
      await writeFile(join(project.path, `${framework}.ts`), own)
      await writeFile(join(project.path, `run-${framework}.mjs`), RUN_FETCH.replaceAll('8080', String(port)))
    }
  }, INSTALL_MS)

  afterAll(async () => {
    room?.close()
    await project?.remove()
  })

  it('contains what it needs to run and nothing else', async () => {
    const installed = join(project.path, 'node_modules/@floodgate/admission')
    const files = await readdir(installed, { recursive: true })
    expect(files.filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))).toEqual([])
    expect(files.filter((name) => name.includes('test'))).toEqual([])
    const manifest = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8'))
    expect(Object.keys(manifest.dependencies)).toEqual(['jose'])
    expect(manifest.dependencies.jose).toMatch(/^\d/)
    expect(manifest.exports['.'].default).toBe('./dist/index.js')
    expect(manifest.imports['#plain-token'].default).toBe('./dist/plain-token-elsewhere.js')
  })

  it('type-checks every program of the README under the strictest options', async () => {
    const files = programs.map(({ framework }) => `${framework}.ts`)
    const options = ['--module', 'nodenext', '--target', 'es2022', '--types', 'node', '--strict', '--outDir', 'built']
    const strictest = ['--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess', '--skipLibCheck', 'false']
    await run(process.execPath, [compiler, ...files, ...options, ...strictest], { cwd: project.path })
  })

  it.each(NODES.flatMap((node) => programs.map(({ framework }) => [framework, node] as const)))(
    'runs the program for %s in %s: a buyer comes back and is let in',
    async (framework, node) => {
      const isHandler = framework === 'fetch' || framework === 'next'
      const file = isHandler ? [`run-${framework}.mjs`, `./built/${framework}.js`] : [`built/${framework}.js`]
      const shop = spawn(pathOf(node, tools), file, { cwd: project.path, stdio: 'inherit' })
      const exited = once(shop, 'exit')
      try {
        const url = `http://localhost:${ports.get(framework)}`
        const tab = createTab(url)
        const first = await eventually(() => tab.open('/checkout?a=1'))
        expect([first.status, first.location]).toEqual([
          303,
          `${room.url}/sales/demo?return=${encodeURIComponent(`${url}/checkout?a=1`)}`,
        ])
        expect((await send(url, '/checkout', { method: 'POST' })).json()).toMatchObject({ code: 'admission-missing' })
        const reply = await tab.follow(`/checkout?a=1&floodgate=${await room.handover(url)}`)
        expect([reply.status, reply.json()]).toEqual([
          200,
          framework === 'next' ? { passed: true } : { slot: 'slot-1' },
        ])
      } finally {
        shop.kill('SIGKILL')
        await exited
      }
    },
  )

  it('has at most 5 KB at its start, by size-limit, and 11.5 KB in all', async () => {
    // size-limit finds its plugins from where it runs.
    const directory = await mkdtemp(join(tools, 'size-limit-'))
    try {
      const plugins = { '@size-limit/esbuild': '*', '@size-limit/file': '*' }
      await writeFile(join(directory, 'package.json'), JSON.stringify({ type: 'module', dependencies: plugins }))
      const path = join(project.path, 'node_modules/@floodgate/admission/dist/index.js')
      await writeFile(join(directory, '.size-limit.js'), `const path = ${JSON.stringify(path)}\n${SIZE_LIMITS}`)
      // It ends with 1 where one is exceeded.
      await run(process.execPath, [join(tools, 'node_modules/.bin/size-limit')], { cwd: directory })
    } finally {
      await rm(directory, { recursive: true, force: true })
    }
  })

  it('is what publint, strict, and attw for ESM alone expect of a package', async () => {
    const bin = (name: string) => join(tools, 'node_modules/.bin', name)
    await run(process.execPath, [bin('publint'), 'run', '--strict', project.tarball])
    await run(process.execPath, [bin('attw'), '--profile', 'esm-only', project.tarball])
  })
})
