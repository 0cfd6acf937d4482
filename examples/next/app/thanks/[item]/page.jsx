import { notFound } from 'next/navigation'
import { itemOf } from '../../../items.js'

export default async function Thanks({ params }) {
  const item = itemOf((await params).item)
  if (item === undefined) notFound()
  return (
    <>
      <h1>Thank you</h1>
      <p>You bought: {item.name}. The next buyer is let in.</p>
      <a href="/">Back to the shop</a>
    </>
  )
}
