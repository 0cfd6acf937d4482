import { npmToolsDirectory } from '@floodgate/local-servers'
import { afterAll, beforeAll, describe } from 'vitest'
import { describeConformance, type PlatformTraits } from './testing/conformance.ts'
import { createProject, type Project } from './testing/platforms/project.ts'
import { PLATFORMS, type Platform, type PlatformName } from './testing/platforms/start.ts'
import { SHOP_OPTIONS_HEADER, type ShopOptions } from './testing/shop-options.ts'

const traitsOf = (name: PlatformName): PlatformTraits => ({ believesScheme: name.startsWith('Next') })

let tools: string
let project: Project
beforeAll(async () => {
  tools = await npmToolsDirectory('platforms')
  project = await createProject(tools)
})
afterAll(() => project?.remove())

describe.each(Object.keys(PLATFORMS) as PlatformName[])('behind the gate of the published package in %s', (name) => {
  let platform: Platform
  let shops = 0
  beforeAll(async () => {
    platform = await PLATFORMS[name]({ tools, project: project.path })
  })
  afterAll(() => platform?.close())

  describeConformance(async (options: ShopOptions) => {
    shops += 1
    // The number gives every shop a gate of its own.
    const headers = { [SHOP_OPTIONS_HEADER]: JSON.stringify({ ...options, number: shops }) }
    return { url: platform.url, headers, close: async () => undefined }
  }, traitsOf(name))
})
