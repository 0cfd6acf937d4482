import { runWithOwnNode } from './bootstrap.mjs'
import { requireRedisAtHand } from './redis-at-hand.mjs'

if (!process.argv.includes('--help')) requireRedisAtHand()
await runWithOwnNode('dev/src/start/main.ts')
