#!/usr/bin/env node
// Runs the command on this Node, or where it is too old for TypeScript on the repository's own. Plain JavaScript for Node 20.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'

const NODE_MAJOR_MIN = 24
/** Exit codes above it name a signal, as shells have them. */
const SIGNALLED = 128
const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const ownNode = fileURLToPath(new URL('../../../node_modules/.bin/node', import.meta.url))

if (Number(process.versions.node.split('.')[0]) >= NODE_MAJOR_MIN) await import(main)
else if (existsSync(ownNode)) {
  // Ctrl-C ends the command, whose exit code is passed on.
  process.on('SIGINT', () => undefined)
  const { status, signal } = spawnSync(ownNode, [main, ...process.argv.slice(2)], { stdio: 'inherit' })
  process.exitCode = status ?? SIGNALLED + (signal === null ? 0 : constants.signals[signal])
} else {
  console.error(`floodgate needs Node ${NODE_MAJOR_MIN} or newer; this is ${process.version}.`)
  process.exitCode = 2
}
