import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { bundle, writeProgram } from './bundle.ts'

export interface Platform {
  readonly url: string
  close(): Promise<void>
}

/** Where the platforms are installed, and a project below it that has the packed package. */
export interface Place {
  readonly tools: string
  readonly project: string
}

const run = promisify(execFile)
/** Next's build has been seen to take 40 s on two busy cores. */
const BUILD_MS_MAX = 240_000

export type PlatformName = 'workerd' | 'the edge runtime' | 'Next' | 'Next at the edge' | 'Bun' | 'Deno'

/** Starts a shop on each platform, whose requests name their options. */
export const PLATFORMS: Readonly<Record<PlatformName, (place: Place) => Promise<Platform>>> = {
  workerd: async ({ tools, project }) => {
    await writeProgram('worker', project)
    const script = await bundle(join(project, 'worker.js'), ['workerd', 'worker'], 'esm')
    const { Miniflare } = (await importTool(tools, 'miniflare/dist/src/index.js')) as MiniflareModule
    const options = { modules: true, script, compatibilityDate: '2026-07-01', host: '127.0.0.1', port: 0 }
    const miniflare = new Miniflare(options)
    const { origin } = await miniflare.ready
    return { url: origin, close: () => miniflare.dispose() }
  },
  'the edge runtime': async ({ tools, project }) => {
    await writeProgram('edge', project)
    const initialCode = await bundle(join(project, 'edge.js'), ['edge-light', 'worker'], 'iife')
    const { EdgeVM } = (await importTool(tools, '@edge-runtime/vm/dist/index.js')) as EdgeModule
    const machine = new EdgeVM({ initialCode })
    return serve((url, init) => machine.dispatchFetch(url, init))
  },
  Next: (place) => startNext(place, 'proxy'),
  'Next at the edge': (place) => startNext(place, 'middleware'),
  Bun: async ({ tools, project }) => {
    await writeProgram('bun', project)
    const program = join(tools, 'node_modules/bun/bin/bun')
    return listening(spawn(program, ['run', 'bun.js'], { cwd: project, stdio: ['ignore', 'pipe', 'inherit'] }))
  },
  Deno: async ({ tools, project }) => {
    await writeProgram('deno', project)
    const [program, rights] = [join(tools, 'node_modules/deno/deno'), ['--no-prompt', '--allow-net', '--allow-read']]
    const env = { ...process.env, DENO_DIR: join(project, '.deno'), DENO_NO_UPDATE_CHECK: '1', NO_COLOR: '1' }
    const child = spawn(program, ['run', ...rights, '--node-modules-dir=manual', 'deno.js'], {
      ...{ cwd: project, env },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    return listening(child)
  },
}

interface MiniflareModule {
  readonly Miniflare: new (options: object) => { readonly ready: Promise<URL>; dispose(): Promise<void> }
}

type Dispatch = (
  url: string,
  init: { method: string; headers: Record<string, string>; body?: string },
) => Promise<Response>

interface EdgeModule {
  readonly EdgeVM: new (options: { readonly initialCode: string }) => { readonly dispatchFetch: Dispatch }
}

const importTool = (tools: string, path: string): Promise<unknown> =>
  import(pathToFileURL(join(tools, 'node_modules', path)).href)

/** The app of Next has the gate in its proxy, and one route handler that reads the pass once more. */
const startNext = async ({ tools, project }: Place, file: 'proxy' | 'middleware'): Promise<Platform> => {
  const app = join(project, `next-${file}`)
  const route = 'app/[[...path]]'
  await mkdir(join(app, route), { recursive: true })
  await writeFile(join(app, 'package.json'), JSON.stringify({ private: true, type: 'module' }))
  await writeProgram(`next-${file}`, app, `${file}.js`)
  await writeProgram('next-route', app, `${route}/route.js`)
  // Without it, Next writes the queries of URLs anew: `%20` becomes `+`.
  const config = { skipProxyUrlNormalize: true, turbopack: { root: tools } }
  await writeFile(join(app, 'next.config.js'), `export default ${JSON.stringify(config)}\n`)
  const next = [join(tools, 'node_modules/next/dist/bin/next')]
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' } as const
  await run(process.execPath, [...next, 'build'], { cwd: app, env, timeout: BUILD_MS_MAX })
  const start = [...next, 'start', '--hostname', '127.0.0.1', '--port', '0']
  return listening(spawn(process.execPath, start, { cwd: app, env, stdio: ['ignore', 'pipe', 'inherit'] }))
}

/** Serves a machine that has `fetch` events and no port. */
const serve = async (dispatch: Dispatch): Promise<Platform> => {
  const server = createServer(async (request, response) => {
    const { method = 'GET', url = '/', headers } = request
    const text = Buffer.concat(await request.toArray()).toString()
    const pairs = Object.entries(headers).map(([name, value]) => [name, String(value)])
    const init = { method, headers: Object.fromEntries(pairs), ...(text !== '' && { body: text }) }
    const reply = await dispatch(`http://${headers.host}${url}`, init)
    response.statusCode = reply.status
    for (const [name, value] of reply.headers) response.appendHeader(name, value)
    response.end(await reply.text())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = async (): Promise<void> => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close }
}

/** Waits for the line in which a program prints its address. Rejects when it ends before. */
const listening = async (child: ChildProcess): Promise<Platform> => {
  const exited = Promise.withResolvers<void>()
  const found = Promise.withResolvers<string>()
  child.once('error', found.reject)
  child.once('exit', (code) => {
    exited.resolve()
    found.reject(new Error(`The program ended with ${code} before it listened.`))
  })
  if (child.stdout !== null)
    createInterface(child.stdout).on('line', (line) => {
      const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(line) ?? []
      if (url !== undefined) found.resolve(url)
    })
  return {
    url: await found.promise,
    close: async () => {
      child.kill('SIGKILL')
      await exited.promise
    },
  }
}
