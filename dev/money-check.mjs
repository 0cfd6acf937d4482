import { runWithOwnNode } from './bootstrap.mjs'

await runWithOwnNode('dev/src/money-check/main.ts')
