import { readPass } from '@floodgate/admission/next'
import { headers } from 'next/headers'
import { notFound } from 'next/navigation'
import { gate } from '../../../gate.js'
import { itemOf } from '../../../items.js'

export default async function Checkout({ params, searchParams }) {
  const item = itemOf((await params).item)
  const verdict = await readPass(gate, await headers())
  // The gate lets HEAD through without a pass.
  if (item === undefined || verdict.kind !== 'valid') notFound()
  const seconds = Math.max(0, Math.round((verdict.pass.endsAt - Date.now()) / 1000))
  const { extensions = '0' } = await searchParams
  return (
    <>
      <h1>Checkout</h1>
      <p>
        {item.name}, {item.price}. Your turn ends in <b>{seconds}</b> seconds.
      </p>
      <form method="post" action={`/checkout/${item.id}/buy`}>
        <button type="submit">Buy now</button>
      </form>
      {extensions === 'none' ? (
        <p>You cannot get more time.</p>
      ) : (
        <form method="post" action={`/checkout/${item.id}/more-time?number=${Number(extensions) + 1}`}>
          <button type="submit">One more minute</button>
        </form>
      )}
    </>
  )
}
