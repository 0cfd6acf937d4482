import { runService } from '@floodgate/runtime'
import { createMailCatcher } from './app.ts'
import { definition } from './config.ts'

await runService({ definition, createApp: createMailCatcher })
