// Generates the Prisma client into src/generated when the schema changed. Plain JavaScript for Node 20, because it runs
// before all other code of the project. Needs no network: it does not use the schema engine, which Prisma would
// download.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const schemaDirectory = join(here, '../../prisma')
const stampFile = join(here, 'src/generated/.schema-sha256')
const prismaManifest = createRequire(import.meta.url).resolve('prisma/package.json')

/** Resolves to whether it generated the client. Rejects with Prisma's output. */
export async function generateClient() {
  const stamp = schemaStamp()
  if (readOr(stampFile, '') === stamp) return false
  await runPrisma(['generate', '--schema', schemaDirectory, '--no-hints'])
  // Written last, so that an interrupted run is repeated.
  writeFileSync(stampFile, stamp)
  return true
}

function schemaStamp() {
  const hash = createHash('sha256').update(JSON.parse(readFileSync(prismaManifest, 'utf8')).version)
  const files = readdirSync(schemaDirectory).filter((name) => name.endsWith('.prisma'))
  for (const name of files.sort()) hash.update(`\0${name}\0`).update(readFileSync(join(schemaDirectory, name)))
  return hash.digest('hex')
}

function readOr(path, otherwise) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return otherwise
  }
}

function runPrisma(args) {
  const env = {
    ...process.env,
    PRISMA_SCHEMA_ENGINE_BINARY: '/bin/true',
    CHECKPOINT_DISABLE: '1',
    PRISMA_HIDE_UPDATE_MESSAGE: '1',
  }
  const cli = join(dirname(prismaManifest), 'build/index.js')
  const child = spawn(process.execPath, [cli, ...args], { cwd: here, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const output = []
  child.stdout.on('data', (chunk) => output.push(chunk))
  child.stderr.on('data', (chunk) => output.push(chunk))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      if (code === 0) resolve()
      else reject(new Error(`prisma ${args[0]} failed:\n${Buffer.concat(output).toString('utf8').trim()}`))
    })
  })
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const generated = await generateClient()
  console.log(generated ? 'Prisma client generated.' : 'Prisma client is up to date.')
}
