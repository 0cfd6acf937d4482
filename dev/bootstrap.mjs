// Runs before every npm script on the machine's own Node (20 or newer). Installs the dependencies when they are
// missing or the lockfile changed, generates the Prisma client, and runs the repository's own Node. Plain JavaScript
// without dependencies, as nothing is installed yet.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { accessSync, constants, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const repository = join(dirname(fileURLToPath(import.meta.url)), '..')
const modules = join(repository, 'node_modules')
const stampFile = join(modules, '.floodgate-lockfile-sha256')
const nodeBinary = join(modules, 'node/bin/node')
const PNPM = 'pnpm@12.21.0'

/** Prepares the repository and runs `program` (from its root) with this process' arguments; exits with its exit code. */
export async function runWithOwnNode(program) {
  try {
    await prepare()
  } catch (error) {
    console.error(error.message)
    process.exit(1)
  }
  handOver(program)
}

async function prepare() {
  await withLock(async () => {
    if (!isInstalled()) await install()
    const { generateClient } = await import('../packages/database/generate.mjs')
    if (await generateClient()) console.error('✓ Prisma client')
  })
}

const lockfileHash = () =>
  createHash('sha256')
    .update(readFileSync(join(repository, 'pnpm-lock.yaml')))
    .digest('hex')

function isInstalled() {
  return exists(nodeBinary) && readOr(stampFile, '') === lockfileHash()
}

async function install() {
  console.error(`· installing dependencies (${PNPM}, once; about 15 s)`)
  const startedAt = Date.now()
  const output = []
  const code = await new Promise((done) => {
    const args = ['--yes', PNPM, 'install', '--frozen-lockfile', '--reporter=append-only']
    const npx = spawn('npx', args, {
      cwd: repository,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, CI: 'true' },
    })
    const said = (chunk) => {
      output.push(String(chunk))
      if (process.stderr.isTTY) process.stderr.write(`  ${lastLine(String(chunk)).slice(0, 100)}\x1b[K\r`)
    }
    npx.stdout.on('data', said)
    npx.stderr.on('data', said)
    npx.once('error', (error) => {
      output.push(error.message)
      done(127)
    })
    npx.once('close', done)
  })
  if (code !== 0) throw new Error(installFailure(code, output.join('')))
  writeFileSync(stampFile, lockfileHash())
  console.error(
    `✓ dependencies (${((Date.now() - startedAt) / 1000).toFixed(1)} s)${process.stderr.isTTY ? '\x1b[K' : ''}`,
  )
}

function installFailure(code, output) {
  return [
    '✗ The dependencies could not be installed',
    `  where: ${repository} (npx ${PNPM} install, exit code ${code})`,
    `  why:   ${likelyWhy(output)}`,
    `  run:   npx --yes ${PNPM} install --frozen-lockfile`,
    '',
    ...output
      .trim()
      .split('\n')
      .slice(-8)
      .map((line) => `  | ${line}`),
  ].join('\n')
}

function likelyWhy(output) {
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ECONNRESET/.test(output))
    return 'The package registry cannot be reached.'
  if (/ENOSPC/.test(output)) return 'The disk is full.'
  if (/EACCES|EPERM/.test(output)) return 'This user may not write here.'
  if (/OUTDATED_LOCKFILE/.test(output)) return 'A package.json was changed without pnpm-lock.yaml.'
  return 'The lines below are the last output of the installer.'
}

/**
 * Runs work under a lock: of two concurrent runs, one installs and the other waits. Takes over a lock whose holder has
 * exited.
 */
async function withLock(work) {
  const lock = join(repository, 'node_modules', '.floodgate-install-lock')
  mkdirSync(modules, { recursive: true })
  while (!tryLock(lock)) {
    const holder = Number(readOr(join(lock, 'pid'), ''))
    if (holder > 0 && !isAlive(holder)) rmSync(lock, { recursive: true, force: true })
    await delay(200)
  }
  try {
    await work()
  } finally {
    rmSync(lock, { recursive: true, force: true })
  }
}

function tryLock(lock) {
  try {
    mkdirSync(lock)
  } catch {
    return false
  }
  writeFileSync(join(lock, 'pid'), String(process.pid))
  return true
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/**
 * Runs the program as a child. Node cannot exec another program, so this process stays to forward signals, and exits
 * with its child. The IPC channel closes when this process is killed, which the child notices.
 */
function handOver(program) {
  const args = [join(repository, program), ...process.argv.slice(2)]
  const child = spawn(nodeBinary, args, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.once('error', (error) => {
    console.error(`✗ ${nodeBinary} cannot be run: ${error.message}\n  run:   rm -rf node_modules && npm start`)
    process.exit(1)
  })
  child.once('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 143)))
}

const lastLine = (text) => text.trim().split('\n').at(-1) ?? ''

function readOr(path, otherwise) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return otherwise
  }
}

function exists(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
