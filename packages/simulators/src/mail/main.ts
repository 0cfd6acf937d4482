import { runService } from '@floodgate/service'
import { createMailCatcher } from './app.ts'
import { definition } from './config.ts'

await runService({ definition, createApp: createMailCatcher })
