import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { eventually, type TemporaryDirectory, temporaryDirectory } from '@floodgate/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestIssuer, type TestIssuer } from './testing/issuer.ts'

const packageDirectory = fileURLToPath(new URL('..', import.meta.url))
const compiler = fileURLToPath(new URL('../../../node_modules/typescript/bin/tsc', import.meta.url))
/** pnpm packs, since npm applies neither `publishConfig.exports` nor the catalogue's versions. */
const pnpm = 'pnpm@12.21.0'
const INSTALL_MS = 180_000

const npmInstall = ['install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts']
const shopDependencies = ['hono@4.13.19', '@hono/node-server@2.1.8', '@types/node@24.10.1']

const run = promisify(execFile)

/** Returns the first TypeScript block of the README: what a shop would copy. */
const readExample = async () => {
  const readme = await readFile(join(packageDirectory, 'README.md'), 'utf8')
  const example = /```ts\n([\s\S]+?)```/.exec(readme)?.[1]
  if (example === undefined) throw new Error('The README has no example.')
  return example
}

const serveKeys = async (issuer: TestIssuer) => {
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(issuer.jwks))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

const portOf = (server: Server) => (server.address() as AddressInfo).port

const findFreePort = async () => {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const port = portOf(probe)
  await new Promise((resolve) => probe.close(resolve))
  return port
}

describe('the package, installed into an empty project', () => {
  let project: TemporaryDirectory
  let issuer: TestIssuer
  let keys: Server
  let shop: ChildProcess
  let shopUrl: string

  beforeAll(async () => {
    project = await temporaryDirectory()
    const tarball = join(project.path, 'floodgate-admission.tgz')
    await run(process.execPath, [compiler, '-p', 'tsconfig.build.json'], { cwd: packageDirectory })
    await run('npx', ['--yes', pnpm, 'pack', '--out', tarball], { cwd: packageDirectory })
    const manifest = { name: 'shop', private: true, type: 'module' }
    await writeFile(join(project.path, 'package.json'), JSON.stringify(manifest))
    await run('npm', [...npmInstall, tarball, ...shopDependencies], { cwd: project.path })
    await writeFile(join(project.path, 'shop.ts'), await readExample())

    issuer = await createTestIssuer()
    keys = await serveKeys(issuer)
  }, INSTALL_MS)

  afterAll(async () => {
    shop?.kill('SIGKILL')
    keys?.close()
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
  })

  it('type-checks the example of the README under the strictest options', async () => {
    const options = ['--module', 'nodenext', '--target', 'es2022', '--types', 'node', '--strict', '--outDir', 'built']
    const strictest = ['--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess', '--skipLibCheck', 'false']
    await run(process.execPath, [compiler, 'shop.ts', ...options, ...strictest], { cwd: project.path })
  })

  it('runs the example of the README: an admitted buyer may order', async () => {
    const port = await findFreePort()
    const env = { ...process.env, PORT: String(port), JWKS_URL: `http://127.0.0.1:${portOf(keys)}/jwks.json` }
    shop = spawn(process.execPath, ['built/shop.js'], { cwd: project.path, env, stdio: 'inherit' })
    shopUrl = `http://127.0.0.1:${port}/checkout/orders`
    const response = await eventually(async () => order(await issuer.sign(current())))
    expect(response.status).toBe(201)
    expect(await response.json()).toEqual({ buyer: 'buyer-1', slot: 'slot-1' })
  })

  it.each<[string, string, () => Promise<string | undefined>]>([
    ['nobody`s', 'admission-missing', async () => undefined],
    ['a forger`s', 'admission-invalid', async () => (await createTestIssuer()).sign(current())],
    ['an unsigned', 'admission-invalid', async () => issuer.unsigned(current())],
    ['another sale`s', 'admission-invalid', async () => issuer.sign({ ...current(), sale: 'other' })],
    ['an ended', 'admission-expired', async () => issuer.sign({ iat: 1, exp: 2 })],
  ])('and the running example refuses %s pass with %s', async (_, code, token) => {
    const response = await order(await token())
    expect(response.status).toBe(401)
    expect(await response.json()).toMatchObject({ code })
  })

  const order = (token: string | undefined) =>
    fetch(shopUrl, { method: 'POST', headers: token === undefined ? {} : { authorization: `Bearer ${token}` } })
})

const current = () => {
  const seconds = Math.floor(Date.now() / 1_000)
  return { iat: seconds, exp: seconds + 60 }
}
