/** The four apps, by folder name. */
export const appNames = ['waiting-room', 'order-core', 'payment-worker', 'notifier'] as const
export type AppName = (typeof appNames)[number]

export const serverNames = ['postgres', 'redis', 'kafka'] as const
export type ServerName = (typeof serverNames)[number]

export type Bus = 'redis' | 'kafka'

type CamelCase<Name extends string> = Name extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Name

/** Converts `waiting-room` to the key `waitingRoom`. */
export function camelCase<Name extends string>(name: Name): CamelCase<Name> {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase()) as CamelCase<Name>
}

export function isAppName(name: string): name is AppName {
  return (appNames as readonly string[]).includes(name)
}
