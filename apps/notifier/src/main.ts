import { runService } from '@floodgate/service'
import { createApp } from './app.ts'
import { definition } from './config.ts'

await runService({ definition, createApp })
