import { describe, expect, it } from 'vitest'
import { objectsOf, template, templateAs } from './render-chart.ts'

const LONG = 'the-sale-of-the-century-in-all-shops-of-the-country'

const namesAs = async (release: string) =>
  objectsOf(await templateAs(release, 'small')).map(({ metadata }) => metadata.name)

describe('the names of the objects', () => {
  it.each([
    ['floodgate', 'floodgate-notifier'],
    ['floodgate2', 'floodgate2-notifier'],
    ['shop', 'shop-floodgate-notifier'],
  ])('of the release %s contain its name: %s', async (release, name) => {
    expect(await namesAs(release)).toContain(name)
  })

  it('of long releases fit, differ, and end in what the alerts look for', async () => {
    const [one, other] = [await namesAs(`${LONG}-a`), await namesAs(`${LONG}-b`)]
    expect(one.filter((name) => other.includes(name))).toEqual([])
    for (const name of one) expect(name.length).toBeLessThanOrEqual(63)
    expect(one).toContainEqual(expect.stringMatching(/^the-sale-.*floodgate-payment-worker$/))
  })

  it.each(['shop.v2', '2026-sale'])(
    'cannot be made of the release %s: no service may be called so',
    async (release) => {
      await expect(namesAs(release)).rejects.toThrow(`the release is called ${release}`)
    },
  )
})

describe('the ingress', () => {
  const hostsOf = async (publicUrl: string) =>
    objectsOf(await template('large', '--set', `publicUrl=${publicUrl}`))
      .filter(({ kind }) => kind === 'Ingress')
      .flatMap(({ spec }) => (spec as { rules: { host: string }[] }).rules.map(({ host }) => host))

  it('names hosts in lower case and without a port, as Kubernetes demands', async () => {
    expect(await hostsOf('https://Queue.shop.example:8443')).toEqual(['queue.shop.example'])
  })

  it.each(['https://10.0.0.1', 'https://[::1]:8443'])('cannot serve %s, an address', async (publicUrl) => {
    await expect(hostsOf(publicUrl)).rejects.toThrow('publicUrl: an ingress needs the name of a host, not its address')
  })
})
