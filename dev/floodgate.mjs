import { runWithOwnNode } from './bootstrap.mjs'

await runWithOwnNode('packages/command/src/main.ts')
